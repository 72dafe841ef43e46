-- The checks of the audit: each finds the rows that contradict a promise. What each means stands in audit.py.
--
-- A check gives, for the first :most of them, the id and how many there are in all. None may ever be true of a
-- committed state, also of one in the middle of traffic: an audit runs beside a server.

-- name: audit_sizes
-- about: how many rows there are to look at
SELECT
  (SELECT COUNT(*) FROM messages), (SELECT COUNT(*) FROM events), (SELECT COUNT(*) FROM attempts),
  (SELECT COUNT(*) FROM flights), (SELECT COUNT(*) FROM ledger), (SELECT COUNT(*) FROM receipts),
  (SELECT COUNT(*) FROM work WHERE sink = 'webhook'), (SELECT COUNT(*) FROM accounts), (SELECT COUNT(*) FROM inbound_parts),
  (SELECT COUNT(*) FROM smpp_parts), (SELECT COUNT(*) FROM work WHERE sink = 'bind'),
  (SELECT COUNT(*) FROM statistics_boxes)

-- name: audit_node
-- about: the node that ran last: since when, and until when
SELECT started_at, COALESCE(ended_at, expires_at) FROM leases
ORDER BY COALESCE(ended_at, expires_at) DESC LIMIT 1

-- name: audit_status
-- params: statuses text[], most bigint
SELECT id, COUNT(*) OVER () FROM messages WHERE status NOT IN (:statuses...) ORDER BY id LIMIT :most

-- name: audit_held_for
-- params: most bigint
SELECT id, COUNT(*) OVER () FROM messages
WHERE CASE status WHEN 'held' THEN held_for IS NULL ELSE held_for IS NOT NULL END
ORDER BY id LIMIT :most

-- name: audit_end_time
-- params: terminal text[], most bigint
SELECT id, COUNT(*) OVER () FROM messages
WHERE (status IN (:terminal...) AND done_at IS NULL) OR (status NOT IN (:terminal...) AND done_at IS NOT NULL)
ORDER BY id LIMIT :most

-- name: audit_end_rest
-- params: terminal text[], most bigint
SELECT id, COUNT(*) OVER () FROM messages
WHERE status IN (:terminal...) AND (claim <> 0 OR due_at IS NOT NULL)
ORDER BY id LIMIT :most

-- name: audit_due
-- params: terminal text[], most bigint
SELECT id, COUNT(*) OVER () FROM messages
WHERE status NOT IN (:terminal...) AND due_at IS NULL
ORDER BY id LIMIT :most

-- name: audit_overdue
-- params: late_before bigint, most bigint
SELECT id, COUNT(*) OVER () FROM messages
WHERE due_at IS NOT NULL AND due_at < :late_before
ORDER BY id LIMIT :most

-- name: audit_history
-- about: of an old message retention may have removed the first events, or all
-- params: most bigint
SELECT m.id, COUNT(*) OVER () FROM messages m LEFT JOIN (
  SELECT message_id, COUNT(*) AS events, COUNT(DISTINCT sequence) AS numbers, MIN(sequence) AS lowest,
    MAX(sequence) AS highest
  FROM events WHERE message_id IS NOT NULL GROUP BY message_id
) e ON e.message_id = m.id
WHERE CASE
  WHEN m.id < 'msg_' || COALESCE((SELECT value FROM meta WHERE key = 'events_from'), '')
  THEN e.events > 0 AND (e.numbers <> e.events OR e.numbers <> e.highest - e.lowest + 1 OR e.highest <> m.sequence)
  ELSE COALESCE(e.events, 0) <> m.sequence
    OR (m.sequence > 0 AND (e.numbers <> m.sequence OR e.lowest <> 1 OR e.highest <> m.sequence))
END
ORDER BY m.id LIMIT :most

-- name: audit_history_end
-- params: accepted text[], most bigint
SELECT m.id, COUNT(*) OVER () FROM messages m
LEFT JOIN events e ON e.message_id = m.id AND e.sequence = (
  SELECT MAX(sequence) FROM events s WHERE s.message_id = m.id AND s.type <> 'message.changed'
)
WHERE (e.sequence IS NULL AND m.status NOT IN (:accepted...)
    AND m.id >= 'msg_' || COALESCE((SELECT value FROM meta WHERE key = 'events_from'), ''))
  OR (e.sequence IS NOT NULL AND COALESCE(e.type, '') <> 'message.' || m.status
    AND NOT (COALESCE(e.type, '') = 'message.corrected' AND m.status = 'delivered'))
