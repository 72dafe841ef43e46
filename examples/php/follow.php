<?php
// Follows a message to its end, then lists all messages to the same number: php follow.php MESSAGE_ID
declare(strict_types=1);

require __DIR__ . '/client.php';

while (true) {
    $message = call('GET', "/v1/messages/{$argv[1]}");
    echo "{$message['id']} {$message['status']}\n";
    if (!in_array($message['status'], ['scheduled', 'queued', 'held', 'sent'], true)) {
        break;
    }
    usleep(500_000);
}

$query = ['to' => $message['to'], 'limit' => 50];
do {
    $page = call('GET', '/v1/messages?' . http_build_query($query));
    foreach ($page['data'] as $listed) {
        echo "{$listed['created_at']} {$listed['id']} {$listed['status']}\n";
    }
    $query['after'] = $page['next'];
} while ($page['next'] !== null);
