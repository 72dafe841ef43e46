<?php
// Sends a message and retries until there is a response, without sending twice: php retry.php TO TEXT ORDER
declare(strict_types=1);

require __DIR__ . '/client.php';

/** The same key and body in every attempt create one message. */
function sendOnce(array $body, string $key, int $attempts = 5): array
{
    for ($attempt = 1; ; $attempt++) {
        try {
            return call('POST', '/v1/sms/send', $body, $key);
        } catch (Problem | NoAnswer $error) {
            if ($attempt === $attempts || ($error instanceof Problem && !$error->retryable)) {
                throw $error;
            }
            $asked = $error instanceof Problem ? $error->retryAfter : null;
            usleep((int) (1e6 * ($asked ?? 0.5 * 2 ** $attempt)));
        }
    }
}

[, $to, $text, $order] = $argv;
$message = sendOnce(['from' => 'YourBrand', 'to' => $to, 'text' => $text], "order-$order-paid");
echo "{$message['id']}\n";
