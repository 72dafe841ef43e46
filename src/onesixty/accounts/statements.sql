-- The statements of accounts and keys beside those of their tables. All are cold: keys in use are kept in memory
-- (http/auth.py).

-- name: key_find
-- about: the key of a request, with its account
-- params: hash text
SELECT k.id, k.test, k.scopes, k.revoked_at, k.last_used_at, k.requests_per_second,
  a.id, a.name, a.currency, a.price_per_segment, a.settings, a.created_at, a.version,
  a.operator
FROM keys k JOIN accounts a ON a.id = k.account_id WHERE k.hash = :hash

-- name: key_hashes
-- about: the keys of an account that open something, as the memory of keys knows them
-- params: account_id text
SELECT hash FROM keys WHERE account_id = :account_id AND revoked_at IS NULL

-- name: key_used
-- about: when a key was last seen, to within ten minutes
-- params: id text, at bigint
UPDATE keys SET last_used_at = :at WHERE id = :id
