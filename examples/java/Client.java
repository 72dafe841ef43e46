import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/** One method for all calls of the API, and the Problem it throws. */
final class Client {
    private static final String URL = System.getenv().getOrDefault("ONESIXTY_URL", "http://127.0.0.1:8160");
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** A refused request. Use `code` in programs; `retryable` says whether the same request can succeed later. */
    static final class Problem extends RuntimeException {
        final String code;
        final boolean retryable;
        final Double retryAfter;

        Problem(Map<String, Object> problem, Double retryAfter) {
            super(problem.get("code") + ": " + problem.get("detail"));
            this.code = (String) problem.get("code");
            this.retryable = (Boolean) problem.get("retryable");
            this.retryAfter = retryAfter;
        }
    }

    /** Returns the decoded response. Throws Problem, or IOException if there is no response. `body` is JSON or null. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> call(String method, String path, String body, String idempotencyKey)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(URL + path))
            .timeout(Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + System.getenv("ONESIXTY_KEY"))
            .header("Content-Type", "application/json");
        if (idempotencyKey != null) {
            request.header("Idempotency-Key", idempotencyKey);
        }
        request.method(method, body == null
            ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        Map<String, Object> content = (Map<String, Object>) Json.parse(answer.body());
        if (answer.statusCode() >= 400) {
            throw new Problem(content, answer.headers().firstValue("Retry-After").map(Double::valueOf).orElse(null));
        }
        return content;
    }
}
