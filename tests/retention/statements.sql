-- What the tests of retention look at.
-- name: count_rows
SELECT (SELECT COUNT(*) FROM messages), (SELECT COUNT(*) FROM events), (SELECT COUNT(*) FROM work WHERE sink = 'webhook'),
  (SELECT COUNT(*) FROM attempts), (SELECT COUNT(*) FROM ledger WHERE kind NOT LIKE 'carried:%'),
  (SELECT COUNT(*) FROM receipts)

-- name: ended
SELECT id, done_at IS NOT NULL FROM messages ORDER BY id

-- name: messages_with_events
SELECT DISTINCT message_id FROM events WHERE message_id IS NOT NULL ORDER BY message_id

-- name: charged
SELECT CAST(COALESCE(SUM(charged), 0) AS bigint) FROM ledger

-- name: left_behind
SELECT message_id FROM attempts WHERE message_id NOT IN (SELECT id FROM messages)
UNION ALL SELECT message_id FROM ledger WHERE kind NOT LIKE 'carried:%' AND message_id NOT IN (SELECT id FROM messages)
UNION ALL SELECT message_id FROM receipts
  WHERE message_id IS NOT NULL AND message_id NOT IN (SELECT id FROM messages)
UNION ALL SELECT subject FROM work WHERE sink = 'bind' AND subject NOT IN (SELECT id FROM messages)

-- name: end_deliveries
-- params: at bigint
UPDATE work SET status = 'delivered', due_at = NULL, claim = 0, done_at = :at WHERE sink = 'webhook'

-- name: touch
-- params: id text
UPDATE messages SET version = version + 1 WHERE id = :id
