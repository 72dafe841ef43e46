import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Receives webhooks, verifies them, and replies to incoming messages. */
final class Receive {
    private static final byte[] SECRET =
        Base64.getDecoder().decode(System.getenv("WEBHOOK_SECRET").substring("whsec_".length()));

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "9000"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", Receive::take);
        server.start();
    }

    @SuppressWarnings("unchecked")
    private static void take(HttpExchange exchange) throws IOException {
        int status = 500; // the event comes again
        try {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (!isGenuine(exchange.getRequestHeaders(), body)) {
                status = 400;
                return;
            }
            Map<String, Object> event = (Map<String, Object>) Json.parse(new String(body, StandardCharsets.UTF_8));
            String id = (String) ((Map<String, Object>) event.get("data")).get("id");
            System.out.println(event.get("type") + " " + id);
            if (event.get("type").equals("message.received")) {
                // An event may arrive twice. Its id as the key prevents a second reply.
                String reply = "{\"text\": \"Thank you, we got your message.\"}";
                Client.call("POST", "/v1/messages/" + id + "/reply", reply, (String) event.get("id"));
            }
            status = 204;
        } catch (Exception failure) {
            failure.printStackTrace();
        } finally {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        }
    }

    /** Whether a signature is valid and at most five minutes old (Standard Webhooks). */
    private static boolean isGenuine(Headers headers, byte[] body) throws Exception {
        String timestamp = headers.getFirst("webhook-timestamp");
        String signatures = headers.getFirst("webhook-signature");
        if (timestamp == null || !timestamp.matches("\\d{1,12}") || signatures == null
            || Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(timestamp)) > 300) {
            return false;
        }
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
        mac.update((headers.getFirst("webhook-id") + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        byte[] expected = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes();
        for (String given : signatures.split(" ")) {
            if (MessageDigest.isEqual(expected, given.getBytes())) {
                return true;
            }
        }
        return false;
    }
}
