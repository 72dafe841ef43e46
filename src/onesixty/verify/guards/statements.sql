-- What the guards of verifications remember (docs/decisions/0145).

-- name: verify_turn
-- about: a guard: the next start at a key; lost if its turn is beyond `seen`, because more have started there since it
--   was read than would still have passed
-- params: key text, seen bigint, ends_at bigint
INSERT INTO verify_traces (key, turn, seen, approved_at, released_at, ends_at) VALUES (:key, 1, :seen, 0, 0, :ends_at)
ON CONFLICT (key) DO UPDATE SET turn = verify_traces.turn + 1,
  ends_at = CASE WHEN excluded.ends_at > verify_traces.ends_at THEN excluded.ends_at ELSE verify_traces.ends_at END
WHERE verify_traces.turn <= excluded.seen

-- name: verify_spend
-- about: a guard: what a send costs, if the budget has it
-- params: key text, begins_at bigint, amount bigint, most bigint, ends_at bigint
INSERT INTO verify_spending (key, begins_at, spent, most, ends_at) VALUES (:key, :begins_at, :amount, :most, :ends_at)
ON CONFLICT (key, begins_at) DO UPDATE SET spent = verify_spending.spent + excluded.spent, most = excluded.most
WHERE verify_spending.spent + excluded.spent <= excluded.most

-- name: verify_mark_insert
-- about: a verification, as the guards remember it
-- params: id text, scope text, profile_id text, sent_at bigint, recipient text, range_ text, address text, device text,
--   flags bigint, state text, sends bigint, ends_at bigint
INSERT INTO verify_marks (id, scope, profile_id, sent_at, recipient, range_, address, device, flags, state, sends,
  ends_at)
VALUES (:id, :scope, :profile_id, :sent_at, :recipient, :range_, :address, :device, :flags, :state, :sends, :ends_at)

-- name: verify_mark_release
-- about: a held verification is sent
-- params: id text, sent_at bigint, ends_at bigint
UPDATE verify_marks SET state = 'open', sends = 1, sent_at = :sent_at, ends_at = :ends_at
WHERE id = :id AND state = 'held'

-- name: verify_mark_resend
-- about: one more send of a verification
-- params: id text
UPDATE verify_marks SET sends = sends + 1 WHERE id = :id

-- name: verify_mark_end
-- about: how a verification ended. An approval wins over what was assumed before
-- params: id text, state text
UPDATE verify_marks SET state = :state WHERE id = :id AND (state = 'open' OR :state = 'approved')

-- name: verify_tally
-- about: sends and approvals of a minute, of one node, and those in new ranges among them
-- params: key text, begins_at bigint, lease bigint, sent bigint, approved bigint, fresh_sent bigint,
--   fresh_approved bigint, ends_at bigint
INSERT INTO verify_tallies (key, begins_at, lease, sent, approved, fresh_sent, fresh_approved, ends_at)
VALUES (:key, :begins_at, :lease, :sent, :approved, :fresh_sent, :fresh_approved, :ends_at)
ON CONFLICT (key, begins_at, lease) DO UPDATE SET {added}

-- name: verify_tally_marked
-- about: the same for a verification that was sent with all these flags. The flag `fresh` says that its range was new
-- params: id text, flags bigint, fresh bigint, key text, begins_at bigint, lease bigint, sent bigint, approved bigint,
--   ends_at bigint
INSERT INTO verify_tallies (key, begins_at, lease, sent, approved, fresh_sent, fresh_approved, ends_at)
SELECT :key, :begins_at, :lease, :sent, :approved, CASE WHEN (m.flags & :fresh) = :fresh THEN :sent ELSE 0 END,
  CASE WHEN (m.flags & :fresh) = :fresh THEN :approved ELSE 0 END, :ends_at
FROM verify_marks m
WHERE m.id = :id AND (m.flags & :flags) = :flags
ON CONFLICT (key, begins_at, lease) DO UPDATE SET {added}

