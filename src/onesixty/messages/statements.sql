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

-- name: message_stands
-- about: a guard that changes nothing: lost when somebody changed the message since this version
-- params: id text, version bigint
UPDATE messages SET version = :version WHERE id = :id AND version = :version

-- name: message_edit
-- about: a message that waits was changed; lost when somebody else changed it first
-- params: id text, old_version bigint, sender text, text text, encoding text, segments bigint, class_ text,
--   priority bigint, reference text, tags text, status_callback text, on_unknown text, pinned_route text,
--   content text, origin text, price bigint, scheduled_at bigint, expires_at bigint, version bigint,
--   sequence bigint, claim bigint, due_at bigint, route_id text, carrier_id text
UPDATE messages SET
  sender = :sender, text = :text, encoding = :encoding, segments = :segments, class_ = :class_,
  priority = :priority, reference = :reference, tags = :tags, status_callback = :status_callback,
  on_unknown = :on_unknown, pinned_route = :pinned_route, content = :content, origin = :origin, price = :price,
  scheduled_at = :scheduled_at, expires_at = :expires_at, version = :version, sequence = :sequence,
  claim = :claim, due_at = :due_at, route_id = :route_id, carrier_id = :carrier_id
WHERE id = :id AND version = :old_version

-- name: attempt_insert
-- about: a segment handed to a carrier, and its answer
-- params: message_id text, attempt bigint, segment bigint, segments bigint, account_id text, carrier_id
--   text, bind text, concat_reference bigint, outcome text, carrier_message_id text, match_id text,
--   carrier_code text, error_code text, submitted_at bigint, answered_at bigint, state text,
--   state_code text, state_at bigint, found_at bigint
INSERT INTO attempts (
  message_id, attempt, segment, segments, account_id, carrier_id, bind, concat_reference, outcome,
  carrier_message_id, match_id, carrier_code, error_code, submitted_at, answered_at, state, state_code,
  state_at, found_at
) VALUES (
  :message_id, :attempt, :segment, :segments, :account_id, :carrier_id, :bind, :concat_reference,
  :outcome, :carrier_message_id, :match_id, :carrier_code, :error_code, :submitted_at, :answered_at,
  :state, :state_code, :state_at, :found_at
)

-- name: attempt_evidence
-- about: an outcome that was learned after somebody else had decided: it replaces what was written as unknown
-- params: message_id text, attempt bigint, segment bigint, segments bigint, account_id text, carrier_id
--   text, bind text, concat_reference bigint, outcome text, carrier_message_id text, match_id text,
--   carrier_code text, error_code text, submitted_at bigint, answered_at bigint, state text,
--   state_code text, state_at bigint, found_at bigint
INSERT INTO attempts (
  message_id, attempt, segment, segments, account_id, carrier_id, bind, concat_reference, outcome,
  carrier_message_id, match_id, carrier_code, error_code, submitted_at, answered_at, state, state_code,
  state_at, found_at
) VALUES (
  :message_id, :attempt, :segment, :segments, :account_id, :carrier_id, :bind, :concat_reference,
  :outcome, :carrier_message_id, :match_id, :carrier_code, :error_code, :submitted_at, :answered_at,
  :state, :state_code, :state_at, :found_at
)
ON CONFLICT (message_id, attempt, segment) DO UPDATE SET segments = excluded.segments, bind = excluded.bind,
  concat_reference = excluded.concat_reference, outcome = excluded.outcome,
  carrier_message_id = excluded.carrier_message_id, match_id = excluded.match_id,
  carrier_code = excluded.carrier_code, error_code = excluded.error_code, submitted_at = excluded.submitted_at,
  answered_at = excluded.answered_at, found_at = excluded.found_at
WHERE attempts.outcome = 'unknown'

-- name: attempt_state
-- about: the last word of a carrier's receipts on one segment
-- params: message_id text, attempt bigint, segment bigint, state text, state_code text, state_at bigint,
--   error_code text
UPDATE attempts SET state = :state, state_code = :state_code, state_at = :state_at, error_code = :error_code
WHERE message_id = :message_id AND attempt = :attempt AND segment = :segment
  AND (state IS NULL OR state <> 'delivered')

