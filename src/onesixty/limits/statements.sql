-- The limits of accounts, keys and SMPP credentials (docs/decisions/0127).

-- name: limit_take
-- about: a guard: a slice of a day's or month's messages, if the limit has it
-- params: subject text, period text, amount bigint, most bigint, ends_at bigint
INSERT INTO limit_counts (subject, period, used, most, ends_at) VALUES (:subject, :period, :amount, :most, :ends_at)
ON CONFLICT (subject, period) DO UPDATE SET used = limit_counts.used + excluded.used, most = excluded.most
WHERE limit_counts.used + excluded.used <= excluded.most

-- name: limit_give_back
-- about: what was not used of a slice
-- params: subject text, period text, amount bigint
UPDATE limit_counts SET used = used - :amount WHERE subject = :subject AND period = :period

-- name: limit_used
-- about: what nodes have taken of a period, with what they have not used yet
SELECT used FROM limit_counts WHERE subject = :subject AND period = :period

-- name: limit_counts_expire
-- about: periods that ended a week ago: a clock may be set back that far
-- params: now bigint
DELETE FROM limit_counts WHERE ends_at <= :now

-- name: limit_waiting
-- about: the messages of accounts that wait for a carrier, without test messages. They are found among those that wait,
-- which are far fewer than all that an account ever sent: those in lanes by carrier and class (a carrier that was removed
-- has no lanes), the others by their claim (the empty text beside account_id keeps a database from reading an account's
-- whole history)
-- slow: an account may have a million messages that wait
SELECT (SELECT COUNT(*) FROM messages WHERE status = 'queued' AND claim = 0
    AND carrier_id IN (SELECT id FROM carriers) AND class_ IN ('otp', 'transactional', 'marketing')
    AND account_id IN (:accounts...) AND test = 0)
  + (SELECT COUNT(*) FROM messages
    WHERE status = 'queued' AND claim < 0 AND account_id || '' IN (:accounts...) AND test = 0)
  + (SELECT COUNT(*) FROM messages
    WHERE claim > 0 AND status = 'queued' AND account_id || '' IN (:accounts...) AND test = 0)

-- name: limit_scheduled
-- about: the scheduled messages of accounts
SELECT COUNT(*) FROM messages WHERE status = 'scheduled' AND account_id IN (:accounts...) AND test = 0

-- name: limit_stock
-- about: the messages of a key or SMPP credential that have a status. Its index has only messages that wait
-- params: subject text, status text
SELECT COUNT(*) FROM messages
WHERE limited_by = :subject AND status = :status AND (status = 'queued' OR status = 'scheduled')

-- name: limit_arrival
-- about: a message of a key or SMPP credential came to a status by a change. It writes no row: those who count hear of it
-- with the commit (limits/arrivals.py). As an insert, many of one key run together on PostgreSQL
-- params: subject text, status text
INSERT INTO limit_counts (subject, period, used, most, ends_at) SELECT :subject, :status, 0, 0, 0 WHERE 1 = 0

-- name: limit_stored
-- about: the octets of the documents of accounts
SELECT COALESCE(SUM(octets), 0) FROM profiles WHERE account_id IN (:accounts...)

-- name: limit_turn
-- about: a guard: the next turn of a limit that was read at this turn; lost if another transaction took it first
-- params: subject text, period text, turn bigint, ends_at bigint
INSERT INTO limit_counts (subject, period, used, most, ends_at) VALUES (:subject, :period, 1, :turn, :ends_at)
ON CONFLICT (subject, period) DO UPDATE SET used = limit_counts.used + 1, ends_at = excluded.ends_at
WHERE limit_counts.used = excluded.most

-- name: limit_nodes
-- about: how many nodes there are
SELECT COUNT(*) FROM leases WHERE ended_at IS NULL

-- name: limit_shares
-- about: how the nodes divide the rates
SELECT subject, lease, share, used FROM limit_shares

-- name: limit_share_lock
-- about: a guard: nodes change the shares of one subject one after the other
-- params: subject text, period text, ends_at bigint
INSERT INTO limit_counts (subject, period, used, most, ends_at) VALUES (:subject, :period, 1, 0, :ends_at)
ON CONFLICT (subject, period) DO UPDATE SET used = limit_counts.used + 1, ends_at = excluded.ends_at

-- name: limit_share_set
-- about: a guard: this node's share of a rate, if that of the others leaves it. Both in thousandths
-- params: subject text, lease bigint, share bigint, used bigint, most bigint
INSERT INTO limit_shares (subject, lease, share, used)
SELECT :subject, :lease, :share, :used
WHERE :share + COALESCE((
  SELECT SUM(o.share) FROM limit_shares o WHERE o.subject = :subject AND o.lease <> :lease
), 0) <= :most
ON CONFLICT (subject, lease) DO UPDATE SET share = excluded.share, used = excluded.used

-- name: limit_share_free
-- about: a node does not need its share of a rate any more
-- params: subject text, lease bigint
DELETE FROM limit_shares WHERE subject = :subject AND lease = :lease

-- name: limit_shares_left
-- about: whether nodes that are gone have left shares
SELECT s.lease FROM limit_shares s
WHERE NOT EXISTS (SELECT 1 FROM leases l WHERE l.id = s.lease AND l.ended_at IS NULL)
LIMIT 1

-- name: limit_shares_drop
-- about: the shares of nodes that are gone
DELETE FROM limit_shares WHERE NOT EXISTS (
  SELECT 1 FROM leases l WHERE l.id = limit_shares.lease AND l.ended_at IS NULL
)
