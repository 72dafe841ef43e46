-- The statements of messages, attempts and receipts. Hot writes take a row each on SQLite and a whole batch on
-- PostgreSQL (store/statements.py). Columns stand in the order of the structs in core/message.py.

-- name: message_insert
-- notes: id in changed
-- about: inserts an accepted message
-- params: id text, account_id text, test bigint, direction text, channel text, sender text, recipient text,
--   text text, encoding text, segments bigint, class_ text, priority bigint, country text, network
--   text, reference text, tags text, batch_id text, campaign_id text, chain_id text, status_callback
--   text, on_unknown text, pinned_route text, content text, origin text, price bigint, currency text,
--   created_at bigint, scheduled_at bigint, expires_at bigint, status text, version bigint, sequence
--   bigint, claim bigint, due_at bigint, route_id text, carrier_id text, carriers_tried text, sender_used text,
--   attempts bigint, duplicates bigint, error_code text, carrier_code text, queued_at bigint, sent_at
--   bigint, done_at bigint, redacted_at bigint, held_for text, not_before bigint, notices text,
--   paid_above text, limited_by text
INSERT INTO messages (
  id, account_id, test, direction, channel, sender, recipient, text, encoding, segments, class_, priority,
  country, network, reference, tags, batch_id, campaign_id, chain_id, status_callback, on_unknown,
  pinned_route, content, origin, price, currency, created_at, scheduled_at, expires_at, status, version,
  sequence, claim, due_at, route_id, carrier_id, carriers_tried, sender_used, attempts, duplicates,
  error_code, carrier_code, queued_at, sent_at, done_at, redacted_at, held_for, not_before, notices,
  paid_above, limited_by
) VALUES (
  :id, :account_id, :test, :direction, :channel, :sender, :recipient, :text, :encoding, :segments,
  :class_, :priority, :country, :network, :reference, :tags, :batch_id, :campaign_id, :chain_id,
  :status_callback, :on_unknown, :pinned_route, :content, :origin, :price, :currency, :created_at,
  :scheduled_at, :expires_at, :status, :version, :sequence, :claim, :due_at, :route_id, :carrier_id,
  :carriers_tried, :sender_used, :attempts, :duplicates, :error_code, :carrier_code, :queued_at, :sent_at,
  :done_at, :redacted_at, :held_for, :not_before, :notices, :paid_above, :limited_by
)

-- name: message_insert_plain
-- notes: id in changed
-- about: inserts an accepted message whose other columns are NULL or as here, which nearly all are
-- params: id text, account_id text, test bigint, sender text, recipient text, text text, encoding text,
--   segments bigint, class_ text, country text, network text, reference text, batch_id text, status_callback text,
--   origin text, price bigint, currency text, created_at bigint, expires_at bigint, status text, claim bigint,
--   due_at bigint, route_id text, carrier_id text, queued_at bigint
INSERT INTO messages (
  id, account_id, test, sender, recipient, text, encoding, segments, class_, country, network, reference, batch_id,
  status_callback, origin, price, currency, created_at, expires_at, status, claim, due_at, route_id, carrier_id,
  queued_at, direction, channel, priority, on_unknown, version, sequence, attempts, duplicates
) VALUES (
  :id, :account_id, :test, :sender, :recipient, :text, :encoding, :segments, :class_, :country, :network, :reference,
  :batch_id, :status_callback, :origin, :price, :currency, :created_at, :expires_at, :status, :claim, :due_at,
  :route_id, :carrier_id, :queued_at, 'outbound', 'sms', 0, 'resend', 1, 0, 0, 0
)

