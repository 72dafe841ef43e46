-- The statements of SMPP customers: credentials, parts of long messages, short ids, and what goes to their binds.

-- name: smpp_credentials_since
-- about: what changed on this node or another since a look before, for the book in memory
-- params: since bigint
SELECT id, account_id, system_id, test, password_hash, profile, version, created_at, changed_at, revoked_at
FROM smpp_credentials WHERE changed_at >= :since

-- name: smpp_credential_find
-- about: the valid credential of a system_id, at a bind
-- params: system_id text
SELECT id, account_id, system_id, test, password_hash, profile, version, created_at, changed_at, revoked_at
FROM smpp_credentials WHERE system_id = :system_id AND revoked_at IS NULL

-- ------------------------------------------------------------ parts of SMPP customers

-- name: smpp_part_insert
-- about: a submit_sm that is a part of a long message
-- params: id text, account_id text, credential_id text, place text, total bigint, number bigint, digest text,
--   part text, created_at bigint, due_at bigint, expires_at bigint
INSERT INTO smpp_parts (
  id, account_id, credential_id, place, total, number, digest, part, created_at, due_at, expires_at
) VALUES (
  :id, :account_id, :credential_id, :place, :total, :number, :digest, :part, :created_at, :due_at, :expires_at
)

-- name: smpp_part_join
-- about: a guard: a part goes into one message, and its text goes with it
-- params: id text, message_id text
UPDATE smpp_parts SET message_id = :message_id, part = '', due_at = NULL
WHERE id = :id AND message_id IS NULL

-- name: smpp_part_later
-- about: it came once more, and its message has not reached its end: look again at due_at
-- params: id text, due_at bigint
UPDATE smpp_parts SET due_at = :due_at WHERE id = :id AND message_id IS NULL

-- name: smpp_parts_of
SELECT id, place, total, number, digest, part, created_at, due_at FROM smpp_parts
WHERE message_id IS NULL AND place IN (:places...) ORDER BY id

-- name: smpp_parts_joined
-- about: parts of the same place that have their message: what comes once more is known by them
SELECT number, total, digest, message_id FROM smpp_parts
WHERE message_id IS NOT NULL AND place IN (:places...) AND created_at >= :since
ORDER BY created_at, id

-- name: smpp_places
SELECT DISTINCT place FROM smpp_parts WHERE due_at IS NOT NULL

-- name: smpp_places_due
SELECT DISTINCT place FROM smpp_parts WHERE due_at IS NOT NULL AND due_at <= :now

-- name: smpp_part
SELECT id, account_id, credential_id, place, created_at, message_id FROM smpp_parts WHERE id = :id

-- name: smpp_parts_expire
-- params: now bigint
DELETE FROM smpp_parts WHERE expires_at <= :now AND message_id IS NOT NULL

-- ------------------------------------------------------------ short ids, for SMPP 3.3

-- name: smpp_short_id_insert
-- about: a guard: lost by what another message of the credential has, until that is forgotten
-- params: credential_id text, short_id text, id text, created_at bigint, expires_at bigint
INSERT INTO smpp_short_ids (credential_id, short_id, id, created_at, expires_at)
VALUES (:credential_id, :short_id, :id, :created_at, :expires_at)
ON CONFLICT (credential_id, short_id) DO UPDATE SET id = excluded.id, created_at = excluded.created_at,
  expires_at = excluded.expires_at
WHERE smpp_short_ids.expires_at <= excluded.created_at

-- name: smpp_short_id
SELECT id FROM smpp_short_ids WHERE credential_id = :credential_id AND short_id = :short_id

-- name: smpp_short_ids_expire
-- params: now bigint
DELETE FROM smpp_short_ids WHERE expires_at <= :now

-- ------------------------------------------------------------ deliveries to customers' binds

-- name: bind_delivery_insert
-- about: a receipt or an incoming message for a customer's bind; claimed by this node if it has one
-- params: id text, lane text, account_id text, message_id text, kind text, body text, addresses text,
--   claim bigint, due_at bigint, created_at bigint
INSERT INTO bind_deliveries (
  id, lane, account_id, message_id, kind, body, addresses, tries, claim, due_at, created_at
) VALUES (
  :id, :lane, :account_id, :message_id, :kind, :body, :addresses, 0, :claim, :due_at, :created_at
)