-- name: attempt_found
-- about: a receipt gave the answer that was never seen
-- params: message_id text, attempt bigint, segment bigint, outcome text, carrier_message_id text, match_id text,
--   found_at bigint
UPDATE attempts SET outcome = :outcome, carrier_message_id = :carrier_message_id, match_id = :match_id,
  found_at = :found_at
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
-- about: newest first; a filter of NULL is none, and an empty one finds what is empty
-- slow: a filter that few messages pass reads through all of an account
SELECT * FROM messages
WHERE account_id = :account_id AND test = :test AND id < :below AND id >= :above
  AND (status = :status OR :status IS NULL)
  AND (recipient = :recipient OR :recipient IS NULL)
  AND (sender = :sender OR :sender IS NULL)
  AND (CAST(:tag AS text) IS NULL OR JSON_HAS(tags, :tag))
  AND (reference = :reference OR :reference IS NULL)
  AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND (campaign_id = :campaign_id OR :campaign_id IS NULL)
  AND (direction = :direction OR :direction IS NULL)
  AND (country = :country OR :country IS NULL)
  AND (class_ = :class_ OR :class_ IS NULL)
  AND (error_code = :error_code OR :error_code IS NULL)
ORDER BY id DESC LIMIT :count

-- name: messages_slice
-- about: where a read of a list has to end that looks at so many messages
-- params: account_id text, below text, above text, count bigint
-- slow: it walks through so many entries of an index
SELECT id FROM messages WHERE account_id = :account_id AND id < :below AND id >= :above
ORDER BY id DESC LIMIT 1 OFFSET :count

-- name: messages_list_batch
-- about: those of one batch; the account is compared in a way that keeps its index out
-- slow: a filter that few messages pass reads through all of a batch
SELECT * FROM messages
WHERE batch_id = :batch_id AND id < :below AND id >= :above AND account_id || '' = :account_id AND test = :test
  AND (status = :status OR :status IS NULL)
  AND (recipient = :recipient OR :recipient IS NULL)
  AND (sender = :sender OR :sender IS NULL)
  AND (CAST(:tag AS text) IS NULL OR JSON_HAS(tags, :tag))
  AND (reference = :reference OR :reference IS NULL)
  AND (campaign_id = :campaign_id OR :campaign_id IS NULL)
  AND (direction = :direction OR :direction IS NULL)
  AND (country = :country OR :country IS NULL)
  AND (class_ = :class_ OR :class_ IS NULL)
  AND (error_code = :error_code OR :error_code IS NULL)
ORDER BY id DESC LIMIT :count

-- name: messages_list_reference
-- about: those with one reference of their sender
-- slow: a sender may have given all of them the same
SELECT * FROM messages
WHERE account_id = :account_id AND reference = :reference AND id < :below AND id >= :above AND test = :test
  AND (status = :status OR :status IS NULL)
  AND (recipient = :recipient OR :recipient IS NULL)
  AND (sender = :sender OR :sender IS NULL)
  AND (CAST(:tag AS text) IS NULL OR JSON_HAS(tags, :tag))
  AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND (campaign_id = :campaign_id OR :campaign_id IS NULL)
  AND (direction = :direction OR :direction IS NULL)
  AND (country = :country OR :country IS NULL)
  AND (class_ = :class_ OR :class_ IS NULL)
  AND (error_code = :error_code OR :error_code IS NULL)
ORDER BY id DESC LIMIT :count

-- name: message_redact
-- about: a message at its end loses its text and its number, also where a door kept them
-- params: id text, version bigint, redacted_at bigint
UPDATE messages SET text = '',
  recipient = CASE direction WHEN 'inbound' THEN recipient ELSE '' END,
  sender = CASE direction WHEN 'inbound' THEN '' ELSE sender END,
  content = NULL, origin = NULL, redacted_at = :redacted_at, version = :version + 1
WHERE id = :id AND version = :version AND redacted_at IS NULL

-- name: receipts_redact
-- about: receipts hold the number, and often the start of the text
-- params: message_id text
UPDATE receipts SET recipient = NULL, raw = '' WHERE message_id = :message_id

-- ------------------------------------------------------------ numbers

-- name: number_insert
-- tells: numbers
-- about: a number that an account has
-- params: id text, number text, account_id text, carrier_id text, test bigint, settings text, version bigint,
--   created_at bigint
INSERT INTO numbers (id, number, account_id, carrier_id, test, settings, version, created_at)
VALUES (:id, :number, :account_id, :carrier_id, :test, :settings, :version, :created_at)

-- name: number_update
-- tells: numbers
-- about: lost when somebody else changed it first
-- params: id text, old_version bigint, account_id text, carrier_id text, test bigint, settings text
UPDATE numbers SET account_id = :account_id, carrier_id = :carrier_id, test = :test, settings = :settings,
  version = :old_version + 1