-- name: message_change
-- about: one change of a message; lost if another writer changed the message first
-- params: id text, old_version bigint, status text, version bigint, sequence bigint, claim bigint, due_at
--   bigint, route_id text, carrier_id text, carriers_tried text, sender_used text, attempts bigint,
--   duplicates bigint, error_code text, carrier_code text, queued_at bigint, sent_at bigint, done_at
--   bigint, redacted_at bigint, held_for text
UPDATE messages SET
  status = :status, version = :version, sequence = :sequence, claim = :claim, due_at = :due_at, route_id =
  :route_id, carrier_id = :carrier_id, carriers_tried = :carriers_tried, sender_used = :sender_used,
  attempts = :attempts, duplicates = :duplicates, error_code = :error_code, carrier_code = :carrier_code,
  queued_at = :queued_at, sent_at = :sent_at, done_at = :done_at, redacted_at = :redacted_at,
  held_for = :held_for
WHERE id = :id AND version = :old_version

-- name: message_sent
-- about: the carrier took a message, and nothing else of it changes; lost if another writer changed it first
-- params: id text, old_version bigint, status text, version bigint, sequence bigint, claim bigint, due_at bigint,
--   sender_used text, attempts bigint, sent_at bigint
UPDATE messages SET
  status = :status, version = :version, sequence = :sequence, claim = :claim, due_at = :due_at,
  sender_used = :sender_used, attempts = :attempts, sent_at = :sent_at
WHERE id = :id AND version = :old_version

-- name: message_delivered
-- about: a message was delivered, and nothing else of it changes; lost if another writer changed it first
-- params: id text, old_version bigint, status text, version bigint, sequence bigint, due_at bigint, done_at bigint
UPDATE messages SET
  status = :status, version = :version, sequence = :sequence, due_at = :due_at, done_at = :done_at
WHERE id = :id AND version = :old_version

-- name: message_stands
-- about: a guard that changes nothing: lost if the message has changed since this version
-- params: id text, version bigint
UPDATE messages SET version = :version WHERE id = :id AND version = :version

-- name: message_edit
-- about: edits or releases a waiting message; lost if another writer changed it first
-- params: id text, old_version bigint, sender text, text text, encoding text, segments bigint, class_ text,
--   priority bigint, reference text, tags text, status_callback text, on_unknown text, pinned_route text,
--   content text, origin text, price bigint, scheduled_at bigint, expires_at bigint, version bigint,
--   sequence bigint, claim bigint, due_at bigint, route_id text, carrier_id text, status text,
--   queued_at bigint, held_for text, not_before bigint, notices text, paid_above text
UPDATE messages SET
  sender = :sender, text = :text, encoding = :encoding, segments = :segments, class_ = :class_,
  priority = :priority, reference = :reference, tags = :tags, status_callback = :status_callback,
  on_unknown = :on_unknown, pinned_route = :pinned_route, content = :content, origin = :origin, price = :price,
  scheduled_at = :scheduled_at, expires_at = :expires_at, version = :version, sequence = :sequence,
  claim = :claim, due_at = :due_at, route_id = :route_id, carrier_id = :carrier_id, status = :status,
  queued_at = :queued_at, held_for = :held_for, not_before = :not_before, notices = :notices,
  paid_above = :paid_above
WHERE id = :id AND version = :old_version

-- name: change_note
-- about: the messages that a transaction inserted or wrote an event of, and those of which it only learned an outcome;
--   for those who count messages (store/group.py, statistics/)
-- params: noted_at bigint, changed text, attempted text
INSERT INTO changed_messages (noted_at, place, changed, attempted) VALUES (:noted_at, random(), :changed, :attempted)

-- name: change_note @postgresql
-- params: noted_at bigint, changed text, attempted text
INSERT INTO changed_messages (noted_at, place, changed, attempted)
VALUES (:noted_at, CAST(random() * 9007199254740991 AS bigint), :changed, :attempted)

-- fragment: attempt
-- about: a segment handed to a carrier, with its answer and its state
INSERT INTO attempts (
  message_id, attempt, segment, segments, account_id, carrier_id, bind, concat_reference, outcome,
  carrier_message_id, match_id, carrier_code, error_code, submitted_at, answered_at, state, state_code,
  state_at, found_at, sender, cost, currency
) VALUES (
  :message_id, :attempt, :segment, :segments, :account_id, :carrier_id, :bind, :concat_reference,
  :outcome, :carrier_message_id, :match_id, :carrier_code, :error_code, :submitted_at, :answered_at,
  :state, :state_code, :state_at, :found_at, :sender, :cost, :currency
)

