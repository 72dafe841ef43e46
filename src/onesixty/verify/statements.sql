-- The statements of verifications beside those of their table.

-- name: verification_insert
-- about: a guard: a new verification; it loses if its subject has an open one
-- params: id text, account_id text, test bigint, profile_id text, recipient text, other text, country text, network text,
-- params: channel text, status text, guard text, reason text, reference text, language text, template text, user_ip text,
-- params: device text, bound text, fixed bigint, subject text, seed text, key_id text, alphabet text,
-- params: length bigint, sealed_code text, sealed_before text, generation bigint, before_until bigint, plan text,
-- params: place bigint, no_report_s bigint, life_ms bigint, max_checks bigint, max_sends bigint, checks bigint,
-- params: sends bigint, began_at bigint, expires_at bigint, ends_at bigint, next_send_at bigint, fallback_at bigint,
-- params: due_at bigint, steps text, counted bigint, approved_by bigint, ended_at bigint, redacted_at bigint,
-- params: version bigint, created_at bigint, guard_key text, app_hash text,
-- params: language_from text
INSERT INTO verifications (
  id, account_id, test, profile_id, recipient, other, country, network, channel, status, guard, reason, reference,
  language, template, user_ip, device, bound, fixed, subject, seed, key_id, alphabet, length, sealed_code,
  sealed_before, generation, before_until, plan, place, no_report_s, life_ms, max_checks, max_sends, checks, sends,
  began_at, expires_at, ends_at, next_send_at, fallback_at, due_at, steps, counted, approved_by, ended_at, redacted_at,
  version, created_at, guard_key, app_hash, language_from
) VALUES (
  :id, :account_id, :test, :profile_id, :recipient, :other, :country, :network, :channel, :status, :guard, :reason,
  :reference, :language, :template, :user_ip, :device, :bound, :fixed, :subject, :seed, :key_id, :alphabet,
  :length, :sealed_code, :sealed_before, :generation, :before_until, :plan, :place, :no_report_s, :life_ms,
  :max_checks, :max_sends, :checks, :sends, :began_at, :expires_at, :ends_at, :next_send_at, :fallback_at, :due_at,
  :steps, :counted, :approved_by, :ended_at, :redacted_at, :version, :created_at, :guard_key,
  :app_hash, :language_from
)
ON CONFLICT (subject) WHERE status = 'pending' OR status = 'held' DO NOTHING

-- fragment: verifications_filter
-- about: the filters of a list; NULL is no filter, and an empty value finds empty values. Those that end in _not are
--   lists of values that are left out. What is `unreported` is told by `records.ended_of`, too
status IN (:statuses...) AND created_at >= :created_after AND created_at < :created_before
  AND (:profile_id IS NULL OR profile_id = :profile_id) AND (:reference IS NULL OR reference = :reference)
  AND (:guard IS NULL OR guard = :guard) AND (:channel IS NULL OR channel = :channel)
  AND (:country IS NULL OR COALESCE(country, '') = :country)
  AND (:network IS NULL OR COALESCE(network, '') = :network)
  AND profile_id NOT IN (:profile_id_not...) AND channel NOT IN (:channel_not...)
  AND (guard IS NULL OR guard NOT IN (:guard_not...)) AND COALESCE(country, '') NOT IN (:country_not...)
  AND COALESCE(network, '') NOT IN (:network_not...)
  AND (:counted = 0 OR counted = 1 AND fixed = 0)
  AND (:unreported IS NULL OR :unreported = CASE
    WHEN status = 'expired' AND sends > 0 AND (COALESCE(reason, '') = 'restored'
      OR sealed_code IS NOT NULL AND checks = 0 AND COALESCE(reason, '') <> 'reported') THEN 1 ELSE 0 END)

-- name: verifications_list
-- about: newest first
-- params: account_id text, test bigint, first text, below text, statuses text[], created_after bigint,
-- params: created_before bigint, profile_id text, reference text, guard text, channel text, country text, network text,
-- params: counted bigint, unreported bigint, profile_id_not text[], guard_not text[], channel_not text[],
-- params: country_not text[], network_not text[], most bigint
-- slow: it reads at most a slice
SELECT * FROM verifications
WHERE account_id = :account_id AND id >= :first AND id < :below AND test = :test AND {verifications_filter}
ORDER BY id DESC LIMIT :most

-- name: verifications_list_to
-- about: those of a number or an address, newest first
-- params: account_id text, test bigint, recipient text, first text, below text, statuses text[], created_after bigint,
-- params: created_before bigint, profile_id text, reference text, guard text, channel text, country text, network text,
-- params: counted bigint, unreported bigint, profile_id_not text[], guard_not text[], channel_not text[],
-- params: country_not text[], network_not text[], most bigint
SELECT * FROM verifications
WHERE account_id = :account_id AND recipient = :recipient AND id >= :first AND id < :below AND test = :test
  AND {verifications_filter}
ORDER BY id DESC LIMIT :most

-- name: verifications_slice
-- about: the id at which a read of a list ends if it looks at `count` verifications
-- params: account_id text, first text, below text, count bigint
-- slow: it walks through so many entries of an index
SELECT id FROM verifications
WHERE account_id = :account_id AND id >= :first AND id < :below
ORDER BY id DESC LIMIT 1 OFFSET :count

-- name: verifications_some
-- about: verifications by their ids
-- params: ids text[]
SELECT * FROM verifications WHERE id IN (:ids...)

-- name: verification_newest
-- about: the newest verification of a subject, open or not, among those of its number or address
-- params: account_id text, test bigint, recipient text, subject text
SELECT * FROM verifications
WHERE account_id = :account_id AND recipient = :recipient AND test = :test AND subject = :subject
ORDER BY id DESC LIMIT 1

