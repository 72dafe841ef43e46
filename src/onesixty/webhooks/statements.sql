-- The statements of events, their deliveries, and webhook endpoints. A row of `webhooks` without URL holds an account's
-- secret for status callbacks.

-- name: event_insert
-- notes: message_id in changed
-- about: an event, as core/event_body.py says: with a `state`, `data` is only for those who see the commit
-- params: id text, account_id text, message_id text, type text, sequence bigint, test bigint, data text,
-- params: created_at bigint, state text
INSERT INTO events (id, account_id, message_id, type, sequence, test, data, created_at, state)
VALUES (
  :id, :account_id, :message_id, :type, :sequence, :test, CASE WHEN :state IS NULL THEN :data ELSE '' END,
  :created_at, :state
)

-- name: event_redact
-- about: takes text and number out of the events of a message that keep them
-- params: message_id text, redacted_at text
UPDATE events SET data = json_set(
  json_remove(
    data, '$.text', '$.binary', '$.udh', '$.own', '$.notices',
    CASE type WHEN 'message.received' THEN '$.from' ELSE '$.to' END
  ),
  '$.redacted_at', :redacted_at
)
WHERE message_id = :message_id AND state IS NULL

-- name: event_redact @postgresql
-- about: takes text and number out of the events of a message that keep them
-- params: message_id text, redacted_at text
UPDATE events SET data = CAST(
  CAST(data AS jsonb) - 'text' - 'binary' - 'udh' - 'own' - 'notices'
    - CASE type WHEN 'message.received' THEN 'from' ELSE 'to' END
    || jsonb_build_object('redacted_at', :redacted_at)
AS text)
WHERE message_id = :message_id AND state IS NULL

-- name: delivery_insert
-- about: an event on its way to one receiver; claimed by this process if it has room for it
-- params: id text, subject text, account_id text, lane text, target text, claim bigint, created_at bigint,
--   expires_at bigint
INSERT INTO work (
  id, sink, subject, account_id, lane, target, status, tries, claim, due_at, created_at, expires_at
) VALUES (
  :id, 'webhook', :subject, :account_id, :lane, :target, 'pending', 0, :claim, :created_at, :created_at, :expires_at
)

-- name: events_bodies
-- about: what the bodies of events are made of, in the order of `event_body.told`
-- params: ids text[]
SELECT e.id, e.type, e.created_at, e.sequence, e.message_id, e.data, e.state, m.*
FROM events e LEFT JOIN messages m ON m.id = e.message_id WHERE e.id IN (:ids...)

-- name: webhooks_all
-- about: all endpoints, for memory
SELECT id, account_id, url, events, secret, enabled, test, paused_at, failing_since FROM webhooks ORDER BY id

-- name: webhook_insert
-- tells: webhooks
-- about: a new endpoint, or the callback secret of an account unless it has one
-- params: id text, account_id text, url text, events text, secret text, enabled bigint, description text,
-- params: test bigint, created_at bigint, paused_at bigint, paused_reason text, failing_since bigint
INSERT INTO webhooks (
  id, account_id, url, events, secret, enabled, description, test, created_at, paused_at, paused_reason,
  failing_since
) VALUES (
  :id, :account_id, :url, :events, :secret, :enabled, :description, :test, :created_at, :paused_at,
  :paused_reason, :failing_since
)
ON CONFLICT (id) DO UPDATE SET secret = excluded.secret WHERE webhooks.secret = ''

-- name: webhook_failing
-- about: since when an endpoint has been failing; NULL when it is well
-- params: id text, failing_since bigint
UPDATE webhooks SET failing_since = :failing_since WHERE id = :id

-- name: webhook_pause
-- about: attempts stop, apart from a trial now and then; rows go on
-- params: id text, paused_at bigint, paused_reason text
UPDATE webhooks SET paused_at = :paused_at, paused_reason = :paused_reason WHERE id = :id AND paused_at IS NULL