-- name: attempt_insert
-- about: a segment handed to a carrier, and its answer
-- params: message_id text, attempt bigint, segment bigint, segments bigint, account_id text, carrier_id
--   text, bind text, concat_reference bigint, outcome text, carrier_message_id text, match_id text,
--   carrier_code text, error_code text, submitted_at bigint, answered_at bigint, state text,
--   state_code text, state_at bigint, found_at bigint, sender text, cost bigint, currency text
{attempt}

-- name: attempt_evidence
-- notes: message_id in attempted
-- about: an outcome learned after another node had decided: it replaces the outcome written as unknown
-- params: message_id text, attempt bigint, segment bigint, segments bigint, account_id text, carrier_id
--   text, bind text, concat_reference bigint, outcome text, carrier_message_id text, match_id text,
--   carrier_code text, error_code text, submitted_at bigint, answered_at bigint, state text,
--   state_code text, state_at bigint, found_at bigint, sender text, cost bigint, currency text
{attempt}
ON CONFLICT (message_id, attempt, segment) DO UPDATE SET segments = excluded.segments, bind = excluded.bind,
  concat_reference = excluded.concat_reference, outcome = excluded.outcome,
  carrier_message_id = excluded.carrier_message_id, match_id = excluded.match_id,
  carrier_code = excluded.carrier_code, error_code = excluded.error_code, submitted_at = excluded.submitted_at,
  answered_at = excluded.answered_at, found_at = excluded.found_at, sender = excluded.sender,
  cost = excluded.cost, currency = excluded.currency
WHERE attempts.outcome = 'unknown'

-- name: attempt_state
-- about: the latest state of one segment by the carrier's receipts
-- params: message_id text, attempt bigint, segment bigint, state text, state_code text, state_at bigint,
--   error_code text
UPDATE attempts SET state = :state, state_code = :state_code, state_at = :state_at, error_code = :error_code
WHERE message_id = :message_id AND attempt = :attempt AND segment = :segment
  AND (state IS NULL OR state <> 'delivered')

-- name: attempt_found
-- about: a receipt supplied an outcome that was unknown
-- params: message_id text, attempt bigint, segment bigint, outcome text, carrier_message_id text, match_id text,
--   found_at bigint
UPDATE attempts SET outcome = :outcome, carrier_message_id = :carrier_message_id, match_id = :match_id,
  found_at = :found_at
WHERE message_id = :message_id AND attempt = :attempt AND segment = :segment

-- name: receipt_insert
-- about: a delivery report as it arrived, matched or not
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
-- about: a kept receipt found its message; lost if another task matched it first
-- params: id text, message_id text, attempt bigint, segment bigint, account_id text, recipient text, raw text
UPDATE receipts SET message_id = :message_id, attempt = :attempt, segment = :segment,
  account_id = :account_id, recipient = :recipient, raw = :raw, due_at = NULL
WHERE id = :id AND COALESCE(message_id, '') = ''

-- name: receipt_later
-- about: a kept receipt is still unmatched: look again at due_at, or never (NULL)
-- params: id text, tries bigint, due_at bigint
UPDATE receipts SET tries = :tries, due_at = :due_at WHERE id = :id AND COALESCE(message_id, '') = ''

-- name: receipt_expire
-- about: deletes a receipt that is still unmatched at the end of its time to live
-- params: id text
DELETE FROM receipts WHERE id = :id AND COALESCE(message_id, '') = ''

-- name: messages_by_id
SELECT * FROM messages WHERE id IN (:ids...)

-- name: message_of_account
-- about: a message of one account, or (NULL) of any
SELECT * FROM messages WHERE id = :id AND (account_id = :account_id OR :account_id IS NULL) AND test = :test

