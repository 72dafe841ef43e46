-- The statements of the instance secret: which keys there were, and which node knows which.

-- name: secret_keys_all
-- about: all keys, newest first
SELECT id, state, check_value, public_key FROM secret_keys ORDER BY created_at DESC, id

-- name: secret_key_insert
-- about: a new key; the unique index refuses a second one in force
-- tells: secret_keys
-- params: id text, state text, check_value text, public_key text, created_at bigint
INSERT INTO secret_keys (id, state, check_value, public_key, created_at)
VALUES (:id, :state, :check_value, :public_key, :created_at)

-- name: secret_node_told
-- about: which keys a node knows, and which one seals there
-- params: lease bigint, known text, current_key text
INSERT INTO secret_nodes (lease, known, current_key) VALUES (:lease, :known, :current_key)
ON CONFLICT (lease) DO UPDATE SET known = excluded.known, current_key = excluded.current_key

-- name: secret_nodes_forget
-- about: what ended nodes knew
-- params: mine bigint
DELETE FROM secret_nodes WHERE lease <> :mine AND lease IN (SELECT id FROM leases WHERE ended_at IS NOT NULL)

-- name: secret_key_old
-- about: a guard: the key in force is being replaced
-- params: id text
UPDATE secret_keys SET state = 'old' WHERE id = :id AND state = 'current'

-- name: secret_key_retire
-- tells: secret_keys
-- about: a guard: nothing is sealed with the key before any more; it only verifies
-- params: id text, public_key text, retired_at bigint
UPDATE secret_keys SET state = 'retired', public_key = :public_key, retired_at = :retired_at
WHERE id = :id AND state = 'old'

-- name: secret_key_reseal
-- about: the public key of a key, sealed with another
-- params: id text, public_key text
UPDATE secret_keys SET public_key = :public_key WHERE id = :id

-- name: secret_keys_forget
-- about: all keys: their secret is lost
-- params: now bigint
DELETE FROM secret_keys WHERE created_at <= :now

-- name: secret_nodes_alive
-- about: what the running nodes know
-- params: now bigint
SELECT leases.node, secret_nodes.known, secret_nodes.current_key
FROM leases LEFT JOIN secret_nodes ON secret_nodes.lease = leases.id
WHERE leases.ended_at IS NULL AND leases.expires_at > SERVER_TIME(:now) ORDER BY leases.id