-- name: webhook_well
-- about: an endpoint took a delivery again
-- params: id text
UPDATE webhooks SET paused_at = NULL, paused_reason = NULL, failing_since = NULL WHERE id = :id

-- name: webhook_gone
-- tells: webhooks
-- about: an endpoint answered 410: it wants no more
-- params: id text, paused_reason text
UPDATE webhooks SET enabled = 0, paused_reason = :paused_reason, version = version + 1 WHERE id = :id

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
-- params: endpoint_id text, first text, after text, any_status bigint, status text, any_type bigint, types text[],
--   created_after bigint, created_before bigint, count bigint
-- slow: it reads at most a slice
SELECT d.id, d.subject, e.type, e.message_id, d.status, d.tries, d.due_at, d.created_at, d.expires_at,
  d.done_at, d.code, d.error
FROM work d JOIN events e ON e.id = d.subject
WHERE d.sink = 'webhook' AND d.target IS NULL AND d.lane = :endpoint_id AND d.id >= :first AND d.id < :after
  AND (:any_status = 1 OR d.status = :status) AND (:any_type = 1 OR e.type IN (:types...))
  AND d.created_at >= :created_after AND d.created_at < :created_before
ORDER BY d.id DESC LIMIT :count

-- name: delivery_attempt_put
-- about: an attempt with what was answered, in place of an earlier one. Nothing of the answer if the message is redacted
-- params: id text, delivery_id text, attempt bigint, lane text, message_id text, at bigint, milliseconds bigint,
--   url text, status bigint, error text, headers text, body text
INSERT INTO delivery_attempts (
  id, delivery_id, attempt, lane, message_id, at, milliseconds, url, status, error, headers, body
) VALUES (
  :id, :delivery_id, :attempt, :lane, :message_id, :at, :milliseconds, :url, :status, :error,
  CASE WHEN EXISTS (SELECT 1 FROM messages WHERE messages.id = :message_id AND messages.redacted_at IS NOT NULL)
    THEN NULL ELSE :headers END,
  CASE WHEN EXISTS (SELECT 1 FROM messages WHERE messages.id = :message_id AND messages.redacted_at IS NOT NULL)
    THEN NULL ELSE :body END
)
ON CONFLICT (id) DO UPDATE SET delivery_id = excluded.delivery_id, attempt = excluded.attempt,
  message_id = excluded.message_id, at = excluded.at, milliseconds = excluded.milliseconds, url = excluded.url,
  status = excluded.status, error = excluded.error, headers = excluded.headers, body = excluded.body

-- name: delivery_attempts_redact
-- about: what receivers answered may quote the message
-- params: message_id text
UPDATE delivery_attempts SET headers = NULL, body = NULL WHERE message_id = :message_id

-- name: delivery_attempts_forget
-- about: the sweep: deletes attempts of more than 7 days ago
-- params: now bigint
DELETE FROM delivery_attempts WHERE at < :now - 604800000

-- name: delivery_attempts_of
-- about: what is kept of the attempts of a delivery
-- params: delivery_id text
SELECT attempt, at, milliseconds, url, status, error, headers, body FROM delivery_attempts
WHERE delivery_id = :delivery_id ORDER BY attempt, at

-- name: webhook_figures_add
-- params: webhook_id text, hour bigint, outcome text, bucket bigint, count bigint
INSERT INTO webhook_figures (webhook_id, hour, outcome, bucket, count)
VALUES (:webhook_id, :hour, :outcome, :bucket, :count)
ON CONFLICT (webhook_id, hour, outcome, bucket) DO UPDATE SET count = webhook_figures.count + excluded.count

-- name: webhook_figures_of
-- params: webhook_id text, since bigint, until bigint
SELECT hour, outcome, bucket, count FROM webhook_figures
WHERE webhook_id = :webhook_id AND hour >= :since AND hour < :until ORDER BY hour

-- name: webhook_figures_forget
-- about: the sweep: deletes figures of more than 30 days ago
-- params: now bigint
DELETE FROM webhook_figures WHERE hour < :now - 2592000000