-- name: bind_delivery_claim
-- about: a guard: take a waiting delivery into memory
-- params: id text, claim bigint
UPDATE bind_deliveries SET claim = :claim WHERE id = :id AND claim <= 0 AND due_at IS NOT NULL

-- name: bind_delivery_release
-- about: give a claimed delivery back to the rows
-- params: id text, claim bigint
UPDATE bind_deliveries SET claim = 0 WHERE id = :id AND claim = :claim AND due_at IS NOT NULL

-- name: bind_delivery_retry
-- about: it was not taken; again at due_at
-- params: id text, claim bigint, tries bigint, due_at bigint, error text
UPDATE bind_deliveries SET claim = 0, tries = :tries, due_at = :due_at, error = :error
WHERE id = :id AND claim = :claim AND due_at IS NOT NULL

-- name: bind_delivery_done
-- about: the customer has it
-- params: id text, claim bigint
DELETE FROM bind_deliveries WHERE id = :id AND claim = :claim

-- name: bind_delivery_drop
-- about: the customer refused it for good: kept for a while, with what he said
-- params: id text, claim bigint, tries bigint, done_at bigint, error text
UPDATE bind_deliveries SET claim = 0, due_at = NULL, tries = :tries, done_at = :done_at, error = :error
WHERE id = :id AND claim = :claim AND due_at IS NOT NULL

-- name: bind_delivery_redact
-- about: whose numbers it would name
-- params: message_id text
UPDATE bind_deliveries SET addresses = NULL WHERE message_id = :message_id

-- name: bind_deliveries_lanes
-- about: every lane with waiting deliveries and when its first is due; a step of the index for each lane
WITH RECURSIVE waiting(lane) AS (
  SELECT MIN(lane) FROM bind_deliveries WHERE due_at IS NOT NULL AND claim <= 0
  UNION ALL
  SELECT (
    SELECT MIN(d.lane) FROM bind_deliveries d
    WHERE d.due_at IS NOT NULL AND d.claim <= 0 AND d.lane > waiting.lane
  ) FROM waiting WHERE waiting.lane IS NOT NULL
)
SELECT lane, (
  SELECT MIN(d.due_at) FROM bind_deliveries d
  WHERE d.lane = waiting.lane AND d.due_at IS NOT NULL AND d.claim <= 0
) FROM waiting WHERE lane IS NOT NULL

-- name: bind_deliveries_waiting
-- about: what is due in one lane, oldest first
SELECT id, lane, message_id, kind, body, addresses, tries FROM bind_deliveries
WHERE lane = :lane AND due_at IS NOT NULL AND due_at <= :now AND claim <= 0
ORDER BY due_at, id LIMIT :count

-- name: bind_deliveries_orphaned
-- about: what nodes that ended had in memory
SELECT d.id, d.claim FROM bind_deliveries d LEFT JOIN leases l ON l.id = d.claim
WHERE d.claim > 0 AND d.claim <> :mine
  AND (l.id IS NULL OR l.ended_at IS NOT NULL)
LIMIT :count

-- name: bind_deliveries_claimed
-- about: what one node has claimed
SELECT id FROM bind_deliveries WHERE claim > 0 AND claim = :claim AND id > :after ORDER BY id LIMIT :count

-- name: bind_deliveries_expire
-- about: past their time to live without a bind that took them; ids begin with the time
UPDATE bind_deliveries SET due_at = NULL, done_at = :now, error = 'expired'
WHERE id < :below AND due_at IS NOT NULL AND claim <= 0

-- name: bind_deliveries_forget
-- about: what was refused or ran out of time, long ago
DELETE FROM bind_deliveries WHERE id < :below AND due_at IS NULL

-- name: smpp_parts_sooner
-- about: the wall clock went back: pauses last no longer for it
-- params: by bigint, now bigint
UPDATE smpp_parts SET due_at = due_at - :by WHERE due_at IS NOT NULL AND due_at > :now

-- name: bind_deliveries_sooner
-- about: the wall clock went back: pauses last no longer for it
-- params: by bigint, now bigint
UPDATE bind_deliveries SET due_at = due_at - :by WHERE due_at IS NOT NULL AND due_at > :now