-- fragment: added
-- about: what a tally has, and what is added
sent = verify_tallies.sent + excluded.sent, approved = verify_tallies.approved + excluded.approved,
  fresh_sent = verify_tallies.fresh_sent + excluded.fresh_sent,
  fresh_approved = verify_tallies.fresh_approved + excluded.fresh_approved

-- name: verify_trace_approved
-- about: somebody approved at a key, unless that is known of a time after `known`: many approve in one country, and none
--   of them waits for the row of another
-- params: key text, at bigint, ends_at bigint, known bigint
INSERT INTO verify_traces (key, turn, seen, approved_at, released_at, ends_at)
SELECT :key, 0, 0, :at, 0, :ends_at
WHERE NOT EXISTS (SELECT 1 FROM verify_traces t WHERE t.key = :key AND t.approved_at > :known)
ON CONFLICT (key) DO UPDATE SET approved_at = excluded.approved_at, ends_at = excluded.ends_at

-- name: verify_trace_released
-- about: a stop of a key was released: what was before counts no more
-- params: key text, at bigint, ends_at bigint
INSERT INTO verify_traces (key, turn, seen, approved_at, released_at, ends_at) VALUES (:key, 0, 0, 0, :at, :ends_at)
ON CONFLICT (key) DO UPDATE SET turn = verify_traces.turn + 1, released_at = excluded.released_at,
  ends_at = CASE WHEN excluded.ends_at > verify_traces.ends_at THEN excluded.ends_at ELSE verify_traces.ends_at END

-- name: verify_blocks_release
-- about: every stop of a key that has not ended is released
-- params: key text, at bigint
UPDATE verify_blocks SET released_at = :at, version = version + 1
WHERE key = :key AND ends_at > :at AND released_at IS NULL

-- name: verify_recall
-- about: all that is remembered about a start, as rows of one shape: kind, key, five numbers, two texts. What was
--   sent to a range since its last block comes as sums of 5 s, and of two minutes before the last ten; what was counted by
--   minute comes as minutes, and as sums of ten before the last five. A guard needs no more
-- params: scope text, profile_id text, id text, recipient text, range_ text, low text, high text, address text,
--   device text, day bigint, hour bigint, number_key text, address_key text, device_key text, range_key text,
--   network_key text, country_key text, profile_key text, novel_key text, hour_budget text, day_budget text,
--   account_id text, test bigint, trusted text[], now bigint
SELECT * FROM (SELECT 'number' AS kind, id AS key, sent_at AS a, sends AS b, 0 AS c, 0 AS d, 0 AS e, state AS word,
    recipient AS words
  FROM verify_marks WHERE scope = :scope AND recipient = :recipient AND sent_at >= :day
  ORDER BY sent_at DESC LIMIT 60) n
UNION ALL
SELECT * FROM (SELECT 'address', id, sent_at, sends, 0, 0, 0, state, recipient
  FROM verify_marks WHERE scope = :scope AND address = :address AND address <> '' AND sent_at >= :hour
  ORDER BY sent_at DESC LIMIT 200) a
UNION ALL
SELECT * FROM (SELECT 'device', id, sent_at, sends, 0, 0, 0, state, recipient
  FROM verify_marks WHERE scope = :scope AND device = :device AND device <> '' AND sent_at >= :day
  ORDER BY sent_at DESC LIMIT 60) d
UNION ALL
SELECT * FROM (SELECT 'near', id, sent_at, sends, 0, 0, 0, state, recipient
  FROM verify_marks
  WHERE scope = :scope AND recipient >= :low AND recipient <= :high AND sent_at >= :hour
    AND state IN ('open', 'failed', 'held') AND profile_id = :profile_id AND range_ = :range_
  ORDER BY sent_at DESC LIMIT 200) s
UNION ALL
SELECT 'range', '', CAST(SUM(sent_at) AS BIGINT) / COUNT(*), COUNT(*) FILTER (WHERE state = 'approved'),
  COUNT(*) FILTER (WHERE state = 'failed'), COUNT(*) FILTER (WHERE state = 'open'),
  COALESCE(CAST(SUM(sends) FILTER (WHERE state = 'open') AS BIGINT), 0), '', ''