WHERE id = :id AND version = :old_version

-- name: number_delete
-- tells: numbers
-- params: id text, version bigint
DELETE FROM numbers WHERE id = :id AND version = :version

-- name: number_keyword_insert
-- about: an empty keyword takes what no other one does, an empty carrier is any; one number each
-- params: number text, carrier_id text, keyword text, number_id text
INSERT INTO number_keywords (number, carrier_id, keyword, number_id)
VALUES (:number, :carrier_id, :keyword, :number_id)

-- name: number_keyword_delete
-- params: number text, carrier_id text, keyword text, number_id text
DELETE FROM number_keywords
WHERE number = :number AND carrier_id = :carrier_id AND keyword = :keyword AND number_id = :number_id

-- name: numbers_all
SELECT id, number, account_id, carrier_id, test, settings, version, created_at FROM numbers ORDER BY id

-- name: number_keywords_all
SELECT number, carrier_id, keyword, number_id FROM number_keywords ORDER BY number, carrier_id, keyword

-- ------------------------------------------------------------ incoming messages

-- name: inbound_seen
-- about: a guard: lost by what came before, unless that was too long ago or over the same session
-- params: digest text, session text, seen_at bigint, expires_at bigint
INSERT INTO inbound_seen (digest, session, seen_at, expires_at)
VALUES (:digest, :session, :seen_at, :expires_at)
ON CONFLICT (digest) DO UPDATE SET session = excluded.session, seen_at = excluded.seen_at,
  expires_at = excluded.expires_at
WHERE inbound_seen.expires_at <= excluded.seen_at
  OR (excluded.session <> '' AND inbound_seen.session = excluded.session)

-- name: inbound_seen_expire
-- params: now bigint
DELETE FROM inbound_seen WHERE expires_at <= :now

-- name: inbound_part_insert
-- about: a part of a long message, until it is joined
-- params: id text, place text, total bigint, number bigint, digest text, part text, received_at bigint,
--   due_at bigint
INSERT INTO inbound_parts (id, place, total, number, digest, part, received_at, due_at)
VALUES (:id, :place, :total, :number, :digest, :part, :received_at, :due_at)

-- name: inbound_part_take
-- about: a guard: a part goes into one message
-- params: id text
DELETE FROM inbound_parts WHERE id = :id

-- name: inbound_parts_of
SELECT id, place, total, number, digest, part, received_at, due_at FROM inbound_parts
WHERE place IN (:places...) ORDER BY id

-- name: inbound_places
-- about: where parts wait; after a start all of them are looked at once
SELECT DISTINCT place FROM inbound_parts

-- name: inbound_places_due
SELECT DISTINCT place FROM inbound_parts WHERE due_at <= :now

-- ------------------------------------------------------------ parts of SMPP customers

-- name: smpp_part_insert
-- about: a submit_sm that is a part of a long message
-- params: id text, account_id text, credential_id text, place text, total bigint, number bigint, digest text,
--   part text, created_at bigint, due_at bigint, expires_at bigint
INSERT INTO smpp_parts (
  id, account_id, credential_id, place, total, number, digest, part, created_at, due_at, expires_at
) VALUES (
  :id, :account_id, :credential_id, :place, :total, :number, :digest, :part, :created_at, :due_at, :expires_at
)

-- name: smpp_part_join
-- about: a guard: a part goes into one message, and its text goes with it
-- params: id text, message_id text
UPDATE smpp_parts SET message_id = :message_id, part = '', due_at = NULL
WHERE id = :id AND message_id IS NULL

-- name: smpp_part_later
-- about: it came once more, and its message has not reached its end: look again at due_at
-- params: id text, due_at bigint
UPDATE smpp_parts SET due_at = :due_at WHERE id = :id AND message_id IS NULL

-- name: smpp_parts_of
SELECT id, place, total, number, digest, part, created_at, due_at FROM smpp_parts
WHERE message_id IS NULL AND place IN (:places...) ORDER BY id

-- name: smpp_parts_joined
-- about: parts of the same place that have their message: what comes once more is known by them
SELECT number, total, digest, message_id FROM smpp_parts
WHERE message_id IS NOT NULL AND place IN (:places...) AND created_at >= :since
ORDER BY created_at, id

-- name: smpp_places
SELECT DISTINCT place FROM smpp_parts WHERE due_at IS NOT NULL

