-- The statements of the trace of refusals. The insert stands before the redaction: in one group it runs first.

-- name: refusal_insert
-- about: a refusal; of one that was written already (the answer was lost, or its number had to go meanwhile) what
-- about: redaction takes is taken
-- params: id text, account_id text, test bigint, door text, operation text, request_id text, caller text, answer text,
-- params: code text, param text, rule text, detail text, sender text, recipient text, count bigint, redacted_at bigint
INSERT INTO refusals (
  id, account_id, test, door, operation, request_id, caller, answer, code, param, rule, detail, sender, recipient,
  count, redacted_at
) VALUES (
  :id, :account_id, :test, :door, :operation, :request_id, :caller, :answer, :code, :param, :rule, :detail, :sender,
  :recipient, :count, :redacted_at
) ON CONFLICT (id) DO UPDATE SET recipient = excluded.recipient, detail = excluded.detail,
  redacted_at = excluded.redacted_at
WHERE excluded.redacted_at IS NOT NULL

-- name: refusals_redact
-- about: redaction: a number leaves the refusals of an account
-- params: account_id text, test bigint, recipient text, redacted_at bigint
UPDATE refusals SET recipient = NULL, detail = NULL, redacted_at = :redacted_at
WHERE account_id = :account_id AND test = :test AND recipient = :recipient

-- name: refusals_trim
-- about: the oldest refusals of an account that has more than are kept
-- params: account_id text, test bigint, kept bigint
DELETE FROM refusals
WHERE account_id = :account_id AND test = :test AND id <= (
  SELECT id FROM refusals WHERE account_id = :account_id AND test = :test ORDER BY id DESC LIMIT 1 OFFSET :kept
)

-- name: refusals_list
-- about: a page of an account's refusals, newest first; no more rows than are kept of it are looked at
-- params: account_id text, test bigint, below text, above text, code text, door text, recipient text, request_id text,
-- params: most bigint
SELECT id, account_id, test, door, operation, request_id, caller, answer, code, param, rule, detail, sender, recipient,
  count, redacted_at
FROM refusals
WHERE account_id = :account_id AND test = :test AND id < :below AND id >= :above
  AND (:code IS NULL OR code = :code) AND (:door IS NULL OR door = :door)
  AND (:recipient IS NULL OR recipient = :recipient) AND (:request_id IS NULL OR request_id = :request_id)
ORDER BY id DESC LIMIT :most

-- name: refusals_list_oldest
-- about: a page of an account's refusals, oldest first; no more rows than are kept of it are looked at
-- params: account_id text, test bigint, below text, above text, code text, door text, recipient text, request_id text,
-- params: most bigint
SELECT id, account_id, test, door, operation, request_id, caller, answer, code, param, rule, detail, sender, recipient,
  count, redacted_at
FROM refusals
WHERE account_id = :account_id AND test = :test AND id < :below AND id > :above
  AND (:code IS NULL OR code = :code) AND (:door IS NULL OR door = :door)
  AND (:recipient IS NULL OR recipient = :recipient) AND (:request_id IS NULL OR request_id = :request_id)
ORDER BY id LIMIT :most

-- name: refusals_list_all
-- about: a page of the refusals of all accounts, newest first, by the primary key
-- slow: a filter that few refusals pass reads through those that are kept of all accounts
-- params: test bigint, below text, above text, code text, door text, recipient text, request_id text, most bigint
SELECT id, account_id, test, door, operation, request_id, caller, answer, code, param, rule, detail, sender, recipient,
  count, redacted_at
FROM refusals
WHERE test = :test AND id < :below AND id >= :above
  AND (:code IS NULL OR code = :code) AND (:door IS NULL OR door = :door)
  AND (:recipient IS NULL OR recipient = :recipient) AND (:request_id IS NULL OR request_id = :request_id)
ORDER BY id DESC LIMIT :most

-- name: refusals_list_all_oldest
-- about: as refusals_list_all, oldest first
-- slow: a filter that few refusals pass reads through those that are kept of all accounts
-- params: test bigint, below text, above text, code text, door text, recipient text, request_id text, most bigint
SELECT id, account_id, test, door, operation, request_id, caller, answer, code, param, rule, detail, sender, recipient,
  count, redacted_at
FROM refusals
WHERE test = :test AND id < :below AND id > :above
  AND (:code IS NULL OR code = :code) AND (:door IS NULL OR door = :door)
  AND (:recipient IS NULL OR recipient = :recipient) AND (:request_id IS NULL OR request_id = :request_id)
ORDER BY id LIMIT :most
