-- The statements of the audit log. The inserts stand before the statements that chain and redact.

-- fragment: columns
e.id, e.account_id, e.at, e.actor, e.home, e.address, e.request_id, e.action, e.object, e.object_id, e.test, e.reason,
e.changes, e.sequence, e.previous, e.hash

-- name: audit_entry_insert
-- about: an entry; it is chained later
-- params: id text, account_id text, at bigint, actor text, home text, address text, request_id text, action text,
-- params: object text, object_id text, test bigint, reason text, changes text, sequence bigint, previous text, hash text
INSERT INTO audit_entries (
  id, account_id, at, actor, home, address, request_id, action, object, object_id, test, reason, changes,
  sequence, previous, hash
) VALUES (
  :id, :account_id, :at, :actor, :home, :address, :request_id, :action, :object, :object_id, :test, :reason, :changes,
  :sequence, :previous, :hash
)

-- name: audit_value_insert
-- about: a personal value of an entry
-- params: entry_id text, digest text, account_id text, salt text, value text
INSERT INTO audit_values (entry_id, digest, account_id, salt, value)
VALUES (:entry_id, :digest, :account_id, :salt, :value)

-- name: audit_pending_insert
-- about: an entry that is to be chained; an entry about a row gets a place after those that were committed before it
-- params: id text, account_id text, at bigint, witness text
INSERT INTO audit_pending (place, id, account_id, at, witness)
VALUES ((SELECT COALESCE(MAX(place), 0) + 1 FROM audit_pending), :id, :account_id, :at, :witness)

-- name: audit_pending_page
-- about: what is to be chained, in the order of its commits; an entry that is gone has NULLs
-- params: count bigint
SELECT p.place, p.id, p.account_id, p.at, p.witness, {columns}
FROM (SELECT place, id, account_id, at, witness FROM audit_pending ORDER BY place, id LIMIT :count) p
LEFT JOIN audit_entries e ON e.id = p.id AND e.sequence IS NULL
ORDER BY p.place, p.id

-- name: audit_pending_take
-- about: a guard: an entry that was to be chained
-- params: place bigint, id text
DELETE FROM audit_pending WHERE place = :place AND id = :id

-- name: audit_head_begin
-- about: a guard: the head of an account's first entries
-- params: account_id text, count bigint, hash text, chained_at bigint, signature text
INSERT INTO audit_heads (account_id, count, hash, chained_at, signature)
VALUES (:account_id, :count, :hash, :chained_at, :signature)
ON CONFLICT (account_id) DO NOTHING

-- name: audit_head_move
-- about: a guard: the head of a longer chain, if nobody else made it longer
-- params: account_id text, from_count bigint, from_hash text, count bigint, hash text, chained_at bigint, signature text
UPDATE audit_heads SET count = :count, hash = :hash, chained_at = :chained_at, signature = :signature
WHERE account_id = :account_id AND count = :from_count AND hash = :from_hash

-- name: audit_entry_chain
-- about: a guard: an entry gets its place in the chain
-- params: id text, sequence bigint, previous text, hash text
UPDATE audit_entries SET sequence = :sequence, previous = :previous, hash = :hash
WHERE id = :id AND COALESCE(sequence, -1) = -1

-- name: audit_heads_of
-- about: the heads of some accounts
SELECT account_id, count, hash, chained_at, signature FROM audit_heads WHERE account_id IN (:account_ids...)

-- name: audit_heads_all
-- about: a page of heads
-- params: after text, most bigint
SELECT account_id, count, hash, chained_at, signature FROM audit_heads
WHERE account_id > :after ORDER BY account_id LIMIT :most

-- name: audit_checkpoint_of
-- about: where an account's chain begins
-- params: account_id text
SELECT account_id, count, hash, until, made_at, signature FROM audit_checkpoints WHERE account_id = :account_id

-- name: audit_chain
-- about: a part of an account's chain, in its order
-- params: account_id text, above bigint, most bigint
SELECT {columns} FROM audit_entries e
WHERE e.account_id = :account_id AND e.sequence > :above ORDER BY e.sequence LIMIT :most

-- name: audit_values_of
-- about: the personal values of some entries that are still known
SELECT entry_id, digest, account_id, salt, value FROM audit_values WHERE entry_id IN (:entry_ids...)

-- name: audit_values_lost
-- about: for the check: personal values without an entry, up to a limit
-- params: most bigint
-- slow: it reads all of them
SELECT v.entry_id FROM audit_values v LEFT JOIN audit_entries e ON e.id = v.entry_id
WHERE e.id IS NULL LIMIT :most

-- name: audit_unchained
-- about: for the check: entries that are not chained and that nothing will chain, and those that wait too long
-- params: late_before bigint, most bigint
SELECT e.id FROM audit_entries e LEFT JOIN audit_pending p ON p.id = e.id
WHERE e.sequence IS NULL AND (p.id IS NULL OR p.at < :late_before) LIMIT :most

-- name: audit_headless
-- about: for the check: accounts with chained entries and without a head
-- params: most bigint
-- slow: it reads the entries of all accounts
SELECT e.account_id FROM audit_entries e LEFT JOIN audit_heads h ON h.account_id = e.account_id
WHERE e.sequence IS NOT NULL AND h.account_id IS NULL GROUP BY e.account_id LIMIT :most

-- name: audit_faults
-- about: for the check: entries that say that others were changed or lost before they were chained
-- params: action text, object text, most bigint
SELECT id FROM audit_entries WHERE object = :object AND action = :action ORDER BY id LIMIT :most