ORDER BY m.id LIMIT :most

-- name: audit_history_steps
-- params: steps text[], most bigint
SELECT message_id, COUNT(*) OVER () FROM (
  SELECT DISTINCT message_id FROM (
    SELECT message_id, type, LAG(type) OVER (PARTITION BY message_id ORDER BY sequence) AS before
    FROM events WHERE message_id IS NOT NULL AND type <> 'message.changed'
  ) pairs WHERE COALESCE(before, '') || '>' || type NOT IN (:steps...) AND NOT (
    before IS NULL AND message_id < 'msg_' || COALESCE((SELECT value FROM meta WHERE key = 'events_from'), '')
  )
) odd
ORDER BY message_id LIMIT :most

-- name: audit_one_end
-- params: terminal text[], ends text[], most bigint
SELECT m.id, COUNT(*) OVER () FROM messages m LEFT JOIN (
  SELECT message_id, COUNT(*) AS ends FROM events
  WHERE message_id IS NOT NULL AND type IN (:ends...) GROUP BY message_id
) e ON e.message_id = m.id
WHERE COALESCE(e.ends, 0) <> CASE WHEN m.status IN (:terminal...) THEN 1 ELSE 0 END
  AND NOT (
    e.ends IS NULL AND m.id < 'msg_' || COALESCE((SELECT value FROM meta WHERE key = 'events_from'), '')
  )
ORDER BY m.id LIMIT :most

-- name: audit_events_known
-- params: most bigint
SELECT e.id, COUNT(*) OVER () FROM events e LEFT JOIN messages m ON m.id = e.message_id
WHERE e.message_id IS NOT NULL AND (m.id IS NULL OR m.account_id <> e.account_id)
ORDER BY e.id LIMIT :most

-- name: audit_claims
-- params: late_before bigint, most bigint
SELECT m.id, COUNT(*) OVER () FROM messages m LEFT JOIN leases l ON l.id = m.claim
WHERE m.claim <> 0 AND (
  m.status <> 'queued' OR (m.claim > 0 AND (l.id IS NULL OR COALESCE(l.ended_at, :late_before) < :late_before))
)
ORDER BY m.id LIMIT :most

-- name: audit_flights
-- params: most bigint
SELECT f.id, COUNT(*) OVER () FROM flights f JOIN json_each(f.message_ids) n
LEFT JOIN messages m ON m.id = json_extract(n.value, '$[0]')
WHERE m.id IS NULL
  OR (m.version = json_extract(n.value, '$[1]') AND (m.status <> 'queued' OR m.claim <> f.lease))
ORDER BY f.id LIMIT :most

-- name: audit_flights @postgresql
SELECT f.id, COUNT(*) OVER () FROM flights f
CROSS JOIN LATERAL json_array_elements(CAST(f.message_ids AS json)) AS n(value)
LEFT JOIN messages m ON m.id = n.value ->> 0
WHERE m.id IS NULL
  OR (m.version = CAST(n.value ->> 1 AS bigint) AND (m.status <> 'queued' OR m.claim <> f.lease))
ORDER BY f.id LIMIT :most

-- name: audit_flights_apart
-- params: most bigint
SELECT message_id, COUNT(*) OVER () FROM (
  SELECT json_extract(n.value, '$[0]') AS message_id FROM flights f JOIN json_each(f.message_ids) n
  GROUP BY json_extract(n.value, '$[0]'), json_extract(n.value, '$[1]') HAVING COUNT(DISTINCT f.lease) > 1
) twice
ORDER BY message_id LIMIT :most

-- name: audit_flights_apart @postgresql
SELECT message_id, COUNT(*) OVER () FROM (
  SELECT n.value ->> 0 AS message_id FROM flights f
  CROSS JOIN LATERAL json_array_elements(CAST(f.message_ids AS json)) AS n(value)
  GROUP BY n.value ->> 0, n.value ->> 1 HAVING COUNT(DISTINCT f.lease) > 1
) twice
ORDER BY message_id LIMIT :most

