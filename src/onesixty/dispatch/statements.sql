-- The statements of claims, flights and recovery.

-- name: flight_open
-- about: names what is about to be written to a carrier; lost if this node's lease was fenced
-- params: id text, lease bigint, carrier_id text, message_ids text, created_at bigint
INSERT INTO flights (id, lease, carrier_id, message_ids, created_at)
SELECT :id, :lease, :carrier_id, :message_ids, :created_at
WHERE EXISTS (SELECT 1 FROM leases WHERE leases.id = :lease AND leases.ended_at IS NULL)

-- name: flight_open @postgresql
-- about: FOR KEY SHARE makes a node that fences the lease wait for this flight, and so see it; renewals do not wait
INSERT INTO flights (id, lease, carrier_id, message_ids, created_at)
SELECT :id, :lease, :carrier_id, :message_ids, :created_at
WHERE EXISTS (SELECT 1 FROM leases WHERE leases.id = :lease AND leases.ended_at IS NULL FOR KEY SHARE)

-- name: flight_close
-- about: deletes a flight: every message of it has its outcome on disk
-- params: id text
DELETE FROM flights WHERE id = :id

-- name: message_claim
-- about: a waiting message enters this node's memory; lost if it changed meanwhile
-- params: id text, version bigint, claim bigint
UPDATE messages SET claim = :claim, version = :version + 1
WHERE id = :id AND version = :version AND status = 'queued' AND claim + 0 = 0

-- name: waiting_of_carrier
-- about: the classes and accounts of a carrier with messages waiting in the database; a step of the index for each
WITH RECURSIVE found(class_, account_id) AS (
  SELECT (
    SELECT m.class_ FROM messages m
    WHERE m.status = 'queued' AND m.claim = 0 AND m.carrier_id = :carrier_id
    ORDER BY m.class_, m.account_id LIMIT 1
  ), (
    SELECT m.account_id FROM messages m
    WHERE m.status = 'queued' AND m.claim = 0 AND m.carrier_id = :carrier_id
    ORDER BY m.class_, m.account_id LIMIT 1
  )
  UNION ALL
  SELECT (
    SELECT m.class_ FROM messages m
    WHERE m.status = 'queued' AND m.claim = 0 AND m.carrier_id = :carrier_id
      AND (m.class_, m.account_id) > (found.class_, found.account_id)
    ORDER BY m.class_, m.account_id LIMIT 1
  ), (
    SELECT m.account_id FROM messages m
    WHERE m.status = 'queued' AND m.claim = 0 AND m.carrier_id = :carrier_id
      AND (m.class_, m.account_id) > (found.class_, found.account_id)
    ORDER BY m.class_, m.account_id LIMIT 1
  ) FROM found WHERE found.class_ IS NOT NULL
)
SELECT class_, account_id FROM found WHERE class_ IS NOT NULL

-- name: waiting_messages
-- about: an account's messages that wait for a carrier, in the order in which they are sent
SELECT * FROM messages
WHERE status = 'queued' AND claim = 0 AND carrier_id = :carrier_id AND class_ = :class_
  AND account_id = :account_id
ORDER BY priority DESC, id LIMIT :count

-- name: oldest_waiting_of_carrier
-- about: when the oldest message that waits in the database for a carrier became due
-- params: carrier_id text
-- slow: a carrier that has been down for long has many
SELECT MIN(COALESCE(queued_at, created_at)) FROM messages
WHERE status = 'queued' AND claim = 0 AND carrier_id = :carrier_id

-- name: leases_left
-- about: leases that ended and still have claims or flights, and when they ended; a step of the index for each claim
WITH RECURSIVE held(claim) AS (
  SELECT MIN(claim) FROM messages WHERE claim > 0
  UNION ALL
  SELECT (SELECT MIN(m.claim) FROM messages m WHERE m.claim > 0 AND m.claim > held.claim)
  FROM held WHERE held.claim IS NOT NULL
)
SELECT l.id, l.ended_at FROM leases l
WHERE l.ended_at IS NOT NULL AND (
  l.id IN (SELECT claim FROM held WHERE claim IS NOT NULL) OR l.id IN (SELECT lease FROM flights)
)
ORDER BY l.id

-- name: flights_of_lease
-- about: a node's open flights; once it has stopped, messages of them without an outcome are unknown, and may cost
SELECT f.id, f.carrier_id, f.message_ids, COALESCE(c.cost_per_segment, 0), COALESCE(c.currency, '')
FROM flights f LEFT JOIN carriers c ON c.id = f.carrier_id WHERE f.lease = :lease ORDER BY f.id

-- name: claims_of_lease
-- about: messages in the memory of one node
SELECT * FROM messages WHERE claim > 0 AND claim = :lease AND status = 'queued' LIMIT :count

-- name: claimed_ids
-- about: messages in the memory of one node, page by page
SELECT id, version FROM messages
WHERE claim > 0 AND claim = :lease AND status = 'queued' AND id > :after ORDER BY id LIMIT :count

-- name: message_unclaim
-- about: a message leaves the memory of a stopped node; lost if it changed meanwhile
-- params: id text, version bigint
UPDATE messages SET claim = 0, version = :version + 1
WHERE id = :id AND version = :version AND status = 'queued'

-- name: messages_halted
-- about: messages that a pause keeps out of the lanes, by id; `claim < 0` lets the partial index be used
SELECT * FROM messages
WHERE status = 'queued' AND claim < 0 AND claim = :claim AND id > :after ORDER BY id LIMIT :count

-- name: message_let_in
-- about: no pause holds the message any more; lost if it changed meanwhile
-- params: id text, version bigint
UPDATE messages SET claim = 0, version = :version + 1
WHERE id = :id AND version = :version AND status = 'queued' AND claim + 0 = -2
