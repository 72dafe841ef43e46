-- The statements of statistics. A read that must fit together is one statement: it sees one moment on both engines.
-- What is read of many messages is one JSON text, because each row that SQLite hands over costs a change of the GIL.

-- fragment: state
-- about: how far the counting is (`counter.State`)
s.version, s.phase, s.reached, s.next_series, s.minutes_from, s.closed, s.folded, s.hours_folded, s.days_folded

-- fragment: taken
-- about: the oldest notes, up to a million characters: one of a large batch has as many as hundreds of others
WITH taken AS MATERIALIZED (
  SELECT noted_at, place, changed, attempted FROM (
    SELECT noted_at, place, changed, attempted,
      SUM(LENGTH(changed) + LENGTH(attempted)) OVER (ORDER BY noted_at, place) - LENGTH(changed) - LENGTH(attempted)
        AS before
    FROM (SELECT noted_at, place, changed, attempted FROM changed_messages ORDER BY noted_at, place LIMIT :count) oldest
  ) measured WHERE before < 1000000
)

-- fragment: page
WITH page AS MATERIALIZED (SELECT id FROM messages WHERE id > :after ORDER BY id LIMIT :count)

-- fragment: found
-- about: what is read of a message (`counting.Found`), but for its costs
m.id, m.account_id, m.test, m.created_at, m.country, m.network, m.channel, m.campaign_id, m.currency, m.status,
      m.error_code, m.carrier_id, m.route_id,
      CASE WHEN m.direction = 'inbound' THEN m.recipient WHEN m.status IN ('scheduled', 'queued', 'held') THEN m.sender
        ELSE COALESCE(m.sender_used, m.sender) END,
      m.class_, m.tags, m.segments, m.price

-- fragment: costs
-- about: what a message costs in each currency: the sum and the number of its attempts, then those of them that are
--   unknown or became known late
SELECT a.currency || ' ' || SUM(a.cost) || ' ' || COUNT(*)
          || ' ' || SUM(CASE WHEN a.outcome = 'unknown' OR a.found_at IS NOT NULL THEN a.cost ELSE 0 END)
          || ' ' || SUM(CASE WHEN a.outcome = 'unknown' OR a.found_at IS NOT NULL THEN 1 ELSE 0 END) AS part
        FROM attempts a WHERE a.message_id = m.id AND a.cost IS NOT NULL GROUP BY a.currency

-- fragment: found_late
-- about: whether a carrier's late answer is among the attempts of a message that was counted for good
EXISTS (
      SELECT 1 FROM attempts a
      WHERE a.message_id = n.id AND a.cost IS NOT NULL AND (a.outcome = 'unknown' OR a.found_at IS NOT NULL)
    )

-- name: statistics_look
-- about: what the round of counting needs to know before it reads anything
SELECT s.lease, (SELECT COUNT(*) FROM leases l WHERE l.id = s.lease AND l.ended_at IS NULL), s.phase, s.minutes_from,
  s.hours_folded, s.days_folded, (SELECT MIN(c.noted_at) FROM changed_messages c)
FROM statistics_state s WHERE s.id = 1

-- name: statistics_take
-- about: the oldest notes of changed messages, those messages as they are now, and what they counted as (a line of
--   JSON each); and how many notes are left
-- slow: under load it reads thousands of messages
{taken},
noted AS MATERIALIZED (
  SELECT id, MIN(late) AS late FROM (
    SELECT n.value AS id, 0 AS late FROM taken t, json_each(t.changed) n
    UNION ALL SELECT n.value, 1 FROM taken t, json_each(t.attempted) n
  ) named GROUP BY id
)
SELECT {state},
  (SELECT COUNT(*) FROM changed_messages) - (SELECT COUNT(*) FROM taken),
  (SELECT json_group_array(json_array(noted_at, place)) FROM taken),
  (
    SELECT group_concat(json_array(
      {found}, (SELECT group_concat(p.part, ';') FROM ({costs}) p), m.sent_at, m.queued_at, m.done_at, o.counted,
      CASE WHEN n.late = 1 AND o.message_id IS NULL THEN 2 ELSE 1 END
    ), char(10))
    FROM noted n CROSS JOIN messages m ON m.id = n.id LEFT JOIN statistics_open o ON o.message_id = n.id
    WHERE n.late = 0 OR o.message_id IS NOT NULL OR {found_late} AND n.id NOT IN (
      SELECT e.value FROM changed_messages c, json_each(c.changed) e
    )
  )
