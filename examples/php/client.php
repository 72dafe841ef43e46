<?php
// One function for all calls of the API, and the Problem it throws.
declare(strict_types=1);

/** A refused request. Use `problem` in programs; `retryable` says whether the same request can succeed later. */
final class Problem extends RuntimeException
{
    public function __construct(
        public readonly string $problem,
        string $detail,
        public readonly bool $retryable,
        public readonly ?float $retryAfter,
    ) {
        parent::__construct("$problem: $detail");
    }
}

/** There is no response: the request may or may not have arrived. */
final class NoAnswer extends RuntimeException
{
}

/** Returns the decoded response. Throws Problem and NoAnswer. */
function call(string $method, string $path, ?array $body = null, ?string $idempotencyKey = null): array
{
    $headers = ['Authorization: Bearer ' . getenv('ONESIXTY_KEY'), 'Content-Type: application/json'];
    if ($idempotencyKey !== null) {
        $headers[] = "Idempotency-Key: $idempotencyKey";
    }
    $options = ['method' => $method, 'header' => $headers, 'timeout' => 30, 'ignore_errors' => true];
    if ($body !== null) {
        $options['content'] = json_encode($body, JSON_THROW_ON_ERROR);
    }
    $url = getenv('ONESIXTY_URL') ?: 'http://127.0.0.1:8160';
    $content = @file_get_contents($url . $path, false, stream_context_create(['http' => $options]));
    if ($content === false || $content === '') {
        throw new NoAnswer("no answer from $url");
    }
    $answer = json_decode($content, true, flags: JSON_THROW_ON_ERROR);
    if ((int) explode(' ', $http_response_header[0])[1] < 400) {
        return $answer;
    }
    $pauses = preg_grep('/^Retry-After:/i', $http_response_header);
    $pause = $pauses ? (float) explode(':', reset($pauses))[1] : null;
    throw new Problem($answer['code'], $answer['detail'], $answer['retryable'], $pause);
}