-- name: audit_taken
-- about: segments are counted as they were rendered for the carrier, which may be more or fewer than were priced
-- params: most bigint
SELECT m.id, COUNT(*) OVER () FROM messages m LEFT JOIN (
  SELECT DISTINCT message_id FROM (
    SELECT message_id FROM attempts WHERE outcome = 'accepted'
    GROUP BY message_id, segments HAVING COUNT(DISTINCT segment) = segments
  ) complete
) a ON a.message_id = m.id
WHERE m.direction = 'outbound'
  AND (m.status IN ('sent', 'delivered')
    OR (m.sent_at IS NOT NULL AND COALESCE(m.error_code, '') NOT IN ('partially_refused', 'validity_passed', 'outcome_unknown')))
  AND a.message_id IS NULL
ORDER BY m.id LIMIT :most

-- name: audit_delivered
-- params: most bigint
SELECT m.id, COUNT(*) OVER () FROM messages m LEFT JOIN (
  SELECT DISTINCT message_id FROM (
    SELECT message_id FROM attempts WHERE outcome = 'accepted' AND state = 'delivered'
    GROUP BY message_id, segments HAVING COUNT(DISTINCT segment) = segments
  ) complete
) a ON a.message_id = m.id
WHERE m.direction = 'outbound' AND m.status = 'delivered' AND a.message_id IS NULL
ORDER BY m.id LIMIT :most

-- name: audit_attempts
-- params: most bigint
SELECT message_id, COUNT(*) OVER () FROM (
  SELECT DISTINCT a.message_id FROM attempts a LEFT JOIN messages m ON m.id = a.message_id
  WHERE m.id IS NULL OR a.attempt > m.attempts OR a.segment >= a.segments OR a.account_id <> m.account_id
) odd
ORDER BY message_id LIMIT :most

-- name: audit_duplicates
-- about: an outcome that came to light later was unknown when it was counted
-- params: most bigint
SELECT m.id, COUNT(*) OVER () FROM messages m LEFT JOIN (
  SELECT message_id, COUNT(DISTINCT attempt) AS unknown FROM attempts
  WHERE outcome = 'unknown' OR found_at IS NOT NULL GROUP BY message_id
) a ON a.message_id = m.id
WHERE m.duplicates > COALESCE(a.unknown, 0)
ORDER BY m.id LIMIT :most

-- name: audit_repeats
-- params: most bigint
SELECT m.id, COUNT(*) OVER () FROM messages m JOIN (
  SELECT u.message_id, COUNT(DISTINCT u.attempt) AS repeated FROM attempts u
  WHERE u.outcome = 'unknown' AND EXISTS (
    SELECT 1 FROM attempts later
    WHERE later.message_id = u.message_id AND later.segment = u.segment AND later.attempt > u.attempt
  )
  GROUP BY u.message_id
) a ON a.message_id = m.id
WHERE a.repeated > m.duplicates
ORDER BY m.id LIMIT :most

-- name: audit_left
-- params: late_before bigint, most bigint
SELECT m.id, COUNT(*) OVER () FROM messages m JOIN (
  SELECT DISTINCT message_id FROM (
    SELECT message_id FROM attempts WHERE outcome = 'accepted'
    GROUP BY message_id, carrier_id, segments, concat_reference
    HAVING COUNT(DISTINCT segment) = segments AND MAX(COALESCE(found_at, 0)) < :late_before
  ) complete
) a ON a.message_id = m.id
WHERE m.status IN ('queued', 'held') AND m.claim <= 0
ORDER BY m.id LIMIT :most

-- name: audit_hold
-- params: most bigint
SELECT m.id, COUNT(*) OVER () FROM messages m
LEFT JOIN (
  SELECT DISTINCT message_id FROM ledger WHERE kind = 'hold' OR kind LIKE 'reprice:%'
) l ON l.message_id = m.id
WHERE m.test = 0 AND m.price > 0 AND m.direction = 'outbound' AND l.message_id IS NULL
ORDER BY m.id LIMIT :most

