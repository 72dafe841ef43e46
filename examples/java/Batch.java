import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Sends one text to many recipients: java Batch TEXT TO TO ... */
final class Batch {
    @SuppressWarnings("unchecked")
    public static void main(String[] args) throws Exception {
        List<String> numbers = Arrays.asList(args).subList(1, args.length);
        String body = "{\"from\": \"YourBrand\", \"text\": " + Json.quote(args[0]) + ", \"to\": "
            + numbers.stream().map(Json::quote).collect(Collectors.joining(", ", "[", "]")) + "}";
        Map<String, Object> batch = Client.call("POST", "/v1/sms/batch", body, null);
        for (Map<String, Object> message : (List<Map<String, Object>>) batch.get("messages")) {
            System.out.println(numbers.get(index(message)) + " " + message.get("message_id"));
        }
        for (Map<String, Object> refusal : (List<Map<String, Object>>) batch.get("refusals")) {
            System.out.println(numbers.get(index(refusal)) + " " + refusal.get("code"));
        }
    }

    private static int index(Map<String, Object> row) {
        return ((Double) row.get("index")).intValue();
    }
}