-- name: smpp_places_due
SELECT DISTINCT place FROM smpp_parts WHERE due_at IS NOT NULL AND due_at <= :now

-- name: smpp_part
SELECT id, account_id, credential_id, place, created_at, message_id FROM smpp_parts WHERE id = :id

-- name: smpp_parts_expire
-- params: now bigint
DELETE FROM smpp_parts WHERE expires_at <= :now AND message_id IS NOT NULL

-- ------------------------------------------------------------ short ids, for SMPP 3.3

-- name: smpp_short_id_insert
-- about: a guard: lost by what another message of the credential has, until that is forgotten
-- params: credential_id text, short_id text, id text, created_at bigint, expires_at bigint
INSERT INTO smpp_short_ids (credential_id, short_id, id, created_at, expires_at)
VALUES (:credential_id, :short_id, :id, :created_at, :expires_at)
ON CONFLICT (credential_id, short_id) DO UPDATE SET id = excluded.id, created_at = excluded.created_at,
  expires_at = excluded.expires_at
WHERE smpp_short_ids.expires_at <= excluded.created_at

-- name: smpp_short_id
SELECT id FROM smpp_short_ids WHERE credential_id = :credential_id AND short_id = :short_id

-- name: smpp_short_ids_expire
-- params: now bigint
DELETE FROM smpp_short_ids WHERE expires_at <= :now

-- ------------------------------------------------------------ deliveries to customers' binds

-- name: bind_delivery_insert
-- about: a receipt or an incoming message for a customer's bind; claimed by this node if it has one
-- params: id text, lane text, account_id text, message_id text, kind text, body text, addresses text,
--   claim bigint, due_at bigint, created_at bigint
INSERT INTO bind_deliveries (
  id, lane, account_id, message_id, kind, body, addresses, tries, claim, due_at, created_at
) VALUES (
  :id, :lane, :account_id, :message_id, :kind, :body, :addresses, 0, :claim, :due_at, :created_at
)

-- name: bind_delivery_claim
-- about: a guard: take a waiting delivery into memory
-- params: id text, claim bigint
UPDATE bind_deliveries SET claim = :claim WHERE id = :id AND claim <= 0 AND due_at IS NOT NULL

-- name: bind_delivery_release
-- about: give a claimed delivery back to the rows
-- params: id text, claim bigint
UPDATE bind_deliveries SET claim = 0 WHERE id = :id AND claim = :claim AND due_at IS NOT NULL

-- name: bind_delivery_retry
-- about: it was not taken; again at due_at
-- params: id text, claim bigint, tries bigint, due_at bigint, error text
UPDATE bind_deliveries SET claim = 0, tries = :tries, due_at = :due_at, error = :error
WHERE id = :id AND claim = :claim AND due_at IS NOT NULL

-- name: bind_delivery_done
-- about: the customer has it
-- params: id text, claim bigint
DELETE FROM bind_deliveries WHERE id = :id AND claim = :claim

-- name: bind_delivery_drop
-- about: the customer refused it for good: kept for a while, with what he said
-- params: id text, claim bigint, tries bigint, done_at bigint, error text
UPDATE bind_deliveries SET claim = 0, due_at = NULL, tries = :tries, done_at = :done_at, error = :error
WHERE id = :id AND claim = :claim AND due_at IS NOT NULL

-- name: bind_delivery_redact
-- about: whose numbers it would name
-- params: message_id text
UPDATE bind_deliveries SET addresses = NULL WHERE message_id = :message_id

-- name: bind_deliveries_lanes
-- about: every lane with waiting deliveries and when its first is due; a step of the index for each lane
WITH RECURSIVE waiting(lane) AS (
  SELECT MIN(lane) FROM bind_deliveries WHERE due_at IS NOT NULL AND claim <= 0
  UNION ALL
  SELECT (
    SELECT MIN(d.lane) FROM bind_deliveries d
    WHERE d.due_at IS NOT NULL AND d.claim <= 0 AND d.lane > waiting.lane
  ) FROM waiting WHERE waiting.lane IS NOT NULL
)
SELECT lane, (
  SELECT MIN(d.due_at) FROM bind_deliveries d
  WHERE d.lane = waiting.lane AND d.due_at IS NOT NULL AND d.claim <= 0
) FROM waiting WHERE lane IS NOT NULL