-- name: audit_free
-- params: most bigint
SELECT message_id, COUNT(*) OVER () FROM (
  SELECT l.message_id FROM ledger l LEFT JOIN messages m ON m.id = l.message_id
  WHERE l.kind NOT LIKE 'carried:%' AND l.kind <> 'adjustment'
  GROUP BY l.message_id, m.id, m.test, m.price, m.direction
  HAVING m.id IS NULL OR m.test <> 0 OR m.direction <> 'outbound'
    OR (m.price = 0 AND (
      SUM(CASE WHEN l.kind LIKE '@%' THEN 0 ELSE l.held END) <> 0
      OR SUM(CASE WHEN l.kind LIKE '@%' THEN 0 ELSE l.charged END) <> 0
    ))
) odd
ORDER BY message_id LIMIT :most

-- name: audit_amounts
-- about: what was held at acceptance and when it was priced anew is the price; what settled it moves just that
-- params: most bigint
SELECT message_id, COUNT(*) OVER () FROM (
  SELECT l.message_id FROM ledger l JOIN messages m ON m.id = l.message_id
  WHERE l.kind NOT LIKE '@%'
  GROUP BY l.message_id, m.price
  HAVING SUM(CASE WHEN l.kind = 'hold' OR l.kind LIKE 'reprice:%' THEN l.held ELSE 0 END) <> m.price
    OR SUM(CASE WHEN l.account_id <> m.account_id OR l.currency <> m.currency
      OR NOT CASE
        WHEN l.kind = 'hold' OR l.kind LIKE 'reprice:%' THEN l.charged = 0
        WHEN l.kind = 'settle' THEN l.held = -m.price AND l.charged = m.price
        WHEN l.kind = 'release' THEN l.held = -m.price AND l.charged = 0
        WHEN l.kind = 'adjust' THEN l.held = 0 AND l.charged = m.price
        ELSE FALSE
      END THEN 1 ELSE 0 END) > 0
) odd
ORDER BY message_id LIMIT :most

-- name: audit_moves
-- params: terminal text[], on_sent bigint, most bigint
SELECT m.id, COUNT(*) OVER () FROM messages m LEFT JOIN (
  SELECT message_id,
    SUM(CASE kind WHEN 'settle' THEN 100 WHEN 'release' THEN 10 WHEN 'adjust' THEN 1 ELSE 0 END) AS moves
  FROM ledger GROUP BY message_id
) l ON l.message_id = m.id
WHERE m.test = 0 AND m.price > 0 AND m.direction = 'outbound' AND NOT CASE
  WHEN m.status = 'delivered' THEN COALESCE(l.moves, 0) IN (100, 11)
  WHEN m.sent_at IS NOT NULL AND :on_sent = 1 THEN COALESCE(l.moves, 0) = 100
  WHEN m.status IN (:terminal...) THEN COALESCE(l.moves, 0) = 10
  ELSE COALESCE(l.moves, 0) = 0
END
ORDER BY m.id LIMIT :most

-- name: audit_sums
-- params: terminal text[], on_sent bigint, most bigint
SELECT account_id, COUNT(*) OVER () FROM (
  SELECT account_id, currency, held, charged FROM ledger
  WHERE kind NOT LIKE 'carried:%' AND kind <> 'adjustment' AND kind NOT LIKE '@%'
  UNION ALL
  SELECT account_id, currency,
    CASE WHEN status IN (:terminal...) OR (:on_sent = 1 AND sent_at IS NOT NULL) THEN 0 ELSE -price END,
    CASE WHEN status = 'delivered' OR (:on_sent = 1 AND sent_at IS NOT NULL) THEN -price ELSE 0 END
  FROM messages WHERE test = 0 AND direction = 'outbound'
) moves
GROUP BY account_id, currency HAVING SUM(held) <> 0 OR SUM(charged) <> 0
ORDER BY account_id LIMIT :most

