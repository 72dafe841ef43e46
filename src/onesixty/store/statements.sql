-- The statements of leases, and of what a file owes after a redaction.

-- name: lease_start
-- about: starts a node's lease; an id that was given once is never given again
-- params: node text, now bigint, ttl bigint, sessions text
INSERT INTO leases (id, node, started_at, expires_at, sessions)
SELECT COALESCE(MAX(id), 0) + 1, :node, :now, SERVER_TIME(:now) + :ttl, :sessions FROM leases
RETURNING id

-- name: lease_renew
-- about: renews a node's lease, even after it ran out; returns no row if the lease was fenced
-- params: id bigint, now bigint, ttl bigint, sessions text
UPDATE leases SET expires_at = SERVER_TIME(:now) + :ttl, sessions = :sessions WHERE id = :id AND ended_at IS NULL
RETURNING id

-- name: lease_about
-- about: what a node says of itself: its version, addresses, roles
-- params: id bigint, about text
UPDATE leases SET about = :about WHERE id = :id
RETURNING id

-- name: lease_end
-- about: ends the lease of a node that stops
-- params: id bigint, now bigint
UPDATE leases SET ended_at = :now WHERE id = :id AND ended_at IS NULL
RETURNING id

-- name: lease_end @postgresql
-- about: FOR UPDATE waits for what is written under the lease (FOR KEY SHARE), and a renewal does not
UPDATE leases SET ended_at = :now
WHERE id IN (SELECT held.id FROM leases AS held WHERE held.id = :id AND held.ended_at IS NULL FOR UPDATE)
RETURNING id

-- name: leases_fence
-- about: ends other nodes' leases that ran out more than `slack` milliseconds ago; from then on their guards lose
-- params: mine bigint, slack bigint, now bigint
UPDATE leases SET ended_at = :now
WHERE id <> :mine AND ended_at IS NULL AND expires_at <= SERVER_TIME(:now) - :slack
RETURNING id, node, sessions

-- name: leases_fence @postgresql
-- about: FOR UPDATE waits for what is written under the lease (FOR KEY SHARE), and a renewal does not
UPDATE leases SET ended_at = :now
WHERE id IN (
    SELECT held.id FROM leases AS held
    WHERE held.id <> :mine AND held.ended_at IS NULL AND held.expires_at <= SERVER_TIME(:now) - :slack
    ORDER BY held.id FOR UPDATE
)
RETURNING id, node, sessions

-- name: leases_fence_all
-- about: ends all other leases: for the owner of a SQLite file, which knows that the other nodes are gone
-- params: mine bigint, now bigint
UPDATE leases SET ended_at = :now WHERE id <> :mine AND ended_at IS NULL
RETURNING id, node, sessions

-- name: leases_fence_all @postgresql
-- about: as leases_fence_all; for FOR UPDATE see leases_fence
UPDATE leases SET ended_at = :now
WHERE id IN (
    SELECT held.id FROM leases AS held
    WHERE held.id <> :mine AND held.ended_at IS NULL ORDER BY held.id FOR UPDATE
)
RETURNING id, node, sessions

-- name: lease_newest
-- about: the lease of the node that started last: for the second process of a node on SQLite
-- params:
SELECT MAX(id) FROM leases WHERE ended_at IS NULL

-- name: redaction_note
-- about: notes that something was redacted, so that the file is wiped (store/wiping.py)
-- params: key text
INSERT INTO meta (key, value) VALUES (:key, '1')
ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS bigint) + 1 AS text)

-- name: redaction_note @postgresql
-- about: does nothing: a server has no file to wipe, and redactions would wait for each other's row
INSERT INTO meta (key, value) SELECT :key, '1' WHERE 1 = 0
ON CONFLICT (key) DO NOTHING

-- name: leases_alive
-- about: the nodes that may still be running (their leases have not ended), and how long their leases last, in ms
-- params: now bigint
SELECT id, node, expires_at - SERVER_TIME(:now) FROM leases
WHERE ended_at IS NULL AND expires_at > SERVER_TIME(:now) ORDER BY id

-- name: lease_leap
-- about: after a restore: skips ids, so that no lease id that the lost commits gave out is given again
-- params: leap bigint, now bigint
INSERT INTO leases (id, node, started_at, expires_at, ended_at)
SELECT COALESCE(MAX(id), 0) + :leap, 'restore', :now, :now, :now FROM leases
RETURNING id

-- name: restored_at
-- about: notes when the database was restored
-- params: at text
INSERT INTO meta (key, value) VALUES ('restored_at', :at)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
RETURNING key
