-- The statements of bulk work on messages.

-- fragment: bulk_filter
-- about: the conditions of a bulk job's filter on a message; NULL means no condition, and so does an empty list of
--   what is left out
status IN (:statuses...) AND (held_for = :held_for OR :held_for IS NULL)
  AND (:waiting_only = 0 OR claim = -1 OR (status = 'held' AND held_for = COALESCE(:held_for, 'outcome_unknown')))
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
  AND (network = :network OR :network IS NULL)
  AND (error_code = :error_code OR :error_code IS NULL)
  AND (class_ = :class_ OR :class_ IS NULL)
  AND (CAST(:duplicates AS bigint) IS NULL OR CASE WHEN duplicates > 0 THEN 1 ELSE 0 END = :duplicates)
  AND recipient NOT IN (:recipient_not...)
  AND sender NOT IN (:sender_not...) AND class_ NOT IN (:class_not...)
  AND (country IS NULL OR country NOT IN (:country_not...)) AND (network IS NULL OR network NOT IN (:network_not...))
  AND (held_for IS NULL OR held_for NOT IN (:held_for_not...))
  AND (error_code IS NULL OR error_code NOT IN (:error_code_not...))
  AND (batch_id IS NULL OR batch_id NOT IN (:batch_id_not...))
  AND (carrier_id IS NULL OR carrier_id NOT IN (:carrier_id_not...))
  AND (route_id IS NULL OR route_id NOT IN (:route_id_not...))
  AND (tags IS NULL OR NOT JSON_HAS_ANY(tags, :tag_not...))

-- name: bulk_page
-- about: a page of waiting messages that match the filter of a bulk job
-- slow: it reads all that has a due time
SELECT * FROM messages
WHERE due_at IS NOT NULL AND (due_at, id) > (:after_due, :after_id)
  AND {bulk_filter}
ORDER BY due_at, id LIMIT :count

-- name: bulk_counts
-- about: how many messages match, by status
-- slow: it reads all that has a due time
SELECT status, COUNT(*) FROM messages
WHERE due_at IS NOT NULL
  AND {bulk_filter}
GROUP BY status ORDER BY status

-- name: job_insert
-- about: starts a bulk job
-- params: id text, kind text, status text, filter text, target text, progress text, made_by text,
--   version bigint, created_at bigint, done_at bigint
INSERT INTO jobs (id, kind, status, filter, target, progress, made_by, version, created_at, done_at)
VALUES (:id, :kind, :status, :filter, :target, :progress, :made_by, :version, :created_at, :done_at)

-- name: job_work_insert
-- about: the work row of a job; its lane is the job
-- params: id text, subject text, created_at bigint, expires_at bigint
INSERT INTO work (id, sink, subject, account_id, lane, status, tries, claim, due_at, created_at, expires_at)
VALUES (:id, 'job', :subject, '', :subject, 'pending', 0, 0, :created_at, :created_at, :expires_at)

-- name: job_progress
-- about: a guard: saves a job's progress; lost if another node has the job, or it was stopped
-- params: id text, version bigint, status text, progress text, done_at bigint
UPDATE jobs SET status = :status, progress = :progress, done_at = :done_at, version = :version + 1
WHERE id = :id AND version = :version

-- name: job_skip_insert
-- about: a message that a job did not change, and why
-- params: job_id text, message_id text, reason text
INSERT INTO job_skips (job_id, message_id, reason) VALUES (:job_id, :message_id, :reason)
ON CONFLICT (job_id, message_id) DO NOTHING

-- name: job_skips_page
-- about: a page of the messages that a job did not change
SELECT message_id, reason FROM job_skips WHERE job_id = :job_id AND message_id > :after
ORDER BY message_id LIMIT :count

-- name: job_skips_forget
-- about: the sweep: deletes what the jobs before the oldest one listed, which are deleted; ids are in the order of time
-- params: now bigint
DELETE FROM job_skips WHERE :now > 0 AND job_id < COALESCE((SELECT MIN(id) FROM jobs), '~')

-- name: job_of
SELECT id, kind, status, filter, target, progress, made_by, version, created_at, done_at FROM jobs
WHERE id = :id

-- name: jobs_list
-- about: a page of jobs, newest first
SELECT id, kind, status, filter, target, progress, made_by, version, created_at, done_at FROM jobs
WHERE id < :below ORDER BY id DESC LIMIT :count

-- name: jobs_list_oldest
-- about: a page of jobs, oldest first
SELECT id, kind, status, filter, target, progress, made_by, version, created_at, done_at FROM jobs
WHERE id > :above ORDER BY id LIMIT :count

-- name: jobs_running
-- about: the running jobs, which a restore stops
SELECT id, kind, status, filter, target, progress, made_by, version, created_at, done_at FROM jobs
WHERE status = 'running' ORDER BY id
