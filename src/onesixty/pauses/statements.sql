-- The statements of what operators paused and drained. All are cold.

-- name: pause_insert
-- tells: pauses
-- about: a guard: something is paused or drained from now on
-- params: id text, kind text, value text, mode text, reason text, made_by text, created_at bigint, ends_at bigint
INSERT INTO pauses (id, kind, value, mode, reason, made_by, created_at, ends_at)
VALUES (:id, :kind, :value, :mode, :reason, :made_by, :created_at, :ends_at)
ON CONFLICT (kind, value) DO NOTHING

-- name: pause_change
-- tells: pauses
-- about: a guard: what is paused is drained, or the other way round
-- params: id text, mode text, reason text, made_by text, created_at bigint, ends_at bigint
UPDATE pauses SET mode = :mode, reason = :reason, made_by = :made_by, created_at = :created_at, ends_at = :ends_at
WHERE id = :id

-- name: pause_delete
-- tells: pauses
-- about: a guard: it goes on
-- params: id text
DELETE FROM pauses WHERE id = :id

-- name: pause_end
-- tells: pauses
-- about: a guard: it goes on by itself, unless it has got another end meanwhile
-- params: id text, ends_at bigint
DELETE FROM pauses WHERE id = :id AND ends_at = :ends_at

-- name: pauses_all
-- about: what is paused or drained, oldest first
SELECT id, kind, value, mode, reason, made_by, created_at, ends_at FROM pauses ORDER BY id
