-- Small statements on tables of the real schema. `meta` plays the table of anything.

-- name: put
-- params: key text, value text
INSERT INTO meta (key, value) VALUES (:key, :value)

-- name: put_once
-- params: key text, value text
INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING

-- name: put_or_replace
-- params: key text, value text
INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- name: put_if
-- about: a row that depends on another one
-- params: key text, value text, needs text
INSERT INTO meta (key, value) SELECT :key, :value WHERE EXISTS (SELECT 1 FROM meta WHERE meta.key = :needs)

-- name: swap
-- about: a guard on the value that was there before
-- params: key text, before text, after text
UPDATE meta SET value = :after WHERE key = :key AND value = :before

-- name: append
-- params: key text, more text
UPDATE meta SET value = value || :more WHERE key = :key

-- name: drop
-- params: key text
DELETE FROM meta WHERE key = :key

-- name: put_cold
INSERT INTO meta (key, value) VALUES (:key, :value) RETURNING key, value

-- name: get
SELECT value FROM meta WHERE key = :key

-- name: get_some
-- params: keys text[]
SELECT key, value FROM meta WHERE key IN (:keys...) ORDER BY key

-- name: get_others
SELECT key, value FROM meta WHERE key NOT IN (:keys...) ORDER BY key

-- name: get_all
SELECT key, value FROM meta WHERE key NOT IN ('product_version', 'probe', 'installation', 'committed') ORDER BY key

-- name: ledger
-- params: message_id text, kind text, held bigint
INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, created_at)
VALUES (:message_id, :kind, 'acc', :held, 0, 'EUR', 0)

-- name: ledger_all
SELECT message_id, kind, held FROM ledger ORDER BY message_id, kind

-- name: count_slowly
-- slow: it counts to a number
WITH RECURSIVE steps(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM steps WHERE n < CAST(:most AS BIGINT))
SELECT COUNT(*) FROM steps

-- name: count_slowly_for
-- params: account_id text, most bigint
-- slow: it counts to a number, for an account
WITH RECURSIVE steps(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM steps WHERE n < :most)
SELECT COUNT(*) FROM steps WHERE :account_id <> ''

-- name: age_leases
-- about: what the passing of time does to leases
-- params: ms bigint
UPDATE leases SET expires_at = expires_at - :ms
