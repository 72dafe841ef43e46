-- The statements of accounts and keys beside those of their tables. All are cold: keys in use are kept in memory
-- (http/auth.py).

-- name: key_find
-- about: the key of a request, by its secret or the one before, with its account
-- params: hash text
SELECT k.id, k.account_id, k.name, k.hash, k.hint, k.test, k.scopes, k.created_at, k.revoked_at, k.last_used_at,
  k.requests_per_second, k.version, k.expires_at, k.allowed_networks, k.allowed_senders, k.allowed_classes,
  k.last_used_from, k.previous_hash, k.previous_hint, k.previous_expires_at, k.previous_used_at, k.limits,
  a.id, a.name, a.currency, a.price_per_segment, a.settings, a.created_at, a.version,
  a.operator, a.parent_id, a.country, a.time_zone, a.state, a.state_reason
FROM keys k JOIN accounts a ON a.id = k.account_id WHERE k.hash = :hash OR k.previous_hash = :hash

-- name: key_hashes
-- about: the keys of an account that open something, as the memory of keys knows them
-- params: account_id text
SELECT hash FROM keys WHERE account_id = :account_id AND revoked_at IS NULL
UNION ALL SELECT previous_hash FROM keys
WHERE account_id = :account_id AND revoked_at IS NULL AND previous_hash IS NOT NULL

-- name: key_used
-- about: when and from where a key was last used, to within ten minutes
-- params: id text, at bigint, address text
UPDATE keys SET last_used_at = :at, last_used_from = :address WHERE id = :id

-- name: key_previous_used
-- about: the same for the secret that was replaced, while it is still open
-- params: id text, at bigint, hash text
UPDATE keys SET previous_used_at = :at WHERE id = :id AND previous_hash = :hash
