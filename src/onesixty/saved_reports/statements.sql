-- The statements of saved reports: when they are due, their runs, and the work of these. `saved_reports` itself has
-- the statements of its table.

-- name: report_due_set
-- about: when a report runs next; `revision` is the version of the report with this schedule
-- params: report_id text, due_at bigint, revision bigint
INSERT INTO report_due (report_id, due_at, revision) VALUES (:report_id, :due_at, :revision)
ON CONFLICT (report_id) DO UPDATE SET due_at = excluded.due_at, revision = excluded.revision

-- name: report_due_drop
-- about: a report no longer runs by itself
-- params: report_id text
DELETE FROM report_due WHERE report_id = :report_id

-- name: report_due_advance
-- about: a guard: the due time moves on; lost if another node moved it, or the schedule was changed
-- params: report_id text, due_at bigint, revision bigint, next_at bigint
UPDATE report_due SET due_at = :next_at
WHERE report_id = :report_id AND due_at = :due_at AND revision = :revision

-- name: reports_due
-- about: the reports that are due, the longest first
-- params: now bigint, count bigint
SELECT report_id, due_at, revision FROM report_due WHERE due_at <= :now ORDER BY due_at, report_id LIMIT :count

-- name: report_run_insert
-- about: a run that begins; a due time has one
-- params: id text, report_id text, due_at bigint, manual bigint, made_by text, status text, created_at bigint
INSERT INTO report_runs (id, report_id, due_at, manual, made_by, status, tries, created_at)
VALUES (:id, :report_id, :due_at, :manual, :made_by, :status, 0, :created_at)
ON CONFLICT DO NOTHING

-- name: report_work_insert
-- about: the work row of a run; its lane is the report
-- params: id text, subject text, account_id text, lane text, created_at bigint, expires_at bigint
INSERT INTO work (id, sink, subject, account_id, lane, status, tries, claim, due_at, created_at, expires_at)
VALUES (:id, 'report', :subject, :account_id, :lane, 'pending', 0, 0, :created_at, :created_at, :expires_at)

-- name: report_run_try
-- about: an attempt failed, and another follows
-- params: id text, tries bigint, error text
UPDATE report_runs SET tries = :tries, error = :error WHERE id = :id AND ended_at IS NULL

-- name: report_run_end
-- about: what became of a run
-- params: id text, status text, tries bigint, error text, row_count bigint, left_out bigint, byte_count bigint, as_of bigint,
-- params: ended_at bigint
UPDATE report_runs SET status = :status, tries = :tries, error = :error, row_count = :row_count, left_out = :left_out,
  byte_count = :byte_count, as_of = :as_of, ended_at = :ended_at
WHERE id = :id AND ended_at IS NULL

-- name: report_run_of
-- params: id text
SELECT id, report_id, due_at, manual, made_by, status, tries, error, row_count, left_out, byte_count, as_of, created_at, ended_at
FROM report_runs WHERE id = :id

-- name: report_runs_page
-- about: the runs of a report, newest first
-- params: report_id text, after text, count bigint
SELECT id, report_id, due_at, manual, made_by, status, tries, error, row_count, left_out, byte_count, as_of, created_at, ended_at
FROM report_runs WHERE report_id = :report_id AND id < :after ORDER BY id DESC LIMIT :count

-- name: report_runs_drop
-- about: the runs of a report that is deleted
-- params: report_id text
DELETE FROM report_runs WHERE report_id = :report_id

-- name: report_runs_forget
-- about: the sweep: deletes runs that ended 90 days ago
-- params: now bigint
DELETE FROM report_runs WHERE ended_at < :now - 7776000000