-- name: messages_due
-- about: messages for the sweep, oldest first; it reads only those that are due
SELECT * FROM messages
WHERE due_at IS NOT NULL AND due_at <= :now AND (due_at, id) > (:after_due, :after_id)
ORDER BY due_at, id LIMIT :count

-- name: attempts_by_match
SELECT * FROM attempts WHERE carrier_id = :carrier_id AND match_id IN (:match_ids...)

-- name: messages_of_match
-- about: the messages to which carriers gave an id
-- params: carrier_ids text[], match_ids text[], count bigint
SELECT DISTINCT message_id FROM attempts
WHERE carrier_id IN (:carrier_ids...) AND match_id IN (:match_ids...) ORDER BY message_id DESC LIMIT :count

-- name: attempts_of_messages
SELECT * FROM attempts WHERE message_id IN (:ids...) ORDER BY message_id, attempt, segment

-- name: costs_of_messages
-- about: what carriers take for each of these messages, one row for each currency
SELECT message_id, currency, CAST(SUM(cost) AS BIGINT) FROM attempts
WHERE message_id IN (:ids...) AND cost IS NOT NULL
GROUP BY message_id, currency ORDER BY message_id, currency

-- name: receipts_unmatched
SELECT * FROM receipts WHERE carrier_id = :carrier_id AND match_id IN (:match_ids...) AND message_id IS NULL
ORDER BY received_at, id

-- name: receipts_due
SELECT * FROM receipts WHERE due_at IS NOT NULL AND due_at <= :now ORDER BY due_at, id LIMIT :count

-- name: receipts_of_message
SELECT * FROM receipts WHERE message_id = :message_id ORDER BY received_at, id

-- name: held_unknown
-- about: held messages whose carrier's answer is unknown, for receipts that match no other message
SELECT * FROM messages
WHERE status = 'held' AND held_for = 'outcome_unknown' AND carrier_id = :carrier_id
  AND recipient IN (:recipients...)

-- name: message_of_event
SELECT message_id FROM events WHERE id = :id AND account_id = :account_id AND test = :test

-- name: events_of_message
SELECT id, type, sequence, created_at FROM events WHERE message_id = :message_id ORDER BY sequence

