import java.io.IOException;
import java.util.Map;

/** Sends a message and retries until there is a response, without sending twice: java Retry TO TEXT ORDER */
final class Retry {
    public static void main(String[] args) throws Exception {
        String body = Send.body(args[0], args[1]);
        System.out.println(sendOnce(body, "order-" + args[2] + "-paid", 5).get("id"));
    }

    /** The same key and body in every attempt create one message. */
    static Map<String, Object> sendOnce(String body, String key, int attempts) throws Exception {
        for (int attempt = 1; ; attempt++) {
            double pause = 0.5 * Math.pow(2, attempt);
            try {
                return Client.call("POST", "/v1/sms/send", body, key);
            } catch (Client.Problem problem) {
                if (!problem.retryable || attempt == attempts) {
                    throw problem;
                }
                pause = problem.retryAfter == null ? pause : problem.retryAfter;
            } catch (IOException noAnswer) { // it may have arrived, or not
                if (attempt == attempts) {
                    throw noAnswer;
                }
            }
            Thread.sleep((long) (1000 * pause));
        }
    }
}
