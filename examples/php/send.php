<?php
// Sends a message: php send.php TO TEXT
declare(strict_types=1);

require __DIR__ . '/client.php';

[, $to, $text] = $argv;
$message = call('POST', '/v1/sms/send', ['from' => 'YourBrand', 'to' => $to, 'text' => $text]);
echo "{$message['id']} {$message['status']}\n";
