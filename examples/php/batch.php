<?php
// Sends one text to many recipients: php batch.php TEXT TO TO ...
declare(strict_types=1);

require __DIR__ . '/client.php';

$text = $argv[1];
$numbers = array_slice($argv, 2);
$batch = call('POST', '/v1/sms/batch', ['from' => 'YourBrand', 'to' => $numbers, 'text' => $text]);
foreach ($batch['messages'] as $message) {
    echo "{$numbers[$message['index']]} {$message['message_id']}\n";
}
foreach ($batch['refusals'] as $refusal) {
    echo "{$numbers[$refusal['index']]} {$refusal['code']}\n";
}