-- fragment: messages_filter
-- about: the filters of a list of messages; NULL is no filter, and an empty value finds empty values. Those that end in
--   _not are lists of values that are left out, and are not looked at unless `leaves_out` is 1
(:any_status = 1 OR status IN (:statuses...))
  AND (held_for = :held_for OR :held_for IS NULL)
  AND (recipient = :recipient OR :recipient IS NULL)
  AND (sender = :sender OR :sender IS NULL)
  AND (CAST(:sender_shown AS text) IS NULL OR CASE WHEN direction = 'inbound' THEN recipient
    WHEN status IN ('scheduled', 'queued', 'held') THEN sender ELSE COALESCE(sender_used, sender) END = :sender_shown)
  AND (CAST(:tag AS text) IS NULL OR JSON_HAS(tags, :tag))
  AND (campaign_id = :campaign_id OR :campaign_id IS NULL)
  AND (direction = :direction OR :direction IS NULL)
  AND (CAST(:country AS text) IS NULL OR COALESCE(country, '') = :country)
  AND (class_ = :class_ OR :class_ IS NULL)
  AND (CAST(:error_code AS text) IS NULL OR COALESCE(error_code, '') = :error_code)
  AND (CAST(:network AS text) IS NULL OR COALESCE(network, '') = :network)
  AND (carrier_id = :carrier_id OR :carrier_id IS NULL)
  AND (route_id = :route_id OR :route_id IS NULL)
  AND (CAST(:created_after AS bigint) IS NULL OR created_at >= :created_after)
  AND (CAST(:created_before AS bigint) IS NULL OR created_at < :created_before)
  AND (CAST(:updated_after AS bigint) IS NULL OR created_at >= :updated_after OR queued_at >= :updated_after
    OR sent_at >= :updated_after OR done_at >= :updated_after OR redacted_at >= :updated_after)
  AND (CAST(:number_part AS text) IS NULL OR recipient LIKE :number_part OR sender LIKE :number_part)
  AND (CAST(:reference_prefix AS text) IS NULL
    OR SUBSTR(reference, 1, LENGTH(:reference_prefix)) = :reference_prefix)
  AND (CAST(:sender_prefix AS text) IS NULL OR SUBSTR(sender, 1, LENGTH(:sender_prefix)) = :sender_prefix)
  AND (CAST(:duplicates AS bigint) IS NULL OR CASE WHEN duplicates > 0 THEN 1 ELSE 0 END = :duplicates)
  AND (:leaves_out = 0 OR sender NOT IN (:sender_not...) AND class_ NOT IN (:class_not...)
    AND recipient NOT IN (:to_not...) AND direction NOT IN (:direction_not...)
    AND COALESCE(country, '') NOT IN (:country_not...) AND COALESCE(network, '') NOT IN (:network_not...)
    AND (held_for IS NULL OR held_for NOT IN (:held_for_not...))
    AND COALESCE(error_code, '') NOT IN (:error_code_not...)
    AND (batch_id IS NULL OR batch_id NOT IN (:batch_id_not...))
    AND (carrier_id IS NULL OR carrier_id NOT IN (:carrier_id_not...))
    AND (route_id IS NULL OR route_id NOT IN (:route_id_not...))
    AND (tags IS NULL OR NOT JSON_HAS_ANY(tags, :tag_not...))
    AND CASE WHEN direction = 'inbound' THEN recipient
      WHEN status IN ('scheduled', 'queued', 'held') THEN sender
      ELSE COALESCE(sender_used, sender) END NOT IN (:sender_shown_not...))

-- fragment: messages_group
-- about: the value by which messages are counted; a message without one has an empty value here
COALESCE(CASE CAST(:group_by AS text) WHEN 'status' THEN status WHEN 'class' THEN class_ WHEN 'country' THEN country
    WHEN 'network' THEN network WHEN 'direction' THEN direction WHEN 'error_code' THEN error_code END, '') AS grouped

-- name: messages_list
-- about: newest first
-- slow: a filter that few messages pass reads through all of an account
SELECT * FROM messages
WHERE account_id = :account_id AND test = :test AND id < :below AND id >= :above
  AND (reference = :reference OR :reference IS NULL) AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
ORDER BY id DESC LIMIT :count

-- name: messages_slice
-- about: the id at which a read of a list ends if it looks at `count` messages
-- params: account_id text, below text, above text, count bigint
-- slow: it walks through so many entries of an index
SELECT id FROM messages WHERE account_id = :account_id AND id < :below AND id >= :above
ORDER BY id DESC LIMIT 1 OFFSET :count

-- name: messages_list_batch
-- about: messages of one batch, of one account or (NULL) of any; `|| ''` keeps the index of accounts from being used
-- slow: a filter that few messages pass reads through all of a batch
SELECT * FROM messages
WHERE batch_id = :batch_id AND id < :below AND id >= :above AND test = :test
  AND (account_id || '' = :account_id OR :account_id IS NULL)
  AND (reference = :reference OR :reference IS NULL)
  AND {messages_filter}
ORDER BY id DESC LIMIT :count

-- name: messages_list_reference
-- about: messages with one reference of their sender
-- slow: a sender may have given all of them the same
SELECT * FROM messages
WHERE account_id = :account_id AND reference = :reference AND id < :below AND id >= :above AND test = :test
  AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
ORDER BY id DESC LIMIT :count

-- name: messages_list_oldest
-- about: as messages_list, oldest first
-- slow: a filter that few messages pass reads through all of an account
SELECT * FROM messages
WHERE account_id = :account_id AND test = :test AND id > :above AND id <= :below
  AND (reference = :reference OR :reference IS NULL) AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
