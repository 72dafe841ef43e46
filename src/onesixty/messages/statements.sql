-- The statements of messages, attempts and receipts. Hot writes take a row each on SQLite and a whole batch on
-- PostgreSQL (store/statements.py). Columns stand in the order of the structs in core/message.py.

-- name: message_insert
-- about: an accepted message
-- params: id text, account_id text, test bigint, direction text, channel text, sender text, recipient text,
--   text text, encoding text, segments bigint, class_ text, priority bigint, country text, network
--   text, reference text, tags text, batch_id text, campaign_id text, chain_id text, status_callback
--   text, on_unknown text, pinned_route text, content text, origin text, price bigint, currency text,
--   created_at bigint, scheduled_at bigint, expires_at bigint, status text, version bigint, sequence
--   bigint, claim bigint, due_at bigint, route_id text, carrier_id text, carriers_tried text, sender_used text,
--   attempts bigint, duplicates bigint, error_code text, carrier_code text, queued_at bigint, sent_at
--   bigint, done_at bigint, redacted_at bigint
INSERT INTO messages (
  id, account_id, test, direction, channel, sender, recipient, text, encoding, segments, class_, priority,
  country, network, reference, tags, batch_id, campaign_id, chain_id, status_callback, on_unknown,
  pinned_route, content, origin, price, currency, created_at, scheduled_at, expires_at, status, version,
  sequence, claim, due_at, route_id, carrier_id, carriers_tried, sender_used, attempts, duplicates,
  error_code, carrier_code, queued_at, sent_at, done_at, redacted_at
) VALUES (
  :id, :account_id, :test, :direction, :channel, :sender, :recipient, :text, :encoding, :segments,
  :class_, :priority, :country, :network, :reference, :tags, :batch_id, :campaign_id, :chain_id,
  :status_callback, :on_unknown, :pinned_route, :content, :origin, :price, :currency, :created_at,
  :scheduled_at, :expires_at, :status, :version, :sequence, :claim, :due_at, :route_id, :carrier_id,
  :carriers_tried, :sender_used, :attempts, :duplicates, :error_code, :carrier_code, :queued_at, :sent_at,
  :done_at, :redacted_at
)

-- name: message_change
-- about: one change of a message; lost when somebody else changed it first
-- params: id text, old_version bigint, status text, version bigint, sequence bigint, claim bigint, due_at
--   bigint, route_id text, carrier_id text, carriers_tried text, sender_used text, attempts bigint,
--   duplicates bigint, error_code text, carrier_code text, queued_at bigint, sent_at bigint, done_at
--   bigint, redacted_at bigint
UPDATE messages SET
  status = :status, version = :version, sequence = :sequence, claim = :claim, due_at = :due_at, route_id =
  :route_id, carrier_id = :carrier_id, carriers_tried = :carriers_tried, sender_used = :sender_used,
  attempts = :attempts, duplicates = :duplicates, error_code = :error_code, carrier_code = :carrier_code,
  queued_at = :queued_at, sent_at = :sent_at, done_at = :done_at, redacted_at = :redacted_at
WHERE id = :id AND version = :old_version

-- name: attempt_insert
-- about: a segment handed to a carrier, and its answer
-- params: message_id text, attempt bigint, segment bigint, segments bigint, account_id text, carrier_id
--   text, bind text, concat_reference bigint, outcome text, carrier_message_id text, match_id text,
--   carrier_code text, error_code text, submitted_at bigint, answered_at bigint, state text,
--   state_code text, state_at bigint
INSERT INTO attempts (
  message_id, attempt, segment, segments, account_id, carrier_id, bind, concat_reference, outcome,
  carrier_message_id, match_id, carrier_code, error_code, submitted_at, answered_at, state, state_code,
  state_at
) VALUES (
  :message_id, :attempt, :segment, :segments, :account_id, :carrier_id, :bind, :concat_reference,
  :outcome, :carrier_message_id, :match_id, :carrier_code, :error_code, :submitted_at, :answered_at,
  :state, :state_code, :state_at
)

-- name: attempt_state
-- about: the last word of a carrier's receipts on one segment
-- params: message_id text, attempt bigint, segment bigint, state text, state_code text, state_at bigint,
--   error_code text
UPDATE attempts SET state = :state, state_code = :state_code, state_at = :state_at, error_code = :error_code
WHERE message_id = :message_id AND attempt = :attempt AND segment = :segment
  AND (state IS NULL OR state <> 'delivered')

-- name: attempt_found
-- about: a receipt gave the answer that was never seen
-- params: message_id text, attempt bigint, segment bigint, outcome text, carrier_message_id text, match_id text
UPDATE attempts SET outcome = :outcome, carrier_message_id = :carrier_message_id, match_id = :match_id
WHERE message_id = :message_id AND attempt = :attempt AND segment = :segment

