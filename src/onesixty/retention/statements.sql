-- The statements of retention: each removes a page of what is old and at its end.

-- fragment: in_group
-- about: whether an account is among those that share a time; the largest group are those that are not listed
(:among = 1) = (account_id IN (:accounts...))

-- fragment: message_in_group
-- about: as in_group, for a message
(:among = 1) = (m.account_id IN (:accounts...))

-- name: retention_deliveries
-- about: deliveries that ended
-- params: after text, before text, count bigint, among bigint, accounts text[]
DELETE FROM work WHERE id IN (
  SELECT id FROM work WHERE id > :after AND id < :before AND due_at IS NULL AND claim = 0 AND {in_group}
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
-- params: after text, before text, ended_before bigint, count bigint, among bigint, accounts text[]
DELETE FROM events WHERE id IN (
  SELECT e.id FROM events e LEFT JOIN messages m ON m.id = e.message_id
  WHERE e.id > :after AND e.id < :before AND (m.id IS NULL OR m.done_at < :ended_before)
    AND (:among = 1) = (e.account_id IN (:accounts...))
  ORDER BY e.id LIMIT :count
)
RETURNING id

-- name: retention_messages
-- about: messages that ended and on which nothing hangs that is still open, with what they were charged
-- params: after text, before text, ended_before bigint, inbound bigint, count bigint, among bigint, accounts text[]
-- slow: some may have to stay, and are passed again now and then
SELECT m.id, m.version, m.account_id, m.currency, CAST(COALESCE(
  (SELECT SUM(l.charged) FROM ledger l WHERE l.message_id = m.id AND l.account_id = m.account_id), 0
) AS bigint), m.created_at
FROM messages m
WHERE (:inbound = 1) = (m.direction = 'inbound') AND {message_in_group}
  AND m.id > :after AND m.id < :before AND m.done_at < :ended_before AND m.claim = 0
  AND NOT EXISTS (SELECT 1 FROM events e WHERE e.message_id = m.id)
  AND NOT EXISTS (SELECT 1 FROM work w WHERE w.subject = m.id AND w.sink = 'bind' AND w.due_at IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.message_id = m.id AND r.due_at IS NOT NULL)
  AND COALESCE((SELECT SUM(l.held) FROM ledger l WHERE l.message_id = m.id), 0) = 0
  AND NOT EXISTS (
    SELECT 1 FROM ledger l WHERE l.message_id = m.id AND l.slice IS NOT NULL
      AND (l.slice = 0 OR EXISTS (SELECT 1 FROM credit_slices s WHERE s.id = l.slice))
  )
ORDER BY m.id LIMIT :count

-- name: retention_above
-- about: what accounts above their own were charged for messages that are to be removed
-- params: ids text[]
SELECT l.account_id, l.currency, CAST(SUM(l.charged) AS bigint), m.created_at
FROM ledger l JOIN messages m ON m.id = l.message_id
WHERE l.message_id IN (:ids...) AND l.kind LIKE '@%'
GROUP BY l.account_id, l.currency, m.created_at

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

-- name: retention_statistics
-- about: what the message may still be moved from in the statistics; the boxes keep it
-- params: message_id text
DELETE FROM statistics_open WHERE message_id = :message_id

-- name: retention_idempotency
-- params: message_id text
DELETE FROM idempotency WHERE message_id = :message_id

-- name: retention_carry
-- about: what removed messages of an account were charged in one currency, by the day of their acceptance
-- params: message_id text, kind text, account_id text, charged bigint, currency text, created_at bigint
INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, created_at)
VALUES (:message_id, :kind, :account_id, 0, :charged, :currency, :created_at)
ON CONFLICT (message_id, kind) DO UPDATE SET charged = ledger.charged + excluded.charged

-- name: retention_batches
-- about: calls of which no message is left
-- params: after text, before text, count bigint, among bigint, accounts text[]
DELETE FROM batches WHERE id IN (
  SELECT b.id FROM batches b
  WHERE b.id > :after AND b.id < :before AND (:among = 1) = (b.account_id IN (:accounts...)) AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.batch_id = b.id)
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
-- params: after text, before text, count bigint, among bigint, accounts text[]
DELETE FROM refusals WHERE id IN (
  SELECT id FROM refusals WHERE id > :after AND id < :before AND {in_group} ORDER BY id LIMIT :count
)
RETURNING id