ORDER BY id LIMIT :count

-- name: messages_slice_oldest
-- about: the id at which a read of a list ends if it looks at `count` messages
-- params: account_id text, below text, above text, count bigint
-- slow: it walks through so many entries of an index
SELECT id FROM messages WHERE account_id = :account_id AND id > :above AND id <= :below
ORDER BY id LIMIT 1 OFFSET :count

-- name: messages_list_batch_oldest
-- about: messages of one batch, of one account or (NULL) of any; `|| ''` keeps the index of accounts from being used
-- slow: a filter that few messages pass reads through all of a batch
SELECT * FROM messages
WHERE batch_id = :batch_id AND id > :above AND id <= :below AND test = :test
  AND (account_id || '' = :account_id OR :account_id IS NULL)
  AND (reference = :reference OR :reference IS NULL)
  AND {messages_filter}
ORDER BY id LIMIT :count

-- name: messages_list_reference_oldest
-- about: messages with one reference of their sender
-- slow: a sender may have given all of them the same
SELECT * FROM messages
WHERE account_id = :account_id AND reference = :reference AND id > :above AND id <= :below AND test = :test
  AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
ORDER BY id LIMIT :count

-- name: messages_counts
-- about: the messages of a part of a list by one of their values
-- slow: it reads all of the part
SELECT {messages_group}, COUNT(*) FROM messages
WHERE account_id = :account_id AND test = :test AND id < :below AND id >= :above
  AND (reference = :reference OR :reference IS NULL) AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
GROUP BY grouped

-- name: messages_list_all
-- about: of all accounts, newest first, by the primary key
-- slow: a filter that few messages pass reads through a slice of all messages
SELECT * FROM messages
WHERE id < :below AND id >= :above AND test = :test
  AND (reference = :reference OR :reference IS NULL) AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
ORDER BY id DESC LIMIT :count

-- name: messages_slice_all
-- about: the id at which a read of all accounts ends if it looks at `count` messages
-- params: below text, above text, count bigint
-- slow: it walks through so many entries of the primary key
SELECT id FROM messages WHERE id < :below AND id >= :above
ORDER BY id DESC LIMIT 1 OFFSET :count

-- name: messages_list_all_oldest
-- about: as messages_list_all, oldest first
-- slow: a filter that few messages pass reads through a slice of all messages
SELECT * FROM messages
WHERE id > :above AND id <= :below AND test = :test
  AND (reference = :reference OR :reference IS NULL) AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
ORDER BY id LIMIT :count

-- name: messages_slice_all_oldest
-- about: the id at which a read of all accounts ends if it looks at `count` messages
-- params: below text, above text, count bigint
-- slow: it walks through so many entries of the primary key
SELECT id FROM messages WHERE id > :above AND id <= :below
ORDER BY id LIMIT 1 OFFSET :count

-- name: messages_counts_all
-- about: the messages of a part of a list of all accounts by one of their values
-- slow: it reads all of the part
SELECT {messages_group}, COUNT(*) FROM messages
WHERE id < :below AND id >= :above AND test = :test
  AND (reference = :reference OR :reference IS NULL) AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
GROUP BY grouped

-- name: messages_list_repeated
-- about: messages that may have been sent more than once; they are few, and have an index
-- slow: a filter that few of them pass reads through all of an account's
SELECT * FROM messages
WHERE duplicates > 0 AND account_id = :account_id AND test = :test AND id < :below AND id >= :above
  AND (reference = :reference OR :reference IS NULL) AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
ORDER BY id DESC LIMIT :count

-- name: messages_list_repeated_oldest
-- about: as messages_list_repeated, oldest first
-- slow: a filter that few of them pass reads through all of an account's
SELECT * FROM messages
WHERE duplicates > 0 AND account_id = :account_id AND test = :test AND id > :above AND id <= :below
  AND (reference = :reference OR :reference IS NULL) AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
