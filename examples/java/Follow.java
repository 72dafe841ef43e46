import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Follows a message to its end, then lists all messages to the same number: java Follow MESSAGE_ID */
final class Follow {
    private static final Set<String> WAITING = Set.of("scheduled", "queued", "held", "sent");

    @SuppressWarnings("unchecked")
    public static void main(String[] args) throws Exception {
        Map<String, Object> message;
        while (true) {
            message = Client.call("GET", "/v1/messages/" + args[0], null, null);
            System.out.println(message.get("id") + " " + message.get("status"));
            if (!WAITING.contains((String) message.get("status"))) {
                break;
            }
            Thread.sleep(500);
        }

        String query = "?limit=50&to=" + URLEncoder.encode((String) message.get("to"), StandardCharsets.UTF_8);
        String after = "";
        while (after != null) {
            Map<String, Object> page = Client.call("GET", "/v1/messages" + query + after, null, null);
            for (Map<String, Object> listed : (List<Map<String, Object>>) page.get("data")) {
                System.out.println(listed.get("created_at") + " " + listed.get("id") + " " + listed.get("status"));
            }
            after = page.get("next") == null ? null : "&after=" + page.get("next");
        }
    }
}
