-- The ledger, and the credit of accounts (docs/decisions/0113).
--
-- `ledger.slice` is the slice that a row was spent from, 0 for a row that `credit.rest` does not know of yet (loose),
-- else NULL.

-- name: ledger_insert
-- about: one movement of money; a second one of the same kind for a message is impossible by key. It is loose if it
-- changes what an account with a limit has left
-- params: message_id text, kind text, account_id text, held bigint, charged bigint, currency text, created_at bigint
INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, created_at, slice)
VALUES (:message_id, :kind, :account_id, :held, :charged, :currency, :created_at,
  CASE WHEN :held + :charged <> 0 AND EXISTS (SELECT 1 FROM credit WHERE credit.account_id = :account_id) THEN 0 END)

-- name: ledger_spend
-- about: a guard: one movement out of a slice of this node; lost if the node's lease was fenced
-- params: message_id text, kind text, account_id text, held bigint, charged bigint, currency text, created_at bigint,
--   slice bigint, lease bigint
INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, created_at, slice)
SELECT :message_id, :kind, :account_id, :held, :charged, :currency, :created_at, :slice
WHERE EXISTS (SELECT 1 FROM leases WHERE leases.id = :lease AND leases.ended_at IS NULL)

-- name: ledger_spend @postgresql
-- about: FOR KEY SHARE makes a node that fences the lease wait for this row, and so count it
INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, created_at, slice)
SELECT :message_id, :kind, :account_id, :held, :charged, :currency, :created_at, :slice
WHERE EXISTS (SELECT 1 FROM leases WHERE leases.id = :lease AND leases.ended_at IS NULL FOR KEY SHARE)

-- name: ledger_book
-- about: an adjustment of an account's balance; `credit_add` counts it in the same unit
-- params: id text, account_id text, amount bigint, currency text, created_at bigint
INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, created_at)
VALUES (:id, 'adjustment', :account_id, 0, -:amount, :currency, :created_at)

-- name: ledger_of_message
SELECT kind, held, charged, currency, created_at FROM ledger WHERE message_id = :message_id
ORDER BY created_at, kind

-- name: credit_open
-- about: an account gets a limit; a new account (counted = 1) has no history to count
-- params: account_id text, credit_limit bigint, since bigint, counted bigint
INSERT INTO credit (account_id, credit_limit, rest, counted, since, folds, wanted)
VALUES (:account_id, :credit_limit, 0, :counted, :since, 0, 0)
ON CONFLICT (account_id) DO UPDATE SET credit_limit = excluded.credit_limit

-- name: credit_set
-- about: another limit
-- params: account_id text, credit_limit bigint
UPDATE credit SET credit_limit = :credit_limit WHERE account_id = :account_id

-- name: credit_close
-- about: an account has no limit any more; what nodes still hold of it goes back to nowhere
-- params: account_id text
DELETE FROM credit WHERE account_id = :account_id

-- name: credit_add
-- about: an amount that an adjustment booked, or that a slice gave back; nothing without a limit
-- params: account_id text, amount bigint
UPDATE credit SET rest = rest + :amount WHERE account_id = :account_id

-- name: credit_take
-- about: a guard: an amount for a slice, if the balance and the limit have it
-- params: account_id text, amount bigint
UPDATE credit SET rest = rest - :amount
WHERE account_id = :account_id AND counted = 1 AND rest + credit_limit >= :amount

-- name: credit_slice_open
-- about: a guard: a slice of this node; lost if the node's lease was fenced
-- params: id bigint, account_id text, lease bigint, taken bigint, created_at bigint
INSERT INTO credit_slices (id, account_id, lease, taken, created_at)
SELECT :id, :account_id, :lease, :taken, :created_at
WHERE EXISTS (SELECT 1 FROM leases WHERE leases.id = :lease AND leases.ended_at IS NULL)

-- name: credit_slice_open @postgresql
-- about: FOR KEY SHARE as in ledger_spend
INSERT INTO credit_slices (id, account_id, lease, taken, created_at)
SELECT :id, :account_id, :lease, :taken, :created_at
WHERE EXISTS (SELECT 1 FROM leases WHERE leases.id = :lease AND leases.ended_at IS NULL FOR KEY SHARE)