-- name: audit_above
-- about: what an account above was held and charged for a message follows from its price there, as for the message's
-- own account; and a price is the one that the message names for that account
-- params: terminal text[], on_sent bigint, most bigint
SELECT id, COUNT(*) OVER () FROM (
  SELECT s.id FROM (
    SELECT m.id, m.status, m.sent_at, json_extract(e.value, '$[0]') AS account_id,
      CAST(json_extract(e.value, '$[1]') AS bigint) AS price, json_extract(e.value, '$[2]') AS currency
    FROM messages m JOIN json_each(m.paid_above) e
    WHERE m.paid_above IS NOT NULL AND m.test = 0
  ) s LEFT JOIN ledger l ON l.message_id = s.id AND l.account_id = s.account_id AND l.kind LIKE '@%'
  GROUP BY s.id, s.account_id, s.price, s.currency, s.status, s.sent_at
  HAVING {above_differs}
  UNION ALL
  SELECT l.message_id FROM ledger l JOIN messages m ON m.id = l.message_id
  WHERE l.kind LIKE '@%' AND m.paid_above IS NULL
) odd
ORDER BY id LIMIT :most

-- name: audit_above @postgresql
SELECT id, COUNT(*) OVER () FROM (
  SELECT s.id FROM (
    SELECT m.id, m.status, m.sent_at, e.value ->> 0 AS account_id, CAST(e.value ->> 1 AS bigint) AS price,
      e.value ->> 2 AS currency
    FROM messages m CROSS JOIN LATERAL json_array_elements(CAST(m.paid_above AS json)) e
    WHERE m.paid_above IS NOT NULL AND m.test = 0
  ) s LEFT JOIN ledger l ON l.message_id = s.id AND l.account_id = s.account_id AND l.kind LIKE '@%'
  GROUP BY s.id, s.account_id, s.price, s.currency, s.status, s.sent_at
  HAVING {above_differs}
  UNION ALL
  SELECT l.message_id FROM ledger l JOIN messages m ON m.id = l.message_id
  WHERE l.kind LIKE '@%' AND m.paid_above IS NULL
) odd
ORDER BY id LIMIT :most

-- fragment: above_differs
-- about: the sums of a share's rows are not those that the status of its message makes them
COALESCE(SUM(CASE WHEN l.kind LIKE '%:hold' OR l.kind LIKE '%:reprice:%' THEN l.held ELSE 0 END), 0) <> s.price
  OR COALESCE(SUM(CASE WHEN l.currency <> s.currency THEN 1 ELSE 0 END), 0) > 0
  OR COALESCE(SUM(l.held), 0) <>
    CASE WHEN s.status IN (:terminal...) OR (:on_sent = 1 AND s.sent_at IS NOT NULL) THEN 0 ELSE s.price END
  OR COALESCE(SUM(l.charged), 0) <>
    CASE WHEN s.status = 'delivered' OR (:on_sent = 1 AND s.sent_at IS NOT NULL) THEN s.price ELSE 0 END

-- name: audit_adjustments
-- params: most bigint
SELECT id, COUNT(*) OVER () FROM (
  SELECT id, account_id, currency, amount FROM adjustments
  UNION ALL SELECT message_id, account_id, currency, charged + held FROM ledger WHERE kind = 'adjustment'
) booked
GROUP BY id, account_id, currency HAVING SUM(amount) <> 0 OR COUNT(*) <> 2
ORDER BY id LIMIT :most

-- name: audit_credit
-- about: rows of open slices are spent of what the slice took, loose rows are not counted yet
-- params: most bigint
SELECT c.account_id, COUNT(*) OVER () FROM credit c LEFT JOIN (
  SELECT account_id, SUM(moved) AS moved FROM (
    SELECT account_id, held + charged AS moved FROM ledger
    WHERE COALESCE(slice, -1) <> 0 AND COALESCE(slice, -1) NOT IN (SELECT id FROM credit_slices)
    UNION ALL SELECT account_id, taken FROM credit_slices
  ) moves GROUP BY account_id
) m ON m.account_id = c.account_id
WHERE c.counted = 1 AND c.rest + COALESCE(m.moved, 0) <> 0
ORDER BY c.account_id LIMIT :most

