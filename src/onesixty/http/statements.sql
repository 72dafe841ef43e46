-- The statements of idempotency keys.

-- name: idempotency_insert
-- about: a guard: claims a key and stores the answer; lost if the key has a row that has not expired
-- params: account_id text, test bigint, endpoint text, key text, body_hash text, status bigint, response text,
-- params: message_id text, created_at bigint, expires_at bigint
INSERT INTO idempotency (
  account_id, test, endpoint, key, body_hash, status, response, message_id, created_at, expires_at
) VALUES (
  :account_id, :test, :endpoint, :key, :body_hash, :status, :response, :message_id, :created_at, :expires_at
) ON CONFLICT (account_id, test, endpoint, key) DO UPDATE SET
  body_hash = excluded.body_hash, status = excluded.status, response = excluded.response,
  message_id = excluded.message_id, created_at = excluded.created_at, expires_at = excluded.expires_at
WHERE idempotency.expires_at <= excluded.created_at

-- name: idempotency_find
-- about: the stored answer of a key
-- params: account_id text, test bigint, endpoint text, key text, now bigint
SELECT body_hash, status, response, message_id FROM idempotency
WHERE account_id = :account_id AND test = :test AND endpoint = :endpoint AND key = :key AND expires_at > :now

-- name: idempotency_answer
-- about: stores the answer of an open request, found by the id of what it creates
-- params: account_id text, test bigint, endpoint text, key text, message_id text, status bigint, response text
UPDATE idempotency SET status = :status, response = :response
WHERE account_id = :account_id AND test = :test AND endpoint = :endpoint AND key = :key
  AND COALESCE(message_id, '') = :message_id AND status = 0

-- name: idempotency_expire
-- about: the sweep: deletes keys after 24 hours
-- params: now bigint
DELETE FROM idempotency WHERE expires_at <= :now

-- name: idempotency_redact
-- about: redaction: empties the answer that holds the text and number of a message
-- params: message_id text
UPDATE idempotency SET response = '' WHERE message_id = :message_id