-- name: credit_slice_change
-- about: a guard: a slice grows or gives back; lost if another node took it over
-- params: id bigint, amount bigint
UPDATE credit_slices SET taken = taken + :amount WHERE id = :id

-- name: credit_slice_close
-- about: a guard: a slice of which nothing is left; lost if another node took it over
-- params: id bigint
DELETE FROM credit_slices WHERE id = :id

-- name: credit_slice_take_over
-- about: a guard: a slice whose node is gone; lost if it changed since it was read, as a fenced node may still do
-- params: id bigint, taken bigint
DELETE FROM credit_slices WHERE id = :id AND taken = :taken

-- name: credit_state
-- about: what is left of an account's credit, and whether others hold some of it, or loose rows change it
SELECT c.rest + c.credit_limit, c.counted,
  CAST(COALESCE((
    SELECT SUM(s.taken) FROM credit_slices s WHERE s.account_id = c.account_id AND s.lease <> :lease
  ), 0) AS bigint),
  CASE WHEN EXISTS (SELECT 1 FROM ledger l WHERE l.slice = 0 AND l.account_id = c.account_id) THEN 1 ELSE 0 END
FROM credit c WHERE c.account_id = :account_id

-- name: credit_want
-- about: asks the other nodes to give back what they do not use
-- tells: credit
-- params: account_id text
UPDATE credit SET wanted = wanted + 1 WHERE account_id = :account_id

-- name: credit_wanted
-- about: how often nodes asked for more, of all accounts that somebody ever asked for
SELECT account_id, wanted FROM credit WHERE wanted > 0

-- name: credit_orphans
-- about: the slices of nodes that are gone, with what was spent from them
SELECT s.id, s.account_id, s.taken,
  CAST(COALESCE((SELECT SUM(l.held + l.charged) FROM ledger l WHERE l.slice = s.id), 0) AS bigint)
FROM credit_slices s LEFT JOIN leases n ON n.id = s.lease
WHERE n.id IS NULL OR n.ended_at IS NOT NULL
ORDER BY s.id

-- name: credit_loose
-- about: rows that are not in `rest` yet, with the state of the account's row that a fold needs
SELECT c.account_id, c.since, c.folds, l.message_id, l.kind, l.held + l.charged
FROM ledger l JOIN credit c ON c.account_id = l.account_id
WHERE l.slice = 0
ORDER BY l.message_id LIMIT :count

-- name: credit_fold
-- about: a guard: loose rows are counted, once, whichever nodes read them
-- params: account_id text, since bigint, folds bigint, amount bigint
UPDATE credit SET rest = rest - :amount, folds = :folds + 1
WHERE account_id = :account_id AND since = :since AND folds = :folds

-- name: ledger_folded
-- about: a loose row that was counted
-- params: message_id text, kind text
UPDATE ledger SET slice = NULL WHERE message_id = :message_id AND kind = :kind AND slice = 0

-- name: credit_uncounted
-- about: accounts whose limit is new: their history has to be counted
SELECT account_id FROM credit WHERE counted = 0 ORDER BY account_id

-- name: credit_barrier
-- about: a number beyond every transaction that has begun to write
SELECT 0

-- name: credit_barrier @postgresql
-- about: a number of its own: a snapshot ends at the last transaction that is over, and others may have begun
SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)

-- name: credit_oldest
-- about: the first transaction that is not over, or a later number
SELECT 0

-- name: credit_oldest @postgresql
-- about: a snapshot names the transactions of all databases of the server; those of others write nothing here
SELECT COALESCE(
  MIN(CAST(CAST(t.id AS text) AS bigint)), CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)
)
FROM pg_snapshot_xip(pg_current_snapshot()) AS t (id)
WHERE NOT EXISTS (
  SELECT 1 FROM pg_stat_activity a WHERE a.backend_xid = CAST(t.id AS xid) AND a.datname <> current_database()
)

