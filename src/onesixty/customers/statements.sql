-- The statements of SMPP customers: credentials, parts of long messages, short ids, and what goes to their binds.

-- name: smpp_credentials_since
-- about: credentials that changed on this or another node since `since`, for the book in memory
-- params: since bigint
SELECT id, account_id, system_id, test, password_hash, profile, version, created_at, changed_at, revoked_at,
  expires_at, last_bind_at, last_bind_from, previous_password_hash, previous_expires_at, previous_bind_at
FROM smpp_credentials WHERE changed_at >= :since

-- name: smpp_credential_find
-- about: the valid credential of a system_id, at a bind
-- params: system_id text
SELECT id, account_id, system_id, test, password_hash, profile, version, created_at, changed_at, revoked_at,
  expires_at, last_bind_at, last_bind_from, previous_password_hash, previous_expires_at, previous_bind_at
FROM smpp_credentials WHERE system_id = :system_id AND revoked_at IS NULL

-- name: smpp_credential_bound
-- about: when and from where a credential last bound, to within ten minutes
-- params: id text, at bigint, address text
UPDATE smpp_credentials SET last_bind_at = :at, last_bind_from = :address WHERE id = :id

-- name: smpp_credential_previous_bound
-- about: the same for the password that was replaced, while it still opens
-- params: id text, at bigint, hash text
UPDATE smpp_credentials SET previous_bind_at = :at WHERE id = :id AND previous_password_hash = :hash

-- ------------------------------------------------------------ parts of SMPP customers

-- name: smpp_part_insert
-- about: inserts a submit_sm that is a part of a long message
-- params: id text, account_id text, credential_id text, place text, total bigint, number bigint, digest text,
--   part text, created_at bigint, due_at bigint, expires_at bigint
INSERT INTO smpp_parts (
  id, account_id, credential_id, place, total, number, digest, part, created_at, due_at, expires_at
) VALUES (
  :id, :account_id, :credential_id, :place, :total, :number, :digest, :part, :created_at, :due_at, :expires_at
)

-- name: smpp_part_join
-- about: a guard: each part goes into one message only; the part's own copy of the text is cleared
-- params: id text, message_id text
UPDATE smpp_parts SET message_id = :message_id, part = '', due_at = NULL
WHERE id = :id AND COALESCE(message_id, '') = ''

-- name: smpp_part_later
-- about: a repeated part whose message has not ended: look again at due_at
-- params: id text, due_at bigint
UPDATE smpp_parts SET due_at = :due_at WHERE id = :id AND COALESCE(message_id, '') = ''

-- name: smpp_parts_of
SELECT id, place, total, number, digest, part, created_at, due_at FROM smpp_parts
WHERE message_id IS NULL AND place IN (:places...) ORDER BY id

-- name: smpp_parts_joined
-- about: parts of a place that are in a message, to recognize repeated parts
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
-- about: a guard: lost while another message of the credential has the short id
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
-- params: id text, subject text, account_id text, lane text, kind text, body text, addresses text, claim bigint,
--   created_at bigint, expires_at bigint
INSERT INTO work (
  id, sink, subject, account_id, lane, kind, body, addresses, status, tries, claim, due_at, created_at, expires_at
) VALUES (
  :id, 'bind', :subject, :account_id, :lane, :kind, :body, :addresses, 'pending', 0, :claim, :created_at,
  :created_at, :expires_at
)

-- name: bind_delivery_redact
-- about: removes the numbers of a redacted message from its deliveries
-- params: message_id text
UPDATE work SET addresses = NULL WHERE subject = :message_id AND sink = 'bind'

-- name: smpp_parts_bring_forward
-- about: the wall clock went back: brings due times forward, so that pauses do not last longer
-- params: by bigint, now bigint
UPDATE smpp_parts SET due_at = due_at - :by WHERE due_at IS NOT NULL AND due_at > :now