-- name: deliveries_waiting
-- about: how many deliveries of an endpoint wait, up to a number, and since when the first of them
-- params: lane text, most bigint
SELECT COUNT(*), MIN(created_at) FROM (
  SELECT created_at FROM work
  WHERE sink = 'webhook' AND lane = :lane AND due_at IS NOT NULL AND claim <= 0 ORDER BY due_at LIMIT :most
) w

-- name: delivery_get
-- about: one delivery of an account and mode
-- params: id text, account_id text, test bigint
SELECT d.id, d.subject, e.type, e.message_id, d.status, d.tries, d.due_at, d.created_at, d.expires_at,
  d.done_at, d.code, d.error, d.lane, d.target
FROM work d JOIN events e ON e.id = d.subject
WHERE d.id = :id AND d.sink = 'webhook' AND d.account_id = :account_id AND e.test = :test

-- name: delivery_replayed
-- about: marks a delivery as a repeated one
-- params: id text
UPDATE work SET kind = 'replay' WHERE id = :id

-- name: deliveries_repeated
-- about: the repeated deliveries of an event
-- params: event_id text
SELECT d.id, d.subject, e.type, e.message_id, d.status, d.tries, d.due_at, d.created_at, d.expires_at,
  d.done_at, d.code, d.error, d.lane, d.target
FROM work d JOIN events e ON e.id = d.subject
WHERE d.subject = :event_id AND d.kind = 'replay' AND d.sink = 'webhook'
ORDER BY d.id

-- name: deliveries_slice
-- about: the id at which a read of deliveries ends if it looks at `count` of them
-- params: endpoint_id text, first text, after text, count bigint
-- slow: it walks through so many entries of an index
SELECT id FROM work
WHERE sink = 'webhook' AND target IS NULL AND lane = :endpoint_id AND id >= :first AND id < :after
ORDER BY id DESC LIMIT 1 OFFSET :count

-- name: deliveries_of_event
-- about: the first deliveries of an event: their ids are made at the same moment as the event's
-- params: event_id text, first text, last text
SELECT d.id, d.subject, e.type, e.message_id, d.status, d.tries, d.due_at, d.created_at, d.expires_at,
  d.done_at, d.code, d.error, d.lane, d.target
FROM work d JOIN events e ON e.id = d.subject
WHERE d.id >= :first AND d.id < :last AND d.subject = :event_id AND d.sink = 'webhook'
ORDER BY d.id

-- name: events_to_replay
-- about: named events of one account and mode
-- params: account_id text, test bigint, ids text[]
SELECT id FROM events WHERE id IN (:ids...) AND account_id = :account_id AND test = :test ORDER BY id

-- name: deliveries_to_replay
-- about: the events of a range of time that were meant for an endpoint; pending ones are on their way anyhow
-- params: endpoint_id text, first text, since text, until text, any_status bigint, any_type bigint, types text[],
--   count bigint
SELECT d.subject FROM work d JOIN events e ON e.id = d.subject
WHERE d.sink = 'webhook' AND d.target IS NULL AND d.lane = :endpoint_id
  AND d.id >= :first  -- no delivery is older than its event
  AND d.status <> 'pending' AND d.subject >= :since AND d.subject < :until
  AND (:any_type = 1 OR e.type IN (:types...))
GROUP BY d.subject
HAVING :any_status = 1 OR MAX(CASE d.status WHEN 'delivered' THEN 1 ELSE 0 END) = 0
ORDER BY d.subject LIMIT :count

-- name: events_after
-- about: what the live feed reads again: events between two ids, oldest first
-- params: account_id text, test bigint, after text, until text, count bigint
SELECT e.id, e.type, e.created_at, e.sequence, e.message_id, e.data, e.state, m.*
FROM events e LEFT JOIN messages m ON m.id = e.message_id
WHERE e.id > :after AND e.id < :until AND e.account_id = :account_id AND e.test = :test
ORDER BY e.id LIMIT :count