FROM statistics_state s WHERE s.id = 1

-- name: statistics_take @postgresql
-- slow: under load it reads thousands of messages
{taken},
noted AS MATERIALIZED (
  SELECT id, MIN(late) AS late FROM (
    SELECT n.value AS id, 0 AS late FROM taken t, json_array_elements_text(CAST(t.changed AS json)) AS n(value)
    UNION ALL SELECT n.value, 1 FROM taken t, json_array_elements_text(CAST(t.attempted AS json)) AS n(value)
  ) named GROUP BY id
)
SELECT {state},
  (SELECT COUNT(*) FROM changed_messages) - (SELECT COUNT(*) FROM taken),
  (SELECT COALESCE(json_agg(json_build_array(noted_at, place)), '[]') FROM taken),
  (
    SELECT string_agg(CAST(json_build_array(
      {found}, (SELECT string_agg(p.part, ';') FROM ({costs}) p), m.sent_at, m.queued_at, m.done_at, o.counted,
      CASE WHEN n.late = 1 AND o.message_id IS NULL THEN 2 ELSE 1 END
    ) AS text), chr(10))
    FROM noted n JOIN messages m ON m.id = n.id LEFT JOIN statistics_open o ON o.message_id = n.id
    WHERE n.late = 0 OR o.message_id IS NOT NULL OR {found_late} AND n.id NOT IN (
      SELECT e.value FROM changed_messages c, json_array_elements_text(CAST(c.changed AS json)) AS e(value)
    )
  )
FROM statistics_state s WHERE s.id = 1

-- name: statistics_page
-- about: a page of all messages, for a rebuild: as they are now, and whether a change of them waits to be counted
-- slow: it reads thousands of messages
{page}
SELECT {state},
  (SELECT COUNT(*) FROM page), (SELECT MAX(id) FROM page),
  (
    SELECT json_group_array(json_array(
      {found}, (SELECT group_concat(p.part, ';') FROM ({costs}) p), m.sent_at, m.queued_at, m.done_at, NULL,
      m.id IN (SELECT n.value FROM changed_messages c, json_each(c.changed) n)
    ))
    FROM messages m WHERE m.id IN (SELECT id FROM page)
  )
FROM statistics_state s WHERE s.id = 1

-- name: statistics_page @postgresql
-- slow: it reads thousands of messages
{page}
SELECT {state},
  (SELECT COUNT(*) FROM page), (SELECT MAX(id) FROM page),
  (
    SELECT COALESCE(json_agg(json_build_array(
      {found}, (SELECT string_agg(p.part, ';') FROM ({costs}) p), m.sent_at, m.queued_at, m.done_at, NULL,
      CASE WHEN m.id IN (
        SELECT n.value FROM changed_messages c, json_array_elements_text(CAST(c.changed AS json)) AS n(value)
      ) THEN 1 ELSE 0 END
    )), '[]')
    FROM messages m WHERE m.id IN (SELECT id FROM page)
  )
FROM statistics_state s WHERE s.id = 1

-- name: statistics_advance
-- about: a guard of all that is written to the boxes: lost if another writer was faster. One transaction has the boxes
--   and how far they reach
-- params: version bigint, lease bigint, phase text, reached text, next_series bigint, minutes_from bigint,
--   closed bigint, folded bigint, hours_folded bigint, days_folded bigint
UPDATE statistics_state SET version = version + 1, lease = :lease, phase = :phase, reached = :reached,
  next_series = :next_series, minutes_from = :minutes_from, closed = :closed, folded = :folded,
  hours_folded = :hours_folded, days_folded = :days_folded
WHERE id = 1 AND version = :version

-- name: statistics_taken
-- about: a note whose messages are counted
-- params: noted_at bigint, place bigint
DELETE FROM changed_messages WHERE noted_at = :noted_at AND place = :place

-- name: statistics_open_purge
-- about: what ended messages counted as, once no note of them can be left
-- params: ended bigint
DELETE FROM statistics_open WHERE ended = 1 AND ended = :ended

-- name: statistics_open_drop
-- about: what a message counted as that no event can change any more
-- params: message_id text
DELETE FROM statistics_open WHERE message_id = :message_id