-- name: retention_old_receipts
-- about: matched receipts of messages that ended, by the messages; the outcome is in the attempts
-- params: after text, before text, ended_before bigint, count bigint, among bigint, accounts text[]
DELETE FROM receipts WHERE id IN (
  SELECT r.id FROM receipts r JOIN messages m ON m.id = r.message_id
  WHERE r.id > :after AND r.id < :before AND r.due_at IS NULL AND m.done_at < :ended_before AND {message_in_group}
  ORDER BY r.id LIMIT :count
)
RETURNING id

-- name: retention_bodies
-- about: messages that ended and still have text and number
-- params: after text, before text, ended_before bigint, count bigint, among bigint, accounts text[]
-- slow: some may have to stay, and are passed again now and then
SELECT id, account_id, test FROM messages
WHERE id > :after AND id < :before AND done_at < :ended_before AND redacted_at IS NULL AND {in_group}
ORDER BY id LIMIT :count

-- name: retention_left_bodies
-- about: the oldest message that was passed and still has its body
-- params: after text, before text, among bigint, accounts text[]
SELECT id FROM messages WHERE id > :after AND id < :before AND redacted_at IS NULL AND {in_group} ORDER BY id LIMIT 1

-- name: retention_left_messages
-- about: the oldest message that was passed and has to stay
-- params: after text, before text, inbound bigint, among bigint, accounts text[]
SELECT id FROM messages
WHERE id > :after AND id < :before AND (:inbound = 1) = (direction = 'inbound') AND {in_group} ORDER BY id LIMIT 1

-- name: retention_left_events
-- about: the oldest event that was passed and has to stay
-- params: after text, before text, among bigint, accounts text[]
SELECT id FROM events WHERE id > :after AND id < :before AND {in_group} ORDER BY id LIMIT 1

-- name: retention_left_deliveries
-- about: the oldest delivery that was passed and has to stay
-- params: after text, before text, among bigint, accounts text[]
SELECT id FROM work WHERE id > :after AND id < :before AND {in_group} ORDER BY id LIMIT 1

-- name: retention_left_batches
-- about: the oldest call that was passed and has to stay
-- params: after text, before text, among bigint, accounts text[]
SELECT id FROM batches WHERE id > :after AND id < :before AND {in_group} ORDER BY id LIMIT 1

-- name: retention_floors_all
-- about: from where on rows of a kind and time may be left
SELECT kind, days, floor FROM retention_floors ORDER BY kind, days

-- name: retention_floor
-- about: how far rows of a kind and time are gone; another node may be ahead
-- params: kind text, days bigint, floor text
INSERT INTO retention_floors (kind, days, floor) VALUES (:kind, :days, :floor)
ON CONFLICT (kind, days) DO UPDATE SET floor = excluded.floor WHERE excluded.floor > retention_floors.floor

-- name: retention_floor_reset
-- about: an account joins those with this time, and may have older rows
-- params: kind text, days bigint
DELETE FROM retention_floors WHERE kind = :kind AND days = :days

-- name: retention_rules_count
-- about: how often the rules were changed
SELECT rules FROM retention_marks WHERE account_id = '' AND kind = 'messages'

-- name: retention_rules_changed
-- about: the rules change: rounds that began before take no further mark
-- params: account_id text
UPDATE retention_marks SET rules = rules + 1 WHERE account_id = :account_id

-- name: retention_mark_begin
-- about: an account gets times of its own: what is gone of it so far is what is gone of all
-- params: account_id text
INSERT INTO retention_marks (account_id, kind, gone, rules)
SELECT :account_id, kind, gone, 0 FROM retention_marks WHERE account_id = ''
ON CONFLICT (account_id, kind) DO NOTHING

-- name: retention_mark_all
-- about: a guard: messages accepted before `gone` may be gone, of all accounts without a mark of their own; lost when
--   the rules changed
-- params: kind text, gone bigint, rules bigint
UPDATE retention_marks SET gone = CASE WHEN :gone > gone THEN :gone ELSE gone END
WHERE account_id = '' AND kind = :kind AND rules = :rules

-- name: retention_mark
-- about: messages of an account accepted before `gone` may be gone
-- params: account_id text, kind text, gone bigint
INSERT INTO retention_marks (account_id, kind, gone, rules) VALUES (:account_id, :kind, :gone, 0)
ON CONFLICT (account_id, kind) DO UPDATE SET gone = excluded.gone WHERE excluded.gone > retention_marks.gone

-- name: retention_gone
-- about: the time before which messages of an account may be gone
-- params: account_id text, kind text
SELECT gone FROM retention_marks WHERE account_id IN (:account_id, '') AND kind = :kind ORDER BY account_id DESC LIMIT 1