ORDER BY id LIMIT :count

-- name: messages_slice_repeated
-- about: the id at which a count of them ends if it looks at `count` messages
-- params: account_id text, test bigint, below text, above text, count bigint
-- slow: it walks through so many entries of an index
SELECT id FROM messages
WHERE duplicates > 0 AND account_id = :account_id AND test = :test AND id < :below AND id >= :above
ORDER BY id DESC LIMIT 1 OFFSET :count

-- name: messages_counts_repeated
-- about: those of a part of a list by one of their values
-- slow: it reads all of the part
SELECT {messages_group}, COUNT(*) FROM messages
WHERE duplicates > 0 AND account_id = :account_id AND test = :test AND id < :below AND id >= :above
  AND (reference = :reference OR :reference IS NULL) AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
GROUP BY grouped

-- name: messages_list_repeated_all
-- about: as messages_list_repeated, of all accounts
-- slow: a filter that few of them pass reads through all of them
SELECT * FROM messages
WHERE duplicates > 0 AND test = :test AND id < :below AND id >= :above
  AND (reference = :reference OR :reference IS NULL) AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
ORDER BY id DESC LIMIT :count

-- name: messages_list_repeated_all_oldest
-- about: as messages_list_repeated_all, oldest first
-- slow: a filter that few of them pass reads through all of them
SELECT * FROM messages
WHERE duplicates > 0 AND test = :test AND id > :above AND id <= :below
  AND (reference = :reference OR :reference IS NULL) AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
ORDER BY id LIMIT :count

-- name: messages_slice_repeated_all
-- about: the id at which a count of them, of all accounts, ends if it looks at `count` messages
-- params: test bigint, below text, above text, count bigint
-- slow: it walks through so many entries of an index
SELECT id FROM messages WHERE duplicates > 0 AND test = :test AND id < :below AND id >= :above
ORDER BY id DESC LIMIT 1 OFFSET :count

-- name: messages_counts_repeated_all
-- about: those of a part of a list of all accounts by one of their values
-- slow: it reads all of the part
SELECT {messages_group}, COUNT(*) FROM messages
WHERE duplicates > 0 AND test = :test AND id < :below AND id >= :above
  AND (reference = :reference OR :reference IS NULL) AND (batch_id = :batch_id OR :batch_id IS NULL)
  AND {messages_filter}
GROUP BY grouped

-- name: message_redact
-- about: removes the text and the number of a message at its end, also from what its door keeps
-- params: id text, version bigint, redacted_at bigint
UPDATE messages SET text = '',
  recipient = CASE direction WHEN 'inbound' THEN recipient ELSE '' END,
  sender = CASE direction WHEN 'inbound' THEN '' ELSE sender END,
  content = NULL, origin = NULL, notices = NULL, redacted_at = :redacted_at, version = :version + 1
WHERE id = :id AND version = :version AND redacted_at IS NULL

-- name: receipts_redact
-- about: redacts receipts, which hold the number, and often the start of the text
-- params: message_id text
UPDATE receipts SET recipient = NULL, raw = '' WHERE message_id = :message_id

-- ------------------------------------------------------------ incoming messages

-- name: inbound_seen
-- about: a guard: lost by a repeat, unless the first was too long ago or came over the same session
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

-- name: inbound_parts_of
-- about: the parts that wait at these places; they are inserted and deleted as the table says (messages/tables.py)
SELECT id, place, total, number, digest, part, received_at, due_at FROM inbound_parts
WHERE place IN (:places...) ORDER BY id

-- name: inbound_places
-- about: the places with waiting parts; each is looked at once after a start
SELECT DISTINCT place FROM inbound_parts

-- name: inbound_places_due
SELECT DISTINCT place FROM inbound_parts WHERE due_at <= :now

-- ------------------------------------------------------------ batches