-- name: audit_credit_slices
-- params: most bigint
SELECT s.account_id, COUNT(*) OVER () FROM credit_slices s LEFT JOIN (
  SELECT slice, account_id, SUM(held + charged) AS spent FROM ledger
  WHERE slice IS NOT NULL AND slice <> 0 GROUP BY slice, account_id
) l ON l.slice = s.id
WHERE COALESCE(l.spent, 0) > s.taken OR s.taken < 0 OR l.account_id <> s.account_id
ORDER BY s.account_id LIMIT :most

-- name: audit_credit_limits
-- params: most bigint
SELECT a.id, COUNT(*) OVER () FROM accounts a LEFT JOIN credit c ON c.account_id = a.id
WHERE COALESCE(CAST(json_extract(a.settings, '$.credit_limit') AS bigint), -1) <> COALESCE(c.credit_limit, -1)
ORDER BY a.id LIMIT :most

-- name: audit_credit_limits @postgresql
SELECT a.id, COUNT(*) OVER () FROM accounts a LEFT JOIN credit c ON c.account_id = a.id
WHERE COALESCE(CAST(CAST(a.settings AS json) ->> 'credit_limit' AS bigint), -1) <> COALESCE(c.credit_limit, -1)
ORDER BY a.id LIMIT :most

-- name: audit_receipts
-- params: most bigint
SELECT r.id, COUNT(*) OVER () FROM receipts r
LEFT JOIN attempts a ON a.message_id = r.message_id AND a.attempt = r.attempt AND a.segment = r.segment
WHERE r.message_id IS NOT NULL AND (
  a.message_id IS NULL OR a.carrier_id <> r.carrier_id OR a.account_id <> r.account_id OR r.due_at IS NOT NULL
)
ORDER BY r.id LIMIT :most

-- name: audit_receipts_kept
-- about: the last look is at the end of a receipt's time, and takes it away
-- params: most bigint
SELECT id, COUNT(*) OVER () FROM receipts
WHERE message_id IS NULL AND due_at IS NULL
ORDER BY id LIMIT :most

-- name: audit_deliveries
-- params: most bigint
SELECT d.id, COUNT(*) OVER () FROM work d LEFT JOIN events e ON e.id = d.subject
WHERE d.sink = 'webhook' AND ((e.id IS NULL AND NOT (
    d.due_at IS NULL AND d.subject < 'evt_' || COALESCE((SELECT value FROM meta WHERE key = 'events_from'), '')
  ))
  OR e.account_id <> d.account_id OR NOT CASE
  WHEN d.status = 'pending' THEN d.due_at IS NOT NULL AND d.done_at IS NULL
  WHEN d.status IN ('delivered', 'failed') THEN d.due_at IS NULL AND d.done_at IS NOT NULL AND d.claim = 0
  ELSE FALSE
END)
ORDER BY d.id LIMIT :most

-- name: audit_deliveries_late
-- params: late_before bigint, most bigint
SELECT id, COUNT(*) OVER () FROM work
WHERE sink = 'webhook' AND status = 'pending' AND expires_at < :late_before
ORDER BY id LIMIT :most

-- name: audit_inbound_parts
-- params: late_before bigint, most bigint
SELECT id, COUNT(*) OVER () FROM inbound_parts WHERE due_at < :late_before ORDER BY id LIMIT :most

-- name: audit_customer_parts
-- params: late_before bigint, most bigint
SELECT p.id, COUNT(*) OVER () FROM smpp_parts p LEFT JOIN messages m ON m.id = p.message_id
WHERE CASE
  WHEN p.message_id IS NULL THEN p.due_at IS NULL OR p.due_at < :late_before
  ELSE p.due_at IS NOT NULL OR p.part <> '' OR m.id IS NULL OR m.account_id <> p.account_id
END
ORDER BY p.id LIMIT :most

-- name: audit_binds
-- params: most bigint
SELECT d.id, COUNT(*) OVER () FROM work d LEFT JOIN messages m ON m.id = d.subject
WHERE d.sink = 'bind' AND (m.id IS NULL OR m.account_id <> d.account_id OR NOT CASE
  WHEN d.due_at IS NOT NULL THEN d.done_at IS NULL
  ELSE d.done_at IS NOT NULL AND d.claim = 0
END)
ORDER BY d.id LIMIT :most