-- name: verification_before
-- about: the open verification of a subject, and the language of the newest one that its number or address approved
-- params: account_id text, test bigint, recipient text, subject text
SELECT
  (SELECT id FROM verifications WHERE subject = :subject AND (status = 'pending' OR status = 'held')),
  (SELECT language FROM verifications
    WHERE account_id = :account_id AND recipient = :recipient AND test = :test AND status = 'approved'
      AND language IS NOT NULL
    ORDER BY id DESC LIMIT 1)

-- name: verifications_by_digits
-- about: verifications of numbers, by their last eight digits, that are open or ended a short while ago
-- params: digits text[], since bigint
SELECT * FROM verifications
WHERE substr(recipient, length(recipient) - 7) IN (:digits...) AND COALESCE(ended_at, :since) >= :since
UNION ALL
SELECT * FROM verifications
WHERE other IS NOT NULL AND substr(other, length(other) - 7) IN (:digits...) AND COALESCE(ended_at, :since) >= :since

-- name: verifications_due
-- about: the sweep: verifications that have to be looked at, the longest due first
-- params: now bigint, count bigint
SELECT * FROM verifications WHERE due_at <= :now ORDER BY due_at LIMIT :count

-- name: verification_messages
-- about: what became of the messages of verifications
-- params: ids text[]
SELECT id, status, carrier_id, sent_at, done_at, error_code FROM messages WHERE id IN (:ids...)

-- name: verification_wake
-- about: a message of an open verification was taken, or reached nobody: the sweep looks at it
-- params: id text, at bigint
UPDATE verifications SET due_at = :at, version = version + 1
WHERE id = :id AND COALESCE(status, '') = 'pending' AND COALESCE(due_at, 0) > :at

-- name: verification_redact
-- about: a guard: removes who was verified, once the verification has ended
-- params: id text, at bigint
UPDATE verifications SET recipient = '', other = NULL, bound = NULL, user_ip = NULL, device = NULL, subject = id,
  guard_key = NULL, redacted_at = :at, version = version + 1
WHERE id = :id AND COALESCE(ended_at, 0) > 0 AND COALESCE(redacted_at, 0) = 0

-- name: verify_mail_insert
-- about: a code to send by email; the lane is the account
-- params: id text, subject text, account_id text, kind text, created_at bigint, expires_at bigint
INSERT INTO work (id, sink, subject, account_id, lane, kind, status, tries, claim, due_at, created_at, expires_at)
VALUES (:id, 'verify_mail', :subject, :account_id, :account_id, :kind, 'pending', 0, 0, :created_at, :created_at,
  :expires_at)

-- name: verifications_uncounted
-- about: ended verifications that the figures do not have yet
-- params: count bigint
SELECT * FROM verifications WHERE counted = 0 AND ended_at > 0 ORDER BY ended_at LIMIT :count

-- name: verification_counted
-- about: a guard: a verification goes into the figures once
-- params: id text
UPDATE verifications SET counted = 1 WHERE id = :id AND counted + 0 = 0

-- name: verify_count
-- about: adds ended verifications to the figures of an hour
-- params: hour bigint, account_id text, test bigint, profile_id text, channel text, country text, network text,
-- params: carrier_id text, started bigint, sends bigint, approved bigint, failed bigint, exhausted bigint,
-- params: expired bigint, canceled bigint, blocked bigint, unreported bigint, wrong bigint, approval_ms bigint,
-- params: unsent bigint
INSERT INTO verify_counts (
  hour, account_id, test, profile_id, channel, country, network, carrier_id, started, sends, approved, failed,
  exhausted, expired, canceled, blocked, unreported, wrong, approval_ms, unsent
) VALUES (
  :hour, :account_id, :test, :profile_id, :channel, :country, :network, :carrier_id, :started, :sends, :approved,
  :failed, :exhausted, :expired, :canceled, :blocked, :unreported, :wrong, :approval_ms, :unsent
)
ON CONFLICT (hour, account_id, test, profile_id, channel, country, network, carrier_id) DO UPDATE SET
  started = verify_counts.started + excluded.started, sends = verify_counts.sends + excluded.sends,
  approved = verify_counts.approved + excluded.approved, failed = verify_counts.failed + excluded.failed,
  exhausted = verify_counts.exhausted + excluded.exhausted, expired = verify_counts.expired + excluded.expired,
  canceled = verify_counts.canceled + excluded.canceled, blocked = verify_counts.blocked + excluded.blocked,
  unreported = verify_counts.unreported + excluded.unreported, wrong = verify_counts.wrong + excluded.wrong,
  approval_ms = verify_counts.approval_ms + excluded.approval_ms, unsent = verify_counts.unsent + excluded.unsent

-- name: verify_counts_of
-- about: the figures of an account between two times
-- slow: an account may have many networks and carriers in many hours
-- params: account_id text, test bigint, since bigint, until bigint, profile_id text
SELECT hour, profile_id, channel, country, network, carrier_id, started, sends, approved, failed, exhausted, expired,
  canceled, blocked, unreported, wrong, approval_ms
FROM verify_counts
WHERE account_id = :account_id AND test = :test AND hour >= :since AND hour < :until
  AND (:profile_id IS NULL OR profile_id = :profile_id)

-- name: verifications_forget
-- about: the sweep: deletes verifications that ended 30 days ago
-- params: now bigint
DELETE FROM verifications WHERE ended_at < :now - 2592000000 AND counted = 1

-- name: verify_counts_forget
-- about: the sweep: deletes figures that are older than 13 months
-- params: now bigint
DELETE FROM verify_counts WHERE hour < :now - 34560000000