-- name: statistics_open_put
-- about: what a message counts as that may still change
-- params: message_id text, counted text, ended bigint
INSERT INTO statistics_open (message_id, counted, ended) VALUES (:message_id, :counted, :ended)
ON CONFLICT (message_id) DO UPDATE SET counted = excluded.counted, ended = excluded.ended

-- name: statistics_series_insert
-- params: id bigint, owner bigint, name text, kept text, account_id text, country text, network text, carrier_id text,
--   route_id text, sender text, class_ text, channel text, campaign_id text, error_code text, tag text, status text,
--   currency text, cost_currency text, test bigint
INSERT INTO statistics_series (
  id, owner, name, kept, account_id, country, network, carrier_id, route_id, sender, class_, channel, campaign_id,
  error_code, tag, status, currency, cost_currency, test
) VALUES (
  :id, :owner, :name, :kept, :account_id, :country, :network, :carrier_id, :route_id, :sender, :class_, :channel,
  :campaign_id, :error_code, :tag, :status, :currency, :cost_currency, :test
)

-- name: statistics_series_named
SELECT name, id, owner FROM statistics_series WHERE name IN (:names...)

-- name: statistics_series_owner
-- about: the number under which boxes of a combination stand together that belong to one account, or to all ('')
SELECT MIN(owner) FROM statistics_series
WHERE kept = :kept AND test = :test AND (:account_id = '' OR account_id = :account_id)

-- name: statistics_series_sizes
-- about: how many series combinations have
SELECT kept, COUNT(*) FROM statistics_series WHERE kept IN (:kept...) AND test = :test GROUP BY kept

-- name: statistics_series_count
-- about: how many series an account has in a combination whose values customers choose
SELECT COUNT(*) FROM statistics_series WHERE kept = :kept AND test = :test AND account_id = :account_id

-- name: statistics_boxes_fold
-- about: adds boxes of one span to those of a longer one. It runs before `statistics_boxes_add` of its unit, which adds
--   to both. Owner by owner: the boxes of one owner stand together
-- params: span bigint, into bigint, first bigint, until bigint
INSERT INTO statistics_boxes (span, owner, minute, series, waits, messages, segments, price, cost)
SELECT :into, b.owner, b.minute - b.minute % :into, b.series, b.waits, SUM(b.messages), SUM(b.segments), SUM(b.price),
  SUM(b.cost)
FROM (SELECT DISTINCT owner FROM statistics_series) o CROSS JOIN statistics_boxes b
WHERE b.span = :span AND b.owner = o.owner AND b.minute >= :first AND b.minute < :until
GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (span, owner, minute, series) DO UPDATE SET messages = statistics_boxes.messages + excluded.messages,
  segments = statistics_boxes.segments + excluded.segments, price = statistics_boxes.price + excluded.price,
  cost = statistics_boxes.cost + excluded.cost

-- name: statistics_times_fold
-- params: span bigint, into bigint, first bigint, until bigint
INSERT INTO statistics_times (span, owner, minute, series, bucket, messages)
SELECT :into, t.owner, t.minute - t.minute % :into, t.series, t.bucket, SUM(t.messages)
FROM (SELECT DISTINCT owner FROM statistics_series) o CROSS JOIN statistics_times t
WHERE t.span = :span AND t.owner = o.owner AND t.minute >= :first AND t.minute < :until
GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (span, owner, minute, series, bucket) DO UPDATE SET messages = statistics_times.messages + excluded.messages

-- name: statistics_boxes_first
-- about: the first minute from one on that has boxes of a span
SELECT MIN(minute) FROM (
  SELECT (
    SELECT MIN(b.minute) FROM statistics_boxes b WHERE b.span = :span AND b.owner = o.owner AND b.minute >= :first
  ) AS minute
  FROM (SELECT DISTINCT owner FROM statistics_series) o
) found

-- name: statistics_boxes_add
-- params: span bigint, owner bigint, minute bigint, series bigint, waits bigint, messages bigint, segments bigint,
--   price bigint, cost bigint
INSERT INTO statistics_boxes (span, owner, minute, series, waits, messages, segments, price, cost)
VALUES (:span, :owner, :minute, :series, :waits, :messages, :segments, :price, :cost)
ON CONFLICT (span, owner, minute, series) DO UPDATE SET messages = statistics_boxes.messages + excluded.messages,
  segments = statistics_boxes.segments + excluded.segments, price = statistics_boxes.price + excluded.price,
  cost = statistics_boxes.cost + excluded.cost

