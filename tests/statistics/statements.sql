-- What the tests of statistics look at.

-- name: all_boxes
SELECT s.kept, b.span, b.minute, s.account_id, s.country, s.network, s.carrier_id, s.route_id, s.sender, s.class_,
  s.channel, s.campaign_id, s.error_code, s.tag, s.status, s.currency, s.cost_currency, s.test,
  b.messages, b.segments, b.price, b.cost
FROM statistics_boxes b JOIN statistics_series s ON s.id = b.series

-- name: all_times
SELECT s.kept, t.span, t.minute, s.account_id, s.country, s.network, s.carrier_id, s.route_id, s.sender, s.class_,
  s.channel, s.campaign_id, s.error_code, s.tag, s.status, s.currency, s.cost_currency, s.test, t.bucket, t.messages
FROM statistics_times t JOIN statistics_series s ON s.id = t.series

-- name: all_messages
SELECT * FROM messages

-- name: all_attempts
SELECT * FROM attempts

-- name: all_open
SELECT message_id, counted, ended FROM statistics_open

-- name: longer_boxes_drop
DELETE FROM statistics_boxes WHERE span IN (60, 1440)

-- name: longer_times_drop
DELETE FROM statistics_times WHERE span IN (60, 1440)

-- name: state_as_before
-- about: the state of the version that had no boxes of hours and days
UPDATE statistics_state SET version = version + 1, hours_folded = 0, days_folded = 0

-- name: notes_of_answers_first
UPDATE changed_messages SET noted_at = 1 WHERE changed = '[]'
