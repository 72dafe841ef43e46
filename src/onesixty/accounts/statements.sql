-- The statements of accounts and keys. All are cold: keys in use are kept in memory (http/auth.py).

-- name: account_insert
-- tells: accounts
-- about: a new account
-- params: id text, name text, currency text, price_per_segment bigint, settings text, created_at bigint
INSERT INTO accounts (id, name, currency, price_per_segment, settings, created_at)
VALUES (:id, :name, :currency, :price_per_segment, :settings, :created_at)

-- name: account_change
-- tells: accounts
-- about: a guard: an account as it was read gets other values; lost when somebody else changed it first
-- params: id text, old_name text, old_price bigint, old_settings text, name text, price_per_segment bigint,
-- params: settings text
UPDATE accounts SET name = :name, price_per_segment = :price_per_segment, settings = :settings
WHERE id = :id AND name = :old_name AND price_per_segment = :old_price AND settings = :old_settings

-- name: account_first_claim
-- about: the guard of the first start: of several nodes that start at once, one makes the first account
-- params: id text
INSERT INTO meta (key, value) VALUES ('first_account', :id) ON CONFLICT (key) DO NOTHING

-- name: account_first
-- about: the account that the first start made
-- params:
SELECT id, name, currency, price_per_segment, settings, created_at FROM accounts
WHERE id = (SELECT value FROM meta WHERE key = 'first_account')

-- name: account_all
-- about: all accounts, for the book in memory
-- params:
SELECT id, name, currency, price_per_segment, settings, created_at FROM accounts

-- name: account_get
-- about: one account
-- params: id text
SELECT id, name, currency, price_per_segment, settings, created_at FROM accounts WHERE id = :id

-- name: account_list
-- about: a page of accounts, newest first
-- params: after text, most bigint
SELECT id, name, currency, price_per_segment, settings, created_at FROM accounts
WHERE id < :after ORDER BY id DESC LIMIT :most

-- name: key_insert
-- about: a new key
-- params: id text, account_id text, name text, hash text, hint text, test bigint, scopes text,
-- params: requests_per_second bigint, created_at bigint
INSERT INTO keys (id, account_id, name, hash, hint, test, scopes, requests_per_second, created_at)
VALUES (:id, :account_id, :name, :hash, :hint, :test, :scopes, :requests_per_second, :created_at)

-- name: key_find
-- about: the key of a request, with its account
-- params: hash text
SELECT k.id, k.test, k.scopes, k.revoked_at, k.last_used_at, k.requests_per_second,
  a.id, a.name, a.currency, a.price_per_segment, a.settings, a.created_at
FROM keys k JOIN accounts a ON a.id = k.account_id WHERE k.hash = :hash

-- name: key_list
-- about: a page of an account's keys, newest first
-- params: account_id text, after text, most bigint
SELECT id, account_id, name, hint, test, scopes, created_at, revoked_at, last_used_at, requests_per_second
FROM keys
WHERE account_id = :account_id AND id < :after ORDER BY id DESC LIMIT :most

-- name: key_list_test
-- about: a page of an account's test keys, newest first
-- params: account_id text, after text, most bigint
SELECT id, account_id, name, hint, test, scopes, created_at, revoked_at, last_used_at, requests_per_second
FROM keys
WHERE account_id = :account_id AND test = 1 AND id < :after ORDER BY id DESC LIMIT :most

-- name: key_get
-- about: one key, of an account unless that is NULL, and its hash
-- params: id text, account_id text
SELECT id, account_id, name, hint, test, scopes, created_at, revoked_at, last_used_at, requests_per_second,
  hash
FROM keys
WHERE id = :id AND (account_id = :account_id OR :account_id IS NULL)

-- name: key_hashes
-- about: the keys of an account that open something, as the memory of keys knows them
-- params: account_id text
SELECT hash FROM keys WHERE account_id = :account_id AND revoked_at IS NULL

-- name: key_revoke
-- about: from now on the key opens nothing
-- params: id text, at bigint
UPDATE keys SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL

-- name: key_used
-- about: when a key was last seen, to within ten minutes
-- params: id text, at bigint
UPDATE keys SET last_used_at = :at WHERE id = :id
