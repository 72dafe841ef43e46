-- The statements of retention: each removes a page of what is old and at its end.

-- name: retention_deliveries
-- about: deliveries that ended
-- params: after text, before text, count bigint
DELETE FROM work WHERE id IN (
  SELECT id FROM work WHERE id > :after AND id < :before AND due_at IS NULL AND claim = 0
  ORDER BY id LIMIT :count
)
RETURNING id

-- name: retention_needed
-- about: the oldest event that a pending delivery carries, or NULL; reads what is pending alone
-- slow: a receiver that is away may have many pending
SELECT MIN(subject) FROM (
  SELECT MIN(subject) AS subject FROM work WHERE sink = 'webhook' AND due_at IS NOT NULL AND claim <= 0
  UNION ALL SELECT MIN(subject) FROM work WHERE claim > 0 AND sink = 'webhook'
) pending

-- name: retention_note
-- about: a named value that only rises
-- params: key text, value text
INSERT INTO meta (key, value) VALUES (:key, :value)
ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE excluded.value > meta.value

-- name: retention_events
-- about: events whose message has ended, or is no more
-- params: after text, before text, ended_before bigint, count bigint
DELETE FROM events WHERE id IN (
  SELECT e.id FROM events e LEFT JOIN messages m ON m.id = e.message_id
  WHERE e.id > :after AND e.id < :before AND (m.id IS NULL OR m.done_at < :ended_before)
  ORDER BY e.id LIMIT :count
)
RETURNING id

-- name: retention_messages
-- about: messages that ended and on which nothing hangs that is still open, with what they were charged
-- params: after text, before text, ended_before bigint, count bigint
-- slow: some may have to stay, and are passed again in each round
SELECT m.id, m.version, m.account_id, m.currency, CAST(COALESCE(
  (SELECT SUM(l.charged) FROM ledger l WHERE l.message_id = m.id), 0
) AS bigint)
FROM messages m
WHERE m.id > :after AND m.id < :before AND m.done_at < :ended_before AND m.claim = 0
  AND NOT EXISTS (SELECT 1 FROM events e WHERE e.message_id = m.id)
  AND NOT EXISTS (SELECT 1 FROM work w WHERE w.subject = m.id AND w.sink = 'bind' AND w.due_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.message_id = m.id AND r.due_at IS NOT NULL)
  AND COALESCE((SELECT SUM(l.held) FROM ledger l WHERE l.message_id = m.id), 0) = 0
ORDER BY m.id LIMIT :count

-- name: retention_message
-- about: a guard: a message that has not changed since it was read
-- params: id text, version bigint
DELETE FROM messages WHERE id = :id AND version = :version

-- name: retention_attempts
-- params: message_id text
DELETE FROM attempts WHERE message_id = :message_id

-- name: retention_receipts
-- params: message_id text
DELETE FROM receipts WHERE message_id = :message_id

-- name: retention_ledger
-- params: message_id text
DELETE FROM ledger WHERE message_id = :message_id

-- name: retention_work_of
-- params: message_id text
DELETE FROM work WHERE subject = :message_id AND sink = 'bind'

-- name: retention_idempotency
-- params: message_id text
DELETE FROM idempotency WHERE message_id = :message_id

-- name: retention_carry
-- about: what removed messages of an account were charged in one currency
-- params: message_id text, kind text, account_id text, charged bigint, currency text, created_at bigint
INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, created_at)
VALUES (:message_id, :kind, :account_id, 0, :charged, :currency, :created_at)
ON CONFLICT (message_id, kind) DO UPDATE SET charged = ledger.charged + excluded.charged,
  created_at = excluded.created_at

-- name: retention_batches
-- about: calls of which no message is left
-- params: after text, before text, count bigint
DELETE FROM batches WHERE id IN (
  SELECT b.id FROM batches b
  WHERE b.id > :after AND b.id < :before AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.batch_id = b.id)
  ORDER BY b.id LIMIT :count
)
RETURNING id

-- name: retention_jobs
-- about: bulk work that is done
-- params: after text, ended_before bigint, count bigint
DELETE FROM jobs WHERE id IN (
  SELECT id FROM jobs WHERE id > :after AND done_at < :ended_before ORDER BY id LIMIT :count
)
RETURNING id

-- name: retention_refusals
-- about: what was refused long ago
-- params: after text, before text, count bigint
DELETE FROM refusals WHERE id IN (
  SELECT id FROM refusals WHERE id > :after AND id < :before ORDER BY id LIMIT :count
)
RETURNING id