-- name: batch_insert
-- about: a call that sends many messages; inserted before its first message
-- params: id text, account_id text, test bigint, size bigint, accepted bigint, refused bigint, created_at bigint,
--   done_at bigint, canceled_at bigint, scheduled_at bigint
INSERT INTO batches (id, account_id, test, size, accepted, refused, created_at, done_at, canceled_at, scheduled_at)
VALUES (:id, :account_id, :test, :size, :accepted, :refused, :created_at, :done_at, :canceled_at, :scheduled_at)

-- name: batch_finish
-- about: all messages of a batch are accepted or refused; lost if another node finished it first
-- params: id text, accepted bigint, refused bigint, done_at bigint
UPDATE batches SET accepted = :accepted, refused = :refused, done_at = :done_at
WHERE id = :id AND done_at IS NULL

-- name: batch_cancel
-- about: marks a batch as canceled: no more of its messages are accepted
-- params: id text, canceled_at bigint
UPDATE batches SET canceled_at = :canceled_at WHERE id = :id AND canceled_at IS NULL

-- name: batch_of_account
SELECT * FROM batches WHERE id = :id AND account_id = :account_id AND test = :test

-- fragment: batches_filter
-- about: the state and the time of a batch; NULL is no filter
(CAST(:state AS text) IS NULL OR :state = CASE
    WHEN canceled_at IS NOT NULL THEN 'canceled' WHEN done_at IS NULL THEN 'accepting' ELSE 'accepted' END)
  AND (CAST(:created_after AS bigint) IS NULL OR created_at >= :created_after)
  AND (CAST(:created_before AS bigint) IS NULL OR created_at < :created_before)

-- name: batches_list
-- about: newest first
SELECT * FROM batches
WHERE account_id = :account_id AND test = :test AND id < :below AND id >= :above AND {batches_filter}
ORDER BY id DESC LIMIT :count

-- name: batches_list_oldest
-- about: oldest first
SELECT * FROM batches
WHERE account_id = :account_id AND test = :test AND id > :above AND id <= :below AND {batches_filter}
ORDER BY id LIMIT :count

-- name: batches_list_all
-- about: of all accounts, newest first, by the primary key
SELECT * FROM batches WHERE test = :test AND id < :below AND id >= :above AND {batches_filter}
ORDER BY id DESC LIMIT :count

-- name: batches_list_all_oldest
-- about: of all accounts, oldest first, by the primary key
SELECT * FROM batches WHERE test = :test AND id > :above AND id <= :below AND {batches_filter}
ORDER BY id LIMIT :count

-- name: batch_counts
-- about: the messages of a batch by status
-- slow: reads every message of the batch
SELECT status, COUNT(*), SUM(segments), SUM(price), MAX(currency), MAX(done_at), MIN(due_at) FROM messages
WHERE batch_id = :batch_id GROUP BY status ORDER BY status

-- name: batch_waiting
-- about: messages of a batch that no carrier has taken yet
-- slow: reads through the messages of the batch
SELECT id FROM messages
WHERE batch_id = :batch_id AND id > :after AND status IN ('scheduled', 'queued', 'held')
ORDER BY id LIMIT :count

-- ------------------------------------------------------------ the clock went back

-- name: messages_bring_forward
-- about: the wall clock went back: brings due times forward, so that pauses do not last longer
-- params: by bigint, now bigint
UPDATE messages SET due_at = due_at - :by WHERE due_at IS NOT NULL AND due_at > :now AND status = 'queued' AND claim = -1

-- name: receipts_bring_forward
-- about: the wall clock went back: brings due times forward, so that pauses do not last longer
-- params: by bigint, now bigint
UPDATE receipts SET due_at = due_at - :by WHERE due_at IS NOT NULL AND due_at > :now

-- name: inbound_parts_bring_forward
-- about: the wall clock went back: brings due times forward, so that pauses do not last longer
-- params: by bigint, now bigint
UPDATE inbound_parts SET due_at = due_at - :by WHERE due_at IS NOT NULL AND due_at > :now