-- name: audit_binds_late
-- params: late_before bigint, late_bind bigint, most bigint
SELECT d.id, COUNT(*) OVER () FROM work d LEFT JOIN leases l ON l.id = d.claim
WHERE d.sink = 'bind' AND d.due_at IS NOT NULL AND (
  d.created_at < :late_bind OR (d.claim > 0 AND (l.id IS NULL OR COALESCE(l.ended_at, :late_before) < :late_before))
)
ORDER BY d.id LIMIT :most

-- name: audit_messages_from
-- about: where the ids of messages begin that retention has left alone
SELECT value FROM meta WHERE key = 'messages_from'

-- fragment: counted
-- about: the messages of each box of a quarter, and against them what is counted, with the boxes of minutes that are not
--   folded into one yet
SELECT account_id || ' ' || minute, COUNT(*) OVER () FROM (
  SELECT account_id, minute FROM (
    SELECT account_id, created_at / 900000 * 15 AS minute, test, status, currency, COUNT(*) AS messages,
      SUM(segments) AS segments, SUM(CASE
        WHEN status IN ('failed', 'expired', 'canceled') THEN 0
        WHEN status IN ('undelivered', 'unconfirmed') AND (:on_sent = 0 OR sent_at IS NULL) THEN 0
        ELSE price
      END) AS price
    FROM messages WHERE created_at >= :open_from GROUP BY account_id, created_at / 900000, test, status, currency
    UNION ALL
    SELECT s.account_id, b.minute / 15 * 15, s.test, s.status, s.currency, -b.messages, -b.segments, -b.price
    FROM statistics_boxes b JOIN statistics_series s ON s.id = b.series
    WHERE s.kept = 'account' AND b.minute >= :open_from / 60000
      AND (b.span = 15 OR b.span = 1 AND b.minute >= (SELECT folded FROM statistics_state))
  ) moves
  WHERE (SELECT phase FROM statistics_state) = 'counting'

-- fragment: counted_differs
GROUP BY account_id, minute, test, status, currency
  HAVING SUM(messages) <> 0 OR SUM(segments) <> 0 OR SUM(price) <> 0
) odd
ORDER BY account_id, minute LIMIT :most

-- name: audit_counted
-- about: boxes with a message whose change waits to be counted are left out; so is all while a rebuild runs
-- params: on_sent bigint, open_from bigint, most bigint
{counted} AND minute NOT IN (
    SELECT m.created_at / 900000 * 15 FROM changed_messages c JOIN json_each(c.changed) n JOIN messages m ON m.id = n.value
  )
  {counted_differs}

-- name: audit_counted @postgresql
-- params: on_sent bigint, open_from bigint, most bigint
{counted} AND minute NOT IN (
    SELECT m.created_at / 900000 * 15 FROM changed_messages c
    CROSS JOIN LATERAL json_array_elements_text(CAST(c.changed AS json)) AS n(value) JOIN messages m ON m.id = n.value
  )
  {counted_differs}

-- fragment: counted_costs
-- about: the same for the costs of attempts
SELECT account_id || ' ' || minute, COUNT(*) OVER () FROM (
  SELECT account_id, minute FROM (
    SELECT m.account_id, m.created_at / 900000 * 15 AS minute, m.test, a.currency, a.cost
    FROM messages m JOIN attempts a ON a.message_id = m.id
    WHERE m.created_at >= :open_from AND a.cost IS NOT NULL AND m.status NOT IN ('scheduled', 'queued', 'held')
    UNION ALL
    SELECT s.account_id, b.minute / 15 * 15, s.test, s.cost_currency, -b.cost
    FROM statistics_boxes b JOIN statistics_series s ON s.id = b.series
    WHERE s.kept = 'account' AND b.minute >= :open_from / 60000
      AND (b.span = 15 OR b.span = 1 AND b.minute >= (SELECT folded FROM statistics_state)) AND b.cost <> 0
  ) moves
  WHERE (SELECT phase FROM statistics_state) = 'counting'

-- fragment: counted_costs_differ
GROUP BY account_id, minute, test, currency
  HAVING SUM(cost) <> 0
) odd
ORDER BY account_id, minute LIMIT :most