FROM (SELECT sent_at, sends, state
  FROM verify_marks
  WHERE profile_id = :profile_id AND range_ = :range_ AND range_ <> '' AND state <> 'held' AND sent_at >= :day
    AND sent_at >= COALESCE((SELECT released_at FROM verify_traces WHERE key = :range_key), 0)
    AND sent_at >= COALESCE((SELECT MAX(created_at) FROM verify_blocks
      WHERE key = :range_key AND ends_at > :day AND lasting = 1 AND released_at IS NULL), 0)
    AND id <> :id
  ORDER BY sent_at DESC LIMIT 200) r
GROUP BY CASE WHEN sent_at >= :now - 600000 THEN sent_at / 5000 ELSE sent_at / 120000 END
UNION ALL
SELECT 'trace', key, turn, approved_at, released_at, 0, 0, '', '' FROM verify_traces WHERE key IN ({keys})
UNION ALL
SELECT 'tally', key, MIN(begins_at), CAST(SUM(sent) AS BIGINT), CAST(SUM(approved) AS BIGINT),
  CAST(SUM(fresh_sent) AS BIGINT), CAST(SUM(fresh_approved) AS BIGINT), '', ''
FROM verify_tallies WHERE key IN (:country_key, :network_key, :novel_key) AND begins_at >= :hour
GROUP BY key, CASE WHEN begins_at >= :now - 300000 THEN begins_at ELSE begins_at / 600000 END
UNION ALL
SELECT 'spent', key, begins_at, spent, 0, 0, 0, '', '' FROM verify_spending
WHERE key IN (:hour_budget, :day_budget) AND ends_at > :now
UNION ALL
SELECT 'block', key, created_at, ends_at, COALESCE(released_at, 0), strikes, lasting, guard, reason
FROM verify_blocks WHERE key IN ({keys}) AND ends_at > :day
UNION ALL
SELECT 'trusted', number, 0, 0, 0, 0, 0, '', ''
FROM trusted_numbers WHERE account_id = :account_id AND test = :test AND number IN (:trusted...)

-- fragment: keys
-- about: the keys of a start; those that it does not have are empty
:number_key, :address_key, :device_key, :range_key, :network_key, :country_key, :profile_key, :novel_key

-- name: verify_baselines
-- about: what was sent and approved in each country of each profile in the last days, of what has ended
-- params: since bigint, until bigint
-- slow: many networks and carriers in many hours
SELECT profile_id, country, CAST(SUM(started - unsent - unreported) AS BIGINT), CAST(SUM(approved) AS BIGINT),
  COUNT(DISTINCT hour)
FROM verify_counts
WHERE hour >= :since AND hour < :until AND country <> '' AND channel <> 'email' AND started > unsent + unreported
GROUP BY profile_id, country

-- name: verify_marks_expire
-- about: marks that no guard looks at any more
-- params: now bigint
DELETE FROM verify_marks WHERE ends_at <= :now

-- name: verify_traces_expire
-- about: keys at which nothing happened for long
-- params: now bigint
DELETE FROM verify_traces WHERE ends_at <= :now

-- name: verify_tallies_expire
-- about: minutes that no guard looks at any more
-- params: now bigint
DELETE FROM verify_tallies WHERE ends_at <= :now

-- name: verify_spending_expire
-- about: hours and days that are over; a clock may be set back a little
-- params: now bigint
DELETE FROM verify_spending WHERE ends_at <= :now - 86400000

-- name: verify_blocks_expire
-- about: stops that ended a month ago
-- params: now bigint
DELETE FROM verify_blocks WHERE ends_at <= :now - 2592000000

-- name: verify_marks_forget
-- about: redaction: the marks of a number of a tenant
-- params: scope text, recipient text
DELETE FROM verify_marks WHERE scope = :scope AND recipient = :recipient

-- name: verify_traces_forget
-- about: redaction: what is remembered of a number
-- params: key text
DELETE FROM verify_traces WHERE key = :key