-- name: audit_checkpoint_put
-- about: a guard: where an account's chain begins from now on; only forwards
-- params: account_id text, count bigint, hash text, until bigint, made_at bigint, signature text
INSERT INTO audit_checkpoints (account_id, count, hash, until, made_at, signature)
VALUES (:account_id, :count, :hash, :until, :made_at, :signature)
ON CONFLICT (account_id) DO UPDATE SET count = excluded.count, hash = excluded.hash, until = excluded.until,
  made_at = excluded.made_at, signature = excluded.signature
WHERE excluded.count > audit_checkpoints.count

-- name: audit_values_forget
-- about: the personal values of an entry that is removed
-- params: entry_id text
DELETE FROM audit_values WHERE entry_id = :entry_id

-- name: audit_entry_forget
-- about: an entry behind a checkpoint
-- params: id text
DELETE FROM audit_entries WHERE id = :id

-- name: audit_begins
-- about: a page of accounts that have chained entries, with the time of the first one that each still has
-- params: after text, most bigint
SELECT h.account_id, e.at
FROM audit_heads h
LEFT JOIN audit_checkpoints c ON c.account_id = h.account_id
JOIN audit_entries e ON e.account_id = h.account_id AND e.sequence = COALESCE(c.count, 0) + 1
WHERE h.account_id > :after ORDER BY h.account_id LIMIT :most

-- name: audit_oldest
-- about: the first entries of an account's chain
-- params: account_id text, above bigint, most bigint
SELECT id, sequence, hash, at FROM audit_entries
WHERE account_id = :account_id AND sequence > :above ORDER BY sequence LIMIT :most

-- name: audit_redact_value
-- about: redaction: a value leaves the log of an account
-- params: account_id text, value text
DELETE FROM audit_values WHERE account_id = :account_id AND value = :value AND length(value) <= 200

-- name: audit_redact_entry
-- about: redaction: all personal values of an entry go
-- params: entry_id text, account_id text
DELETE FROM audit_values WHERE entry_id = :entry_id AND account_id = :account_id

-- name: audit_value_count
-- about: how many entries of an account contain a personal value
-- params: account_id text, value text
SELECT COUNT(*) FROM audit_values
WHERE account_id = :account_id AND value = :value AND length(value) <= 200

-- name: audit_get
-- about: one entry
-- params: id text
SELECT {columns} FROM audit_entries e WHERE e.id = :id

-- fragment: between
-- about: the entry's own time decides, because its id is made a little before or after it; NULL is no filter
(CAST(:created_after AS bigint) IS NULL OR e.at >= :created_after)
  AND (CAST(:created_before AS bigint) IS NULL OR e.at < :created_before)

-- name: audit_list
-- about: a page of all accounts' entries, newest first
-- params: below text, above text, actor text, action text, object text, object_id text, most bigint,
-- params: created_after bigint, created_before bigint
-- slow: a rare filter reads all entries of the span
SELECT {columns} FROM audit_entries e
WHERE e.id < :below AND e.id >= :above AND {between}
  AND (:actor IS NULL OR e.actor = :actor) AND (:action IS NULL OR e.action = :action)
  AND (:object IS NULL OR e.object = :object) AND (:object_id IS NULL OR e.object_id = :object_id)
ORDER BY e.id DESC LIMIT :most

-- name: audit_list_of
-- about: a page of one account's entries, newest first
-- params: account_id text, below text, above text, actor text, action text, object text, object_id text, most bigint,
-- params: created_after bigint, created_before bigint
-- slow: a rare filter reads all entries of the span
SELECT {columns} FROM audit_entries e
WHERE e.account_id = :account_id AND e.id < :below AND e.id >= :above AND {between}
  AND (:actor IS NULL OR e.actor = :actor) AND (:action IS NULL OR e.action = :action)
  AND (:object IS NULL OR e.object = :object) AND (:object_id IS NULL OR e.object_id = :object_id)
ORDER BY e.id DESC LIMIT :most

-- name: audit_list_about
-- about: a page of the entries about one thing, newest first; in all accounts if account_id is NULL
-- params: object_id text, account_id text, below text, above text, actor text, action text, object text, most bigint,
-- params: created_after bigint, created_before bigint
SELECT {columns} FROM audit_entries e
WHERE e.object_id = :object_id AND e.id < :below AND e.id >= :above AND {between}
  AND (:account_id IS NULL OR e.account_id = :account_id)
  AND (:actor IS NULL OR e.actor = :actor) AND (:action IS NULL OR e.action = :action)
  AND (:object IS NULL OR e.object = :object)
ORDER BY e.id DESC LIMIT :most

-- name: audit_list_by
-- about: a page of what one actor did, newest first; in all accounts if account_id is NULL
-- params: actor text, account_id text, below text, above text, action text, object text, most bigint,
-- params: created_after bigint, created_before bigint
SELECT {columns} FROM audit_entries e
WHERE e.actor = :actor AND e.id < :below AND e.id >= :above AND {between}
  AND (:account_id IS NULL OR e.account_id = :account_id)
  AND (:action IS NULL OR e.action = :action) AND (:object IS NULL OR e.object = :object)
ORDER BY e.id DESC LIMIT :most

-- name: audit_meta
-- about: what was noted last of settings, schema and restores, and the time of a restore
SELECT key, value FROM meta WHERE key IN ('audit_noted', 'restored_at')

-- name: audit_meta_put
-- about: a named value
-- params: key text, value text
INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- name: audit_operator
-- about: the operator's account, for commands that note what they did
SELECT id FROM accounts WHERE operator = 1
