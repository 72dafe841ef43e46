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

-- name: messages_of
SELECT id FROM messages WHERE account_id = :account_id ORDER BY id

-- name: charged_by_account
SELECT account_id, CAST(SUM(charged) AS bigint) FROM ledger GROUP BY account_id ORDER BY account_id

-- name: closing
SELECT kind, charged FROM ledger WHERE message_id = :account_id ORDER BY kind

-- name: bodies
SELECT account_id, id, text FROM messages ORDER BY id

-- name: spend
-- params: message_id text, slice bigint
UPDATE ledger SET slice = :slice WHERE message_id = :message_id

-- name: open_slice
-- params: id bigint, account_id text
INSERT INTO credit_slices (id, account_id, lease, taken, created_at) VALUES (:id, :account_id, 1, 0, 0)

-- name: close_slice
-- params: id bigint
DELETE FROM credit_slices WHERE id = :id

-- name: pages @sqlite
SELECT (SELECT page_count FROM pragma_page_count), (SELECT freelist_count FROM pragma_freelist_count)

-- name: pages @postgresql
SELECT 0, 0
