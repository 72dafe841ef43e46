-- The statements of webhook endpoints beside those of their table. A row without URL holds an account's secret for status callbacks.

-- name: webhook_secret
-- tells: webhooks
-- about: a guard: the secrets that sign, newest first; lost when somebody else changed them meanwhile
-- params: id text, old_secret text, secret text
UPDATE webhooks SET secret = :secret, version = version + 1 WHERE id = :id AND secret = :old_secret

-- name: webhook_secret_of
-- about: the secrets of one row
-- params: id text
SELECT secret FROM webhooks WHERE id = :id

-- name: deliveries_of_endpoint
-- about: a page of what was delivered to an endpoint
-- params: endpoint_id text, after text, any_status bigint, status text, count bigint
SELECT d.id, d.event_id, e.type, e.message_id, d.status, d.tries, d.due_at, d.created_at, d.expires_at,
  d.done_at, d.response_status, d.error
FROM deliveries d JOIN events e ON e.id = d.event_id
WHERE d.endpoint_id = :endpoint_id AND d.id < :after AND (:any_status = 1 OR d.status = :status)
ORDER BY d.id DESC LIMIT :count

-- name: events_to_replay
-- about: named events of one account and mode
-- params: account_id text, test bigint, ids text[]
SELECT id FROM events WHERE id IN (:ids...) AND account_id = :account_id AND test = :test ORDER BY id

-- name: deliveries_to_replay
-- about: the events of a range of time that were meant for an endpoint; pending ones are on their way anyhow
-- params: endpoint_id text, first text, since text, until text, any_status bigint, count bigint
SELECT event_id FROM deliveries
WHERE endpoint_id = :endpoint_id AND id >= :first  -- no delivery is older than its event
  AND status <> 'pending' AND event_id >= :since AND event_id < :until
GROUP BY event_id
HAVING :any_status = 1 OR MAX(CASE status WHEN 'delivered' THEN 1 ELSE 0 END) = 0
ORDER BY event_id LIMIT :count

-- name: events_after
-- about: what the live feed reads again: events between two ids, oldest first
-- params: account_id text, test bigint, after text, until text, count bigint
SELECT id, type, created_at, sequence, message_id, data FROM events
WHERE id > :after AND id < :until AND account_id = :account_id AND test = :test
ORDER BY id LIMIT :count
