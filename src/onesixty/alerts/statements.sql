-- The statements of alerts, and the reads that the rules evaluate.

-- name: alert_open
-- about: a guard: raises an alert; lost if it is open already
-- params: id text, rule text, subject text, open_key text, severity text, summary text, value text, started_at bigint
INSERT INTO alerts (id, rule, subject, open_key, severity, summary, value, started_at)
VALUES (:id, :rule, :subject, :open_key, :severity, :summary, :value, :started_at)
ON CONFLICT (open_key) DO NOTHING

-- name: alert_resolve
-- about: a guard: resolves an open alert
-- params: id text, resolved_at bigint
UPDATE alerts SET open_key = NULL, resolved_at = :resolved_at WHERE id = :id AND resolved_at IS NULL

-- name: alert_acknowledge
-- about: acknowledges an alert; the first acknowledgement is kept
-- params: id text, acknowledged_at bigint, acknowledged_by text
UPDATE alerts SET acknowledged_at = :acknowledged_at, acknowledged_by = :acknowledged_by
WHERE id = :id AND acknowledged_at IS NULL

-- name: alerts_open
-- about: every open alert
SELECT id, rule, subject, severity, summary, value, started_at, resolved_at, acknowledged_at, acknowledged_by
FROM alerts WHERE open_key IS NOT NULL ORDER BY id

-- name: alert_get
-- about: one alert
-- params: id text
SELECT id, rule, subject, severity, summary, value, started_at, resolved_at, acknowledged_at, acknowledged_by
FROM alerts WHERE id = :id

-- name: alerts_list
-- about: a page of alerts, newest first
-- params: after text, only_open bigint, most bigint
SELECT id, rule, subject, severity, summary, value, started_at, resolved_at, acknowledged_at, acknowledged_by
FROM alerts WHERE id < :after AND (:only_open = 0 OR open_key IS NOT NULL) ORDER BY id DESC LIMIT :most

-- name: alerts_forget
-- about: for the sweep: removes alerts that were resolved 90 days ago
-- params: now bigint
DELETE FROM alerts WHERE resolved_at IS NOT NULL AND resolved_at < :now - 7776000000

-- name: alert_receipt_shares
-- about: of a sample of messages from a span of time, how many have a final report, by carrier and network
-- params: after text, until text, sent_before bigint, count bigint
-- slow: it reads thousands of rows
SELECT carrier_id, COALESCE(network, country, ''), COUNT(*),
  SUM(CASE WHEN status IN ('delivered', 'undelivered') THEN 1 ELSE 0 END)
FROM (
  SELECT carrier_id, network, country, status FROM messages
  WHERE id > :after AND id < :until AND direction = 'outbound' AND sent_at IS NOT NULL AND sent_at < :sent_before
  ORDER BY id DESC LIMIT :count
) AS sample
GROUP BY carrier_id, COALESCE(network, country, '')

-- name: alert_unmatched_receipts
-- about: how many receipts of a carrier match no message, up to a limit
-- params: carrier_id text, before bigint, count bigint
SELECT COUNT(*) FROM (
  SELECT 1 FROM receipts
  WHERE carrier_id = :carrier_id AND message_id IS NULL AND received_at < :before LIMIT :count
) AS sample

-- name: alert_uncounted
-- about: when the oldest change was noted that the statistics have not counted
SELECT MIN(noted_at) FROM changed_messages

-- name: alert_verify_stops
-- about: the stops by guards that concern many users and stand, by guard
-- params: now bigint
SELECT guard, COUNT(*) FROM verify_blocks
WHERE ends_at > :now AND released_at IS NULL AND guard IN ('country_score', 'network_score', 'burst', 'budget')
GROUP BY guard ORDER BY guard

-- name: alert_verify_success
-- about: how many verifications of each profile could be approved, and were, by the hour in which they began
-- slow: hours of eight days, with their countries and networks; read every few minutes
-- params: since bigint
SELECT profile_id, hour, CAST(SUM(started - blocked - canceled - unreported) AS BIGINT), CAST(SUM(approved) AS BIGINT)
FROM verify_counts WHERE hour >= :since AND test = 0
GROUP BY profile_id, hour ORDER BY profile_id, hour DESC
