-- The statements of events and deliveries. A pending delivery has a due_at; a finished one has none and no claim.

-- name: event_insert
-- about: an event; `data` is kept as core/event_body.py says
-- params: id text, account_id text, message_id text, type text, sequence bigint, test bigint, data text,
-- params: created_at bigint
INSERT INTO events (id, account_id, message_id, type, sequence, test, data, created_at)
VALUES (:id, :account_id, :message_id, :type, :sequence, :test, :data, :created_at)

-- name: event_redact
-- about: take text and number out of all events of a message
-- params: message_id text, redacted_at text
UPDATE events SET data = json_set(
  json_remove(
    data, '$.text', '$.binary', '$.udh', CASE type WHEN 'message.received' THEN '$.from' ELSE '$.to' END
  ),
  '$.redacted_at', :redacted_at
)
WHERE message_id = :message_id

-- name: event_redact @postgresql
-- about: take text and number out of all events of a message
-- params: message_id text, redacted_at text
UPDATE events SET data = CAST(
  CAST(data AS jsonb) - 'text' - 'binary' - 'udh'
    - CASE type WHEN 'message.received' THEN 'from' ELSE 'to' END
    || jsonb_build_object('redacted_at', :redacted_at)
AS text)
WHERE message_id = :message_id

-- name: delivery_insert
-- about: an event on its way to one receiver; claimed by this process if it has room for it
-- params: id text, event_id text, account_id text, lane text, endpoint_id text, url text, claim bigint,
-- params: due_at bigint, created_at bigint, expires_at bigint
INSERT INTO deliveries (
  id, event_id, account_id, lane, endpoint_id, url, status, tries, claim, due_at, created_at, expires_at
) VALUES (
  :id, :event_id, :account_id, :lane, :endpoint_id, :url, 'pending', 0, :claim, :due_at, :created_at,
  :expires_at
)

-- name: delivery_claim
-- about: take a waiting delivery into memory; lost when another process took it
-- params: id text, claim bigint
UPDATE deliveries SET claim = :claim WHERE id = :id AND claim <= 0 AND due_at IS NOT NULL

-- name: delivery_release
-- about: give a claimed delivery back to the rows
-- params: id text, claim bigint
UPDATE deliveries SET claim = 0 WHERE id = :id AND claim = :claim AND due_at IS NOT NULL

-- name: delivery_retry
-- about: an attempt failed; the next one is at due_at
-- params: id text, claim bigint, tries bigint, due_at bigint, response_status bigint, error text
UPDATE deliveries SET claim = 0, tries = :tries, due_at = :due_at, response_status = :response_status,
  error = :error
WHERE id = :id AND claim = :claim AND due_at IS NOT NULL

-- name: delivery_done
-- about: a delivery has come to its end, delivered or failed
-- params: id text, claim bigint, status text, tries bigint, done_at bigint, response_status bigint, error text
UPDATE deliveries SET claim = 0, due_at = NULL, status = :status, tries = :tries, done_at = :done_at,
  response_status = :response_status, error = :error
WHERE id = :id AND claim = :claim AND due_at IS NOT NULL

-- name: deliveries_lanes
-- about: every lane with waiting deliveries and when its first is due; a step of the index for each lane
WITH RECURSIVE waiting(lane) AS (
  SELECT MIN(lane) FROM deliveries WHERE due_at IS NOT NULL AND claim <= 0
  UNION ALL
  SELECT (
    SELECT MIN(d.lane) FROM deliveries d WHERE d.due_at IS NOT NULL AND d.claim <= 0 AND d.lane > waiting.lane
  ) FROM waiting WHERE waiting.lane IS NOT NULL
)
SELECT lane, (
  SELECT MIN(d.due_at) FROM deliveries d
  WHERE d.lane = waiting.lane AND d.due_at IS NOT NULL AND d.claim <= 0
) FROM waiting WHERE lane IS NOT NULL

-- name: deliveries_waiting
-- about: what is due in one lane, oldest first
-- params: lane text, now bigint, count bigint
SELECT d.id, d.lane, d.account_id, d.event_id, e.message_id, d.endpoint_id, d.url, d.tries, d.claim,
  d.expires_at, e.type, e.created_at, e.sequence, e.data
FROM deliveries d JOIN events e ON e.id = d.event_id
WHERE d.lane = :lane AND d.due_at IS NOT NULL AND d.due_at <= :now AND d.claim <= 0
ORDER BY d.due_at LIMIT :count

-- name: deliveries_claimed
-- about: what one process has claimed
-- params: claim bigint, after text, count bigint
SELECT id FROM deliveries WHERE claim = :claim AND claim > 0 AND id > :after ORDER BY id LIMIT :count

-- name: deliveries_orphaned
-- about: what processes that ended had in memory; a step of the index for each claim, then the rows of the dead
-- params: mine bigint, count bigint
WITH RECURSIVE held(claim) AS (
  SELECT MIN(claim) FROM deliveries WHERE claim > 0
  UNION ALL
  SELECT (SELECT MIN(d.claim) FROM deliveries d WHERE d.claim > 0 AND d.claim > held.claim)
  FROM held WHERE held.claim IS NOT NULL
)
SELECT d.id, d.claim FROM held CROSS JOIN deliveries d  -- SQLite keeps the order of a CROSS JOIN
WHERE held.claim IS NOT NULL AND held.claim <> :mine AND NOT EXISTS (
  SELECT 1 FROM leases l WHERE l.id = held.claim AND l.ended_at IS NULL
) AND d.claim > 0 AND d.claim = held.claim
LIMIT :count

-- name: events_bodies
-- about: what the bodies of events are made of, in the order of `event_body.told`
-- params: ids text[]
SELECT id, type, created_at, sequence, message_id, data FROM events WHERE id IN (:ids...)

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
ON CONFLICT (id) DO NOTHING

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

-- name: deliveries_sooner
-- about: the wall clock went back: pauses last no longer for it
-- params: by bigint, now bigint
UPDATE deliveries SET due_at = due_at - :by
WHERE due_at IS NOT NULL AND claim <= 0 AND due_at > :now AND lane IN (
  WITH RECURSIVE waiting(lane) AS (
    SELECT MIN(lane) FROM deliveries WHERE due_at IS NOT NULL AND claim <= 0
    UNION ALL
    SELECT (
      SELECT MIN(d.lane) FROM deliveries d WHERE d.due_at IS NOT NULL AND d.claim <= 0 AND d.lane > waiting.lane
    ) FROM waiting WHERE waiting.lane IS NOT NULL
  )
  SELECT lane FROM waiting WHERE lane IS NOT NULL
)
