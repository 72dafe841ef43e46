-- The statements of the work queue. Work that waits has a due_at; work at its end has none and no claim.
-- Each feature inserts its own: delivery_insert, bind_delivery_insert, mail_insert, job_work_insert.

-- name: work_claim
-- about: a guard: take waiting work into memory; lost if another process took it
-- params: id text, claim bigint
UPDATE work SET claim = :claim WHERE id = :id AND claim + 0 <= 0 AND due_at IS NOT NULL

-- name: work_release
-- about: give claimed work back to the rows
-- params: id text, claim bigint
UPDATE work SET claim = 0 WHERE id = :id AND claim = :claim AND due_at IS NOT NULL

-- name: work_retry
-- about: an attempt failed; the next one is at due_at
-- params: id text, claim bigint, tries bigint, due_at bigint, code bigint, error text
UPDATE work SET claim = 0, tries = :tries, due_at = :due_at, code = :code, error = :error
WHERE id = :id AND claim = :claim AND due_at IS NOT NULL

-- name: work_done
-- about: work has ended, delivered or failed
-- params: id text, claim bigint, status text, tries bigint, done_at bigint, code bigint, error text
UPDATE work SET claim = 0, due_at = NULL, status = :status, tries = :tries, done_at = :done_at, code = :code,
  error = :error
WHERE id = :id AND claim = :claim AND due_at IS NOT NULL

-- name: work_forget
-- about: deletes work that is done, if its sink keeps no rows
-- params: id text, claim bigint
DELETE FROM work WHERE id = :id AND claim = :claim AND due_at IS NOT NULL

-- name: work_lanes
-- about: every lane of a sink with waiting work, and when its first item is due; a step of the index for each lane
-- params: sink text
WITH RECURSIVE waiting(lane) AS (
  SELECT MIN(lane) FROM work WHERE sink = :sink AND due_at IS NOT NULL AND claim <= 0
  UNION ALL
  SELECT (
    SELECT MIN(w.lane) FROM work w
    WHERE w.sink = :sink AND w.due_at IS NOT NULL AND w.claim <= 0 AND w.lane > waiting.lane
  ) FROM waiting WHERE waiting.lane IS NOT NULL
)
SELECT lane, (
  SELECT MIN(w.due_at) FROM work w
  WHERE w.sink = :sink AND w.lane = waiting.lane AND w.due_at IS NOT NULL AND w.claim <= 0
) FROM waiting WHERE lane IS NOT NULL

-- name: work_waiting
-- about: due work of one lane, oldest first; columns in the order of the fields of `work.item.Item`
-- params: sink text, lane text, now bigint, count bigint
SELECT id, lane, account_id, subject, kind, target, body, addresses, tries, claim, expires_at FROM work
WHERE sink = :sink AND lane = :lane AND due_at IS NOT NULL AND due_at <= :now AND claim <= 0
ORDER BY due_at, id LIMIT :count

-- name: work_claimed
-- about: the work that one process has claimed
-- params: sink text, claim bigint, after text, count bigint
SELECT id FROM work WHERE claim = :claim AND claim > 0 AND sink = :sink AND id > :after ORDER BY id LIMIT :count

-- name: work_orphaned
-- about: work that ended processes had in memory; a step of the index for each claim, then the rows of ended ones
-- params: sink text, mine bigint, count bigint
WITH RECURSIVE held(claim) AS (
  SELECT MIN(claim) FROM work WHERE claim > 0
  UNION ALL
  SELECT (SELECT MIN(w.claim) FROM work w WHERE w.claim > 0 AND w.claim > held.claim)
  FROM held WHERE held.claim IS NOT NULL
)
SELECT w.id, w.claim FROM held CROSS JOIN work w  -- SQLite keeps the order of a CROSS JOIN
WHERE held.claim IS NOT NULL AND held.claim <> :mine AND NOT EXISTS (
  SELECT 1 FROM leases l WHERE l.id = held.claim AND l.ended_at IS NULL
) AND w.claim > 0 AND w.claim = held.claim AND w.sink = :sink
LIMIT :count

-- name: work_expire
-- about: ends work that was not done within its life
-- params: sink text, now bigint, count bigint
UPDATE work SET due_at = NULL, status = 'failed', done_at = :now, error = 'expired' WHERE id IN (
  SELECT id FROM work WHERE sink = :sink AND expires_at <= :now AND due_at IS NOT NULL AND claim <= 0
  ORDER BY expires_at LIMIT :count
) AND due_at IS NOT NULL AND claim <= 0
RETURNING id

-- name: work_ended_forget
-- about: the sweep: deletes work that ended 7 days ago, except webhooks, whose results retention deletes
-- params: now bigint
DELETE FROM work WHERE due_at IS NULL AND sink <> 'webhook' AND done_at < :now - 604800000

-- name: work_bring_forward
-- about: the wall clock went back: brings due times forward, so that pauses do not last longer
-- params: by bigint, now bigint
UPDATE work SET due_at = due_at - :by
WHERE due_at IS NOT NULL AND claim <= 0 AND due_at > :now AND (sink, lane) IN (
  WITH RECURSIVE sinks(sink) AS (
    SELECT MIN(sink) FROM work WHERE due_at IS NOT NULL AND claim <= 0
    UNION ALL
    SELECT (SELECT MIN(w.sink) FROM work w WHERE w.due_at IS NOT NULL AND w.claim <= 0 AND w.sink > sinks.sink)
    FROM sinks WHERE sinks.sink IS NOT NULL
  ), lanes(sink, lane) AS (
    SELECT s.sink, (
      SELECT MIN(w.lane) FROM work w WHERE w.sink = s.sink AND w.due_at IS NOT NULL AND w.claim <= 0
    ) FROM sinks s WHERE s.sink IS NOT NULL
    UNION ALL
    SELECT lanes.sink, (
      SELECT MIN(w.lane) FROM work w
      WHERE w.sink = lanes.sink AND w.due_at IS NOT NULL AND w.claim <= 0 AND w.lane > lanes.lane
    ) FROM lanes WHERE lanes.lane IS NOT NULL
  )
  SELECT sink, lane FROM lanes WHERE lane IS NOT NULL
)