-- fragment: subtree
-- about: an account of `c` and all accounts below it, whose messages it pays for too
WITH RECURSIVE t (id) AS (
  SELECT o.id FROM accounts o WHERE o.id = c.account_id
  UNION ALL SELECT a.id FROM accounts a JOIN t ON a.parent_id = t.id JOIN accounts p ON p.id = t.id WHERE p.operator = 0
) SELECT t.id FROM t

-- name: credit_difference
-- about: what `rest` lacks to be the ledger's, less what is loose, and what slices hold. The rows of an account are
-- found by its messages, those of the accounts below it, and adjustments; those of removed messages are added up under the account's own id
-- slow: adds up all that the account ever spent
SELECT c.since, CAST(
  -COALESCE((
    SELECT SUM(l.held + l.charged) FROM messages m JOIN ledger l ON l.message_id = m.id
    WHERE m.account_id IN ({subtree}) AND l.account_id = c.account_id
      AND COALESCE(l.slice, -1) <> 0 AND COALESCE(l.slice, -1) NOT IN (SELECT o.id FROM credit_slices o)
  ), 0)
  - COALESCE((SELECT SUM(r.charged) FROM ledger r WHERE r.message_id = c.account_id), 0)
  + COALESCE((SELECT SUM(a.amount) FROM adjustments a WHERE a.account_id = c.account_id), 0)
  - COALESCE((SELECT SUM(s.taken) FROM credit_slices s WHERE s.account_id = c.account_id), 0)
  - c.rest AS bigint)
FROM credit c WHERE c.account_id = :account_id AND c.counted = 0

-- name: credit_count
-- about: a guard: the history is counted, once
-- params: account_id text, since bigint, amount bigint
UPDATE credit SET rest = rest + :amount, counted = 1
WHERE account_id = :account_id AND since = :since AND counted = 0

-- fragment: available
-- about: what an account may still spend: what is left, what slices hold and have not spent, less what is loose
CAST(
  c.rest + c.credit_limit
  + COALESCE((
    SELECT SUM(s.taken - COALESCE((SELECT SUM(l.held + l.charged) FROM ledger l WHERE l.slice = s.id), 0))
    FROM credit_slices s WHERE s.account_id = c.account_id
  ), 0)
  - COALESCE((
    SELECT SUM(l.held + l.charged) FROM ledger l WHERE l.slice = 0 AND l.account_id = c.account_id
  ), 0) AS bigint)

-- name: credit_available
SELECT {available} FROM credit c WHERE c.account_id = :account_id AND c.counted = 1

-- name: balance_guarded
-- about: what an account with a limit has left and holds, in one snapshot. Unfinished messages are found by their due
-- time: those of all accounts are far fewer than all messages of one (hence the empty text beside account_id)
-- slow: reads all unfinished messages
SELECT {available}, c.credit_limit, CAST(COALESCE((
    SELECT SUM(l.held) FROM messages m JOIN ledger l ON l.message_id = m.id
    WHERE m.due_at IS NOT NULL AND m.due_at > 0 AND m.account_id || '' IN ({subtree})
      AND l.account_id = c.account_id
  ), 0) AS bigint)
FROM credit c WHERE c.account_id = :account_id AND c.counted = 1

-- name: balance_of_ledger
-- about: what an account was charged less what was booked for it, and what is held
-- slow: adds up all that the account ever spent
SELECT CAST(COALESCE(SUM(charged), 0) AS bigint), CAST(COALESCE(SUM(held), 0) AS bigint) FROM (
  SELECT l.charged, l.held
  FROM (SELECT o.id AS account_id FROM accounts o WHERE o.id = :account_id) c, messages m JOIN ledger l ON l.message_id = m.id
  WHERE m.account_id IN ({subtree}) AND l.account_id = c.account_id
  UNION ALL SELECT r.charged, r.held FROM ledger r WHERE r.message_id = :account_id
  UNION ALL SELECT -a.amount, 0 FROM adjustments a WHERE a.account_id = :account_id
) entries