-- name: statistics_times_add
-- params: span bigint, owner bigint, minute bigint, series bigint, bucket bigint, messages bigint
INSERT INTO statistics_times (span, owner, minute, series, bucket, messages)
VALUES (:span, :owner, :minute, :series, :bucket, :messages)
ON CONFLICT (span, owner, minute, series, bucket) DO UPDATE SET messages = statistics_times.messages + excluded.messages

-- name: statistics_boxes_empty
-- about: removes a box that its messages have left
-- params: span bigint, owner bigint, minute bigint, series bigint
DELETE FROM statistics_boxes
WHERE span = :span AND owner = :owner AND minute = :minute AND series = :series
  AND messages = 0 AND segments = 0 AND price = 0 AND cost = 0

-- name: statistics_boxes_old
-- about: boxes of a minute past their time
-- params: minute bigint
DELETE FROM statistics_boxes
WHERE span = 1 AND owner IN (SELECT DISTINCT owner FROM statistics_series) AND minute < :minute

-- name: statistics_times_old
-- about: delivery times in boxes of a minute past their time
-- params: minute bigint
DELETE FROM statistics_times
WHERE span = 1 AND owner IN (SELECT DISTINCT owner FROM statistics_series) AND minute < :minute

-- ------------------------------------------------------------ rebuild

-- name: statistics_boxes_clear
-- about: the boxes of some owners that a rebuild fills again
-- params: first bigint, last bigint, minute bigint
DELETE FROM statistics_boxes WHERE span IN (1, 15, 60, 1440) AND owner >= :first AND owner <= :last AND minute >= :minute

-- name: statistics_times_clear
-- params: first bigint, last bigint, minute bigint
DELETE FROM statistics_times WHERE span IN (1, 15, 60, 1440) AND owner >= :first AND owner <= :last AND minute >= :minute

-- name: statistics_open_page
-- about: where a page of messages that may still change ends
SELECT COUNT(*), MAX(message_id) FROM (
  SELECT message_id FROM statistics_open WHERE message_id > :after ORDER BY message_id LIMIT :count
) page

-- name: statistics_open_clear
-- params: after text, until text, created_from bigint
DELETE FROM statistics_open
WHERE message_id > :after AND message_id <= :until
  AND EXISTS (SELECT 1 FROM messages m WHERE m.id = message_id AND m.created_at >= :created_from)

-- name: statistics_state
-- about: how far the counting is, and from when on retention has left messages alone
SELECT {state},
  (SELECT value FROM meta WHERE key = 'messages_from')
FROM statistics_state s WHERE s.id = 1

-- ------------------------------------------------------------ reports

-- fragment: chosen_series
-- about: the series of a report. Its groups are the values of what it asks by, numbered
WITH chosen AS MATERIALIZED (
  SELECT id, owner, status, currency, cost_currency,
    CASE WHEN :by_account = 1 THEN account_id END AS account_id, CASE WHEN :by_country = 1 THEN country END AS country,
    CASE WHEN :by_network = 1 THEN network END AS network, CASE WHEN :by_carrier = 1 THEN carrier_id END AS carrier_id,
    CASE WHEN :by_route = 1 THEN route_id END AS route_id, CASE WHEN :by_sender = 1 THEN sender END AS sender,
    CASE WHEN :by_class = 1 THEN class_ END AS class_, CASE WHEN :by_channel = 1 THEN channel END AS channel,
    CASE WHEN :by_campaign = 1 THEN campaign_id END AS campaign_id, CASE WHEN :by_error = 1 THEN error_code END AS error_code,
    CASE WHEN :by_tag = 1 THEN tag END AS tag
  FROM statistics_series
  WHERE kept = :kept AND test = :test AND (:any_account = 1 OR account_id IN (:accounts...))
    AND (CAST(:country AS text) IS NULL OR COALESCE(country, '') = :country)
    AND (CAST(:network AS text) IS NULL OR COALESCE(network, '') = :network)
    AND (CAST(:carrier AS text) IS NULL OR COALESCE(carrier_id, '') = :carrier)
    AND (CAST(:route AS text) IS NULL OR COALESCE(route_id, '') = :route)
    AND (CAST(:sender AS text) IS NULL OR COALESCE(sender, '') = :sender)
    AND (CAST(:class_ AS text) IS NULL OR class_ = :class_)
    AND (CAST(:channel AS text) IS NULL OR channel = :channel)
    AND (CAST(:campaign AS text) IS NULL OR COALESCE(campaign_id, '') = :campaign)
    AND (CAST(:error AS text) IS NULL OR COALESCE(error_code, '') = :error)
    AND (CAST(:tag AS text) IS NULL OR tag = :tag)
    AND (CAST(:status AS text) IS NULL OR status = :status)
),
grouped AS MATERIALIZED (
  SELECT *, DENSE_RANK() OVER (
    ORDER BY account_id, country, network, carrier_id, route_id, sender, class_, channel, campaign_id, error_code, tag,
      status, currency, cost_currency
  ) AS place FROM chosen
),
owners AS MATERIALIZED (SELECT DISTINCT owner FROM chosen)