-- name: bind_deliveries_waiting
-- about: what is due in one lane, oldest first
SELECT id, lane, message_id, kind, body, addresses, tries FROM bind_deliveries
WHERE lane = :lane AND due_at IS NOT NULL AND due_at <= :now AND claim <= 0
ORDER BY due_at, id LIMIT :count

-- name: bind_deliveries_orphaned
-- about: what nodes that ended had in memory
SELECT d.id, d.claim FROM bind_deliveries d LEFT JOIN leases l ON l.id = d.claim
WHERE d.claim > 0 AND d.claim <> :mine
  AND (l.id IS NULL OR l.ended_at IS NOT NULL)
LIMIT :count

-- name: bind_deliveries_claimed
-- about: what one node has claimed
SELECT id FROM bind_deliveries WHERE claim > 0 AND claim = :claim AND id > :after ORDER BY id LIMIT :count

-- name: bind_deliveries_expire
-- about: past their time to live without a bind that took them; ids begin with the time
UPDATE bind_deliveries SET due_at = NULL, done_at = :now, error = 'expired'
WHERE id < :below AND due_at IS NOT NULL AND claim <= 0

-- name: bind_deliveries_forget
-- about: what was refused or ran out of time, long ago
DELETE FROM bind_deliveries WHERE id < :below AND due_at IS NULL

-- name: batch_insert
-- about: a call that sends many messages, before its first message
-- params: id text, account_id text, test bigint, size bigint, accepted bigint, refused bigint, created_at bigint,
--   done_at bigint, canceled_at bigint
INSERT INTO batches (id, account_id, test, size, accepted, refused, created_at, done_at, canceled_at)
VALUES (:id, :account_id, :test, :size, :accepted, :refused, :created_at, :done_at, :canceled_at)

-- name: batch_finish
-- about: each message of a batch is accepted or refused; lost when another node came to the end first
-- params: id text, accepted bigint, refused bigint, done_at bigint
UPDATE batches SET accepted = :accepted, refused = :refused, done_at = :done_at
WHERE id = :id AND done_at IS NULL

-- name: batch_cancel
-- about: no more of it is accepted, and what waits is canceled
-- params: id text, canceled_at bigint
UPDATE batches SET canceled_at = :canceled_at WHERE id = :id AND canceled_at IS NULL

-- name: batch_of_account
SELECT * FROM batches WHERE id = :id AND account_id = :account_id AND test = :test

-- name: batches_list
-- about: newest first
SELECT * FROM batches WHERE account_id = :account_id AND test = :test AND id < :below
ORDER BY id DESC LIMIT :count

-- name: batch_counts
-- about: what became of the messages of a batch
-- slow: reads every message of the batch
SELECT status, COUNT(*), SUM(segments), SUM(price), MAX(currency), MAX(done_at) FROM messages
WHERE batch_id = :batch_id GROUP BY status ORDER BY status

-- name: batch_waiting
-- about: messages of a batch that no carrier has taken yet
-- slow: reads through the messages of the batch
SELECT id FROM messages
WHERE batch_id = :batch_id AND id > :after AND status IN ('scheduled', 'queued', 'held')
ORDER BY id LIMIT :count

-- name: bulk_page
-- about: a page of what waits and passes the filters of bulk work; NULL is no filter
-- slow: it reads all that has a due time
SELECT * FROM messages
WHERE due_at IS NOT NULL AND (due_at, id) > (:after_due, :after_id)
  AND status IN (:statuses...) AND (:waiting_only = 0 OR status = 'held' OR claim = -1)
  AND direction = 'outbound' AND id < :below
  AND (account_id = :account_id OR :account_id IS NULL)
  AND (test = :test OR :test IS NULL)
  AND (recipient = :recipient OR :recipient IS NULL)
  AND (sender = :sender OR :sender IS NULL)
  AND created_at >= :created_after AND created_at < :created_before
  AND (CAST(:tag AS text) IS NULL OR JSON_HAS(tags, :tag))
  AND (reference = :reference OR :reference IS NULL)
  AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND (carrier_id = :carrier_id OR :carrier_id IS NULL)
  AND (route_id = :route_id OR :route_id IS NULL)
  AND (country = :country OR :country IS NULL)
  AND (error_code = :error_code OR :error_code IS NULL)
  AND (class_ = :class_ OR :class_ IS NULL)
ORDER BY due_at, id LIMIT :count