-- name: audit_counted_costs
-- params: open_from bigint, most bigint
{counted_costs} AND minute NOT IN (
    SELECT m.created_at / 900000 * 15 FROM (
      SELECT n.value FROM changed_messages c JOIN json_each(c.changed) n
      UNION ALL SELECT n.value FROM changed_messages c JOIN json_each(c.attempted) n
    ) noted JOIN messages m ON m.id = noted.value
  )
  {counted_costs_differ}

-- name: audit_counted_costs @postgresql
-- params: open_from bigint, most bigint
{counted_costs} AND minute NOT IN (
    SELECT m.created_at / 900000 * 15 FROM (
      SELECT n.value FROM changed_messages c
      CROSS JOIN LATERAL json_array_elements_text(CAST(c.changed AS json)) AS n(value)
      UNION ALL SELECT n.value FROM changed_messages c
      CROSS JOIN LATERAL json_array_elements_text(CAST(c.attempted AS json)) AS n(value)
    ) noted JOIN messages m ON m.id = noted.value
  )
  {counted_costs_differ}

-- name: audit_counted_alike
-- about: tags are left out: a message has several or none
-- params: open_from bigint, most bigint
SELECT 'minute ' || minute, COUNT(*) OVER () FROM (
  SELECT DISTINCT minute FROM (
    SELECT minute, kept, test, status, SUM(messages) AS messages, SUM(segments) AS segments, SUM(price) AS price,
      SUM(cost) AS cost
    FROM (
      SELECT b.minute / 15 * 15 AS minute, s.kept, s.test, s.status, b.messages, b.segments, b.price, b.cost
      FROM statistics_boxes b JOIN statistics_series s ON s.id = b.series
      WHERE s.kept <> 'tag' AND b.minute >= :open_from / 60000
        AND (b.span = 15 OR b.span = 1 AND b.minute >= (SELECT folded FROM statistics_state))
    ) boxes
    GROUP BY minute, kept, test, status
  ) sums
  WHERE (SELECT phase FROM statistics_state) = 'counting'
  GROUP BY minute, test, status
  HAVING COUNT(*) <> (SELECT COUNT(DISTINCT kept) FROM statistics_series WHERE kept <> 'tag')
    OR MIN(messages) <> MAX(messages) OR MIN(segments) <> MAX(segments) OR MIN(price) <> MAX(price)
    OR MIN(cost) <> MAX(cost)
) odd
ORDER BY 1 LIMIT :most

-- name: audit_counted_levels
-- about: boxes of a span against the shorter ones that were added to them, and delivery times in the same way
-- params: most bigint
-- slow: it reads all boxes
WITH level AS (
  SELECT 15 AS span, 1 AS below, minutes_from AS since, folded AS until FROM statistics_state
  UNION ALL SELECT 60, 15, 0, hours_folded FROM statistics_state
  UNION ALL SELECT 1440, 60, 0, days_folded FROM statistics_state
),
box AS (
  SELECT span, minute, series, -1 AS bucket, messages, segments, price, cost FROM statistics_boxes
  UNION ALL SELECT span, minute, series, bucket, messages, 0, 0, 0 FROM statistics_times
)
SELECT span || ' minutes from ' || minute, COUNT(*) OVER () FROM (
  SELECT DISTINCT span, minute FROM (
    SELECT l.span, b.minute / l.span * l.span AS minute
    FROM level l JOIN box b ON b.span IN (l.span, l.below) AND b.minute >= l.since AND b.minute < l.until
    GROUP BY l.span, b.minute / l.span * l.span, b.series, b.bucket
    HAVING SUM(CASE WHEN b.span = l.span THEN b.messages ELSE -b.messages END) <> 0
      OR SUM(CASE WHEN b.span = l.span THEN b.segments ELSE -b.segments END) <> 0
      OR SUM(CASE WHEN b.span = l.span THEN b.price ELSE -b.price END) <> 0
      OR SUM(CASE WHEN b.span = l.span THEN b.cost ELSE -b.cost END) <> 0
  ) boxes
) odd
ORDER BY 1 LIMIT :most
