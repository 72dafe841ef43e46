<?php
// Receives webhooks, verifies them, and replies to incoming messages: php -S 127.0.0.1:9000 receive.php
declare(strict_types=1);

require __DIR__ . '/client.php';

/** Whether a signature is valid and at most five minutes old (Standard Webhooks). */
function isGenuine(string $body): bool
{
    $id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
    $timestamp = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '0';
    $key = base64_decode(substr(getenv('WEBHOOK_SECRET'), strlen('whsec_')));
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $given) {
        if (hash_equals($expected, $given)) {
            return abs(time() - (int) $timestamp) <= 300;
        }
    }
    return false;
}

$body = file_get_contents('php://input');
if (!isGenuine($body)) {
    http_response_code(400);
    return;
}
$event = json_decode($body, true, flags: JSON_THROW_ON_ERROR);
$id = $event['data']['id'];
file_put_contents('php://stdout', "{$event['type']} $id\n");
if ($event['type'] === 'message.received') {
    // An event may arrive twice. Its id as the key prevents a second reply.
    call('POST', "/v1/messages/$id/reply", ['text' => 'Thank you, we got your message.'], $event['id']);
}
http_response_code(204); // only now: had the reply failed, the event would come again