-- name: receipt_insert
-- about: a delivery report as it came, matched or not
-- params: id text, carrier_id text, carrier_message_id text, match_id text, state bigint, code text,
--   sender text, recipient text, raw text, received_at bigint, done_at bigint, message_id text,
--   attempt bigint, segment bigint, account_id text, tries bigint, due_at bigint, expires_at bigint
INSERT INTO receipts (
  id, carrier_id, carrier_message_id, match_id, state, code, sender, recipient, raw, received_at, done_at,
  message_id, attempt, segment, account_id, tries, due_at, expires_at
) VALUES (
  :id, :carrier_id, :carrier_message_id, :match_id, :state, :code, :sender, :recipient, :raw, :received_at,
  :done_at, :message_id, :attempt, :segment, :account_id, :tries, :due_at, :expires_at
)

-- name: receipt_match
-- about: a kept receipt found its message; lost when another task matched it first
-- params: id text, message_id text, attempt bigint, segment bigint, account_id text, recipient text, raw text
UPDATE receipts SET message_id = :message_id, attempt = :attempt, segment = :segment,
  account_id = :account_id, recipient = :recipient, raw = :raw, due_at = NULL
WHERE id = :id AND message_id IS NULL

-- name: receipt_later
-- about: a kept receipt that still matches nothing: look again at due_at, or never (NULL)
-- params: id text, tries bigint, due_at bigint
UPDATE receipts SET tries = :tries, due_at = :due_at WHERE id = :id AND message_id IS NULL

-- name: receipt_expire
-- about: a receipt that matched nothing until its time to live
-- params: id text
DELETE FROM receipts WHERE id = :id AND message_id IS NULL

-- name: messages_by_id
SELECT * FROM messages WHERE id IN (:ids...)

-- name: message_of_account
SELECT * FROM messages WHERE id = :id AND account_id = :account_id AND test = :test

-- name: messages_due
-- about: what the sweep has to look at, oldest first; it reads only what is due
SELECT * FROM messages
WHERE due_at IS NOT NULL AND due_at <= :now AND (due_at, id) > (:after_due, :after_id)
ORDER BY due_at, id LIMIT :count

-- name: attempts_by_match
SELECT * FROM attempts WHERE carrier_id = :carrier_id AND match_id IN (:match_ids...)

-- name: attempts_of_messages
SELECT * FROM attempts WHERE message_id IN (:ids...) ORDER BY message_id, attempt, segment

-- name: receipts_unmatched
SELECT * FROM receipts WHERE carrier_id = :carrier_id AND match_id IN (:match_ids...) AND message_id IS NULL
ORDER BY received_at, id

-- name: receipts_due
SELECT * FROM receipts WHERE due_at IS NOT NULL AND due_at <= :now ORDER BY due_at, id LIMIT :count

-- name: receipts_of_message
SELECT * FROM receipts WHERE message_id = :message_id ORDER BY received_at, id

-- name: held_unknown
-- about: held messages whose carrier's answer was never seen, for receipts that match nothing else
SELECT * FROM messages
WHERE status = 'held' AND error_code = 'outcome_unknown' AND carrier_id = :carrier_id
  AND recipient IN (:recipients...)

-- name: events_of_message
SELECT id, type, sequence, created_at FROM events WHERE message_id = :message_id ORDER BY sequence

-- name: messages_list
-- about: newest first; an empty filter is none
-- slow: a filter that few messages pass reads through all of an account
SELECT * FROM messages
WHERE account_id = :account_id AND test = :test AND id < :below AND id >= :above
  AND (:status = '' OR status = :status)
  AND (:recipient = '' OR recipient = :recipient)
  AND (:sender = '' OR sender = :sender)
  AND (:tag = '' OR replace(tags, :tag, '') <> tags)
  AND (:reference = '' OR reference = :reference)
  AND (:batch_id = '' OR batch_id = :batch_id)
  AND (:direction = '' OR direction = :direction)
ORDER BY id DESC LIMIT :count

-- name: message_redact
-- about: a message at its end loses its text and its number, also where a door kept them
-- params: id text, version bigint, redacted_at bigint
UPDATE messages SET text = '', recipient = '', content = NULL, origin = NULL, redacted_at = :redacted_at, version = :version + 1
WHERE id = :id AND version = :version AND redacted_at IS NULL

-- name: receipts_redact
-- about: receipts hold the number, and often the start of the text
-- params: message_id text
UPDATE receipts SET recipient = NULL, raw = '' WHERE message_id = :message_id