-- fragment: group
place, account_id, country, network, carrier_id, route_id, sender, class_, channel, campaign_id, error_code, tag, status,
    currency, cost_currency

-- fragment: part
-- about: which boxes are read. Boxes of a quarter lack what is not folded yet: that is in boxes of minutes
part AS MATERIALIZED (
  SELECT number, span, since, until, begins, length FROM given
  UNION ALL SELECT g.number, 1, CASE WHEN g.since > s.folded THEN g.since ELSE s.folded END, g.until, g.begins, g.length
  FROM given g CROSS JOIN statistics_state s WHERE g.span = 15 AND g.until > s.folded
)

-- name: statistics_report
-- about: the sums of each part of a report by group and period of the part, and the moment that they are of
--   (levels.py). Each part is grouped by itself: SQLite groups by sorting, and many short sorts cost less than one
-- params: by_account bigint, by_country bigint, by_network bigint, by_carrier bigint, by_route bigint,
--   by_sender bigint, by_class bigint, by_channel bigint, by_campaign bigint, by_error bigint, by_tag bigint,
--   kept text, test bigint, any_account bigint, accounts text[], country text, network text, carrier text, route text,
--   sender text, class_ text, channel text, campaign text, error text, tag text, status text, parts text,
--   times bigint
-- slow: years of many series are millions of boxes
{chosen_series},
given AS MATERIALIZED (
  SELECT key AS number, json_extract(value, '$[0]') AS span, json_extract(value, '$[1]') AS since,
    json_extract(value, '$[2]') AS until, json_extract(value, '$[3]') AS begins, json_extract(value, '$[4]') AS length
  FROM json_each(:parts)
),
{part}
SELECT (SELECT phase FROM statistics_state), (SELECT MIN(noted_at) FROM changed_messages),
  (SELECT json_group_array(json_array({group})) FROM (SELECT * FROM grouped GROUP BY place)),
  (
    SELECT json_group_array(json_array(p.number, json((
      SELECT json_group_array(json_array(place, period, messages, segments, price, cost)) FROM (
        SELECT g.place, (b.minute - p.begins) / p.length AS period, SUM(b.messages) AS messages,
          SUM(b.segments) AS segments, SUM(b.price) AS price, SUM(b.cost) AS cost
        FROM owners o CROSS JOIN statistics_boxes b CROSS JOIN grouped g
        WHERE b.span = p.span AND b.owner = o.owner AND b.minute >= p.since AND b.minute < p.until AND g.id = b.series
        GROUP BY 1, 2
      )
    )))) FROM part p
  ),
  (
    SELECT json_group_array(json_array(p.number, json((
      SELECT json_group_array(json_array(place, period, bucket, messages)) FROM (
        SELECT g.place, (b.minute - p.begins) / p.length AS period, b.bucket, SUM(b.messages) AS messages
        FROM owners o CROSS JOIN statistics_times b CROSS JOIN grouped g
        WHERE b.span = p.span AND b.owner = o.owner AND b.minute >= p.since AND b.minute < p.until AND g.id = b.series
        GROUP BY 1, 2, 3
      )
    )))) FROM part p WHERE :times = 1
  )

