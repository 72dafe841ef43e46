-- What is added to the time is 1 << 60, far beyond any time in epoch milliseconds. A job has no end of its own.
INSERT INTO work (
    id, sink, subject, account_id, lane, status, tries, claim, due_at, created_at, expires_at
)
SELECT
    'dlv' || substr(id, 4), 'job', id, '', id, 'pending', 0, 0, created_at, created_at,
    created_at + 1152921504606846976
FROM jobs
WHERE status = 'running';
