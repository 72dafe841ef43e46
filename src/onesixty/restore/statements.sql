-- The statements of the step after a restore.

-- name: waiting_at_restore
-- about: what may have been sent after the moment that a database was restored to
-- params: now bigint, count bigint
SELECT * FROM messages
WHERE due_at IS NOT NULL AND direction = 'outbound'
  AND (status = 'queued' OR (status = 'scheduled' AND due_at <= :now))
ORDER BY due_at, id LIMIT :count

-- name: report_runs_stop
-- about: ends the runs of saved reports that may have been sent after that moment
-- params: status text, error text, now bigint
UPDATE report_runs SET status = :status, error = :error, ended_at = :now WHERE ended_at IS NULL
RETURNING id

-- name: verifications_end_at_restore
-- about: ends the life of verifications that were open at that moment: they may have been approved since
-- params: now bigint, reason text
UPDATE verifications
SET expires_at = :now, ends_at = :now, due_at = :now, reason = :reason, version = version + 1
WHERE due_at IS NOT NULL AND status IN ('pending', 'held') AND expires_at > :now
RETURNING id