-- name: statistics_report @postgresql
-- slow: years of many series are millions of boxes
{chosen_series},
given AS MATERIALIZED (
  SELECT number - 1 AS number, CAST(value ->> 0 AS bigint) AS span, CAST(value ->> 1 AS bigint) AS since,
    CAST(value ->> 2 AS bigint) AS until, CAST(value ->> 3 AS bigint) AS begins, CAST(value ->> 4 AS bigint) AS length
  FROM json_array_elements(CAST(:parts AS json)) WITH ORDINALITY AS given_(value, number)
),
{part}
SELECT (SELECT phase FROM statistics_state), (SELECT MIN(noted_at) FROM changed_messages),
  (SELECT COALESCE(json_agg(json_build_array({group})), '[]') FROM (SELECT DISTINCT ON (place) * FROM grouped) AS groups_),
  (
    SELECT COALESCE(json_agg(json_build_array(number, sums)), '[]') FROM (
      SELECT number, json_agg(json_build_array(place, period, messages, segments, price, cost)) AS sums FROM (
        SELECT p.number, g.place, (b.minute - p.begins) / p.length AS period, SUM(b.messages) AS messages,
          SUM(b.segments) AS segments, SUM(b.price) AS price, SUM(b.cost) AS cost
        FROM owners o CROSS JOIN part p JOIN statistics_boxes b
          ON b.span = p.span AND b.owner = o.owner AND b.minute >= p.since AND b.minute < p.until
        JOIN grouped g ON g.id = b.series
        GROUP BY 1, 2, 3
      ) AS sums_ GROUP BY number
    ) AS parts_
  ),
  (
    SELECT COALESCE(json_agg(json_build_array(number, sums)), '[]') FROM (
      SELECT number, json_agg(json_build_array(place, period, bucket, messages)) AS sums FROM (
        SELECT p.number, g.place, (b.minute - p.begins) / p.length AS period, b.bucket, SUM(b.messages) AS messages
        FROM owners o CROSS JOIN part p JOIN statistics_times b
          ON b.span = p.span AND b.owner = o.owner AND b.minute >= p.since AND b.minute < p.until
        JOIN grouped g ON g.id = b.series
        WHERE :times = 1
        GROUP BY 1, 2, 3, 4
      ) AS sums_ GROUP BY number
    ) AS parts_
  )

-- name: statistics_pending
-- about: what is on its way, by group and minute of acceptance: the boxes that such messages are in
-- params: by_account bigint, by_country bigint, by_network bigint, by_carrier bigint, by_route bigint,
--   by_sender bigint, by_class bigint, by_channel bigint, by_campaign bigint, by_error bigint, by_tag bigint,
--   kept text, test bigint, any_account bigint, accounts text[], country text, network text, carrier text, route text,
--   sender text, class_ text, channel text, campaign text, error text, tag text, status text, pending text[]
-- slow: a million scheduled messages can be in many boxes
{chosen_series}
SELECT (SELECT phase FROM statistics_state), (SELECT MIN(noted_at) FROM changed_messages),
  (SELECT json_group_array(json_array({group})) FROM (SELECT * FROM grouped GROUP BY place)),
  (
    SELECT json_group_array(json_array(place, minute, messages, segments)) FROM (
      SELECT g.place, b.minute, SUM(b.messages) AS messages, SUM(b.segments) AS segments
      FROM grouped g JOIN statistics_state s CROSS JOIN statistics_boxes b
      WHERE g.status IN (:pending...) AND b.series = g.id AND b.waits = 1
        AND ((b.span = 15 AND b.minute < s.minutes_from) OR (b.span = 1 AND b.minute >= s.minutes_from))
      GROUP BY 1, 2
    )
  )

-- name: statistics_pending @postgresql
-- slow: a million scheduled messages can be in many boxes
{chosen_series}
SELECT (SELECT phase FROM statistics_state), (SELECT MIN(noted_at) FROM changed_messages),
  (SELECT COALESCE(json_agg(json_build_array({group})), '[]') FROM (SELECT DISTINCT ON (place) * FROM grouped) AS groups_),
  (
    SELECT COALESCE(json_agg(json_build_array(place, minute, messages, segments)), '[]') FROM (
      SELECT g.place, b.minute, SUM(b.messages) AS messages, SUM(b.segments) AS segments
      FROM grouped g CROSS JOIN statistics_state s JOIN statistics_boxes b ON b.series = g.id
      WHERE g.status IN (:pending...) AND b.waits = 1
        AND ((b.span = 15 AND b.minute < s.minutes_from) OR (b.span = 1 AND b.minute >= s.minutes_from))
      GROUP BY 1, 2
    ) AS sums
  )
