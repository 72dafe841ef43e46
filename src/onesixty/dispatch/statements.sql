-- The statements of claims, flights and recovery.

-- name: flight_open
-- about: names what is about to be written to a carrier; lost when this node's lease was fenced
-- params: id text, lease bigint, carrier_id text, message_ids text, created_at bigint
INSERT INTO flights (id, lease, carrier_id, message_ids, created_at)
SELECT :id, :lease, :carrier_id, :message_ids, :created_at
WHERE EXISTS (SELECT 1 FROM leases WHERE leases.id = :lease AND leases.ended_at IS NULL)

-- name: flight_open @postgresql
-- about: FOR KEY SHARE makes whoever fences the lease wait for this flight, and so see it; a renewal waits for none
INSERT INTO flights (id, lease, carrier_id, message_ids, created_at)
SELECT :id, :lease, :carrier_id, :message_ids, :created_at
WHERE EXISTS (SELECT 1 FROM leases WHERE leases.id = :lease AND leases.ended_at IS NULL FOR KEY SHARE)

-- name: flight_close
-- about: every message of the flight has its outcome on disk
-- params: id text
DELETE FROM flights WHERE id = :id

-- name: message_claim
-- about: a waiting message enters this node's memory; lost when it changed meanwhile
-- params: id text, version bigint, claim bigint
UPDATE messages SET claim = :claim, version = :version + 1
WHERE id = :id AND version = :version AND status = 'queued' AND claim = 0

-- name: waiting_next
-- about: the next class and account of a carrier with messages waiting in the database
SELECT class_, account_id FROM messages
WHERE status = 'queued' AND claim = 0 AND carrier_id = :carrier_id
  AND (class_, account_id) > (:class_, :account_id)
ORDER BY class_, account_id LIMIT 1

-- name: waiting_messages
-- about: what an account has waiting for a carrier, in the order in which it goes
SELECT * FROM messages
WHERE status = 'queued' AND claim = 0 AND carrier_id = :carrier_id AND class_ = :class_
  AND account_id = :account_id
ORDER BY priority DESC, id LIMIT :count

-- name: flights_of_fenced
-- about: flights whose node is gone: what they name and has no outcome is unknown
SELECT flights.id, flights.lease, flights.carrier_id, flights.message_ids, flights.created_at
FROM flights JOIN leases ON leases.id = flights.lease WHERE leases.ended_at IS NOT NULL

-- name: claims_of_fenced
-- about: messages in the memory of a node that is gone
SELECT messages.* FROM messages JOIN leases ON leases.id = messages.claim
WHERE messages.status = 'queued' AND messages.claim > 0 AND messages.due_at IS NOT NULL
  AND leases.ended_at IS NOT NULL
LIMIT :count

-- name: message_unclaim
-- about: a message leaves the memory of a node that is gone; lost when it changed meanwhile
-- params: id text, version bigint
UPDATE messages SET claim = 0, version = :version + 1
WHERE id = :id AND version = :version AND status = 'queued'

-- name: waiting_at_restore
-- about: what may have been sent after the moment that a database was restored to
-- params: now bigint, count bigint
SELECT * FROM messages
WHERE due_at IS NOT NULL AND direction = 'outbound'
  AND (status = 'queued' OR (status = 'scheduled' AND due_at <= :now))
ORDER BY due_at, id LIMIT :count

-- name: pause_insert
-- about: a guard: something is paused or drained from now on
-- params: id text, kind text, value text, mode text, reason text, made_by text, created_at bigint
INSERT INTO pauses (id, kind, value, mode, reason, made_by, created_at)
VALUES (:id, :kind, :value, :mode, :reason, :made_by, :created_at)
ON CONFLICT (kind, value) DO NOTHING

-- name: pause_change
-- about: a guard: what is paused is drained, or the other way round
-- params: id text, mode text, reason text, made_by text, created_at bigint
UPDATE pauses SET mode = :mode, reason = :reason, made_by = :made_by, created_at = :created_at WHERE id = :id

-- name: pause_delete
-- about: a guard: it goes on
-- params: id text
DELETE FROM pauses WHERE id = :id

-- name: pauses_all
-- about: what is paused or drained, oldest first
SELECT id, kind, value, mode, reason, made_by, created_at FROM pauses ORDER BY id

-- name: messages_halted
-- about: what a pause keeps out of the lanes, in the order of ids; the index wants its condition in the text
SELECT * FROM messages
WHERE status = 'queued' AND claim < 0 AND claim = :claim AND id > :after ORDER BY id LIMIT :count

-- name: message_let_in
-- about: nothing holds the message any more; lost when it changed meanwhile
-- params: id text, version bigint
UPDATE messages SET claim = 0, version = :version + 1
WHERE id = :id AND version = :version AND status = 'queued' AND claim = -2
