import java.util.Map;

/** Sends a message: java Send TO TEXT */
final class Send {
    public static void main(String[] args) throws Exception {
        Map<String, Object> message = Client.call("POST", "/v1/sms/send", body(args[0], args[1]), null);
        System.out.println(message.get("id") + " " + message.get("status"));
    }

    static String body(String to, String text) {
        return "{\"from\": \"YourBrand\", \"to\": " + Json.quote(to) + ", \"text\": " + Json.quote(text) + "}";
    }
}