-- name: bulk_counts
-- about: how many there are, by status
-- slow: it reads all that has a due time
SELECT status, COUNT(*) FROM messages
WHERE due_at IS NOT NULL
  AND status IN (:statuses...) AND (:waiting_only = 0 OR status = 'held' OR claim = -1)
  AND direction = 'outbound' AND id < :below
  AND (account_id = :account_id OR :account_id IS NULL)
  AND (test = :test OR :test IS NULL)
  AND (recipient = :recipient OR :recipient IS NULL)
  AND (sender = :sender OR :sender IS NULL)
  AND created_at >= :created_after AND created_at < :created_before
  AND (CAST(:tag AS text) IS NULL OR JSON_HAS(tags, :tag))
  AND (reference = :reference OR :reference IS NULL)
  AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND (carrier_id = :carrier_id OR :carrier_id IS NULL)
  AND (route_id = :route_id OR :route_id IS NULL)
  AND (country = :country OR :country IS NULL)
  AND (error_code = :error_code OR :error_code IS NULL)
  AND (class_ = :class_ OR :class_ IS NULL)
GROUP BY status ORDER BY status

-- name: job_insert
-- about: a bulk job begins
-- params: id text, kind text, status text, filter text, target text, progress text, made_by text,
--   version bigint, created_at bigint, done_at bigint
INSERT INTO jobs (id, kind, status, filter, target, progress, made_by, version, created_at, done_at)
VALUES (:id, :kind, :status, :filter, :target, :progress, :made_by, :version, :created_at, :done_at)

-- name: job_progress
-- about: a guard: a job came further; lost when another node has it, or somebody stopped it
-- params: id text, version bigint, status text, progress text, done_at bigint
UPDATE jobs SET status = :status, progress = :progress, done_at = :done_at, version = :version + 1
WHERE id = :id AND version = :version

-- name: job_of
SELECT id, kind, status, filter, target, progress, made_by, version, created_at, done_at FROM jobs
WHERE id = :id

-- name: jobs_list
-- about: newest first
SELECT id, kind, status, filter, target, progress, made_by, version, created_at, done_at FROM jobs
WHERE id < :below ORDER BY id DESC LIMIT :count

-- name: jobs_running
-- about: what a start goes on with
SELECT id, kind, status, filter, target, progress, made_by, version, created_at, done_at FROM jobs
WHERE status = 'running' ORDER BY id

-- ------------------------------------------------------------ networks

-- name: number_ranges_all
-- about: every range, for memory
SELECT prefix, network FROM number_ranges

-- name: number_ranges_revision
-- about: how often the ranges were changed
SELECT value FROM meta WHERE key = 'number_ranges'

-- name: number_ranges_changed
-- tells: networks of numbers
-- about: tells other nodes that they have to read the ranges
-- params: key text
INSERT INTO meta (key, value) VALUES (:key, '1')
ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS bigint) + 1 AS text)

-- name: number_range_put
-- about: a range that is new, or belongs to another network now
-- params: prefix text, network text
INSERT INTO number_ranges (prefix, network) VALUES (:prefix, :network)
ON CONFLICT (prefix) DO UPDATE SET network = excluded.network

-- name: number_range_delete
-- about: a range that is no more
-- params: prefix text
DELETE FROM number_ranges WHERE prefix = :prefix

-- ------------------------------------------------------------ the clock went back

-- name: messages_sooner
-- about: the wall clock went back: pauses last no longer for it
-- params: by bigint, now bigint
UPDATE messages SET due_at = due_at - :by WHERE due_at IS NOT NULL AND due_at > :now AND status = 'queued' AND claim = -1

-- name: receipts_sooner
-- about: the wall clock went back: pauses last no longer for it
-- params: by bigint, now bigint
UPDATE receipts SET due_at = due_at - :by WHERE due_at IS NOT NULL AND due_at > :now

-- name: inbound_parts_sooner
-- about: the wall clock went back: pauses last no longer for it
-- params: by bigint, now bigint
UPDATE inbound_parts SET due_at = due_at - :by WHERE due_at IS NOT NULL AND due_at > :now

-- name: smpp_parts_sooner
-- about: the wall clock went back: pauses last no longer for it
-- params: by bigint, now bigint
UPDATE smpp_parts SET due_at = due_at - :by WHERE due_at IS NOT NULL AND due_at > :now

-- name: bind_deliveries_sooner
-- about: the wall clock went back: pauses last no longer for it
-- params: by bigint, now bigint
UPDATE bind_deliveries SET due_at = due_at - :by WHERE due_at IS NOT NULL AND due_at > :now
