-- The statements of the doctor and of the nodes. All of them only read.

-- name: doctor_engine
-- about: the version of the engine and the settings that durability depends on, by name
SELECT 'version', sqlite_version()
UNION ALL SELECT 'journal_mode', journal_mode FROM pragma_journal_mode

-- name: doctor_engine @postgresql
-- about: the version of the server and the settings that durability depends on, by name
SELECT name, setting FROM pg_settings WHERE name IN (
  'server_version', 'server_version_num', 'fsync', 'full_page_writes', 'synchronous_commit', 'max_connections',
  'archive_mode'
)
UNION ALL SELECT 'connections', CAST((SELECT COUNT(*) FROM pg_stat_activity) AS text)

-- name: doctor_clock
-- about: the time of the database, and the newest mark of a commit in a SQLite file
SELECT SERVER_TIME(:now), (SELECT value FROM meta WHERE key = 'committed')

-- name: doctor_backup
-- about: when the last backup was noted in the audit log
SELECT at FROM audit_entries WHERE object_id = '' AND action = 'backed_up' ORDER BY id DESC LIMIT 1

-- name: doctor_webhooks
-- about: the webhooks that fail, are paused, or were disabled by their receiver
-- slow: it reads all webhooks
SELECT id, account_id, url, enabled, failing_since, paused_at, paused_reason FROM webhooks
WHERE url <> '' AND (failing_since IS NOT NULL OR paused_at IS NOT NULL OR (enabled = 0 AND paused_reason IS NOT NULL))
ORDER BY id LIMIT :count

-- name: doctor_carriers
-- about: the names of the carriers that are enabled
-- slow: it reads all carriers
SELECT name FROM carriers WHERE enabled = 1 ORDER BY name

-- name: doctor_oldest
-- about: the oldest message and the oldest event
SELECT (SELECT MIN(id) FROM messages), (SELECT MIN(id) FROM events)

-- name: nodes_list
-- about: a page of the nodes that run or ran, newest first, and how long their leases last, in ms
SELECT id, node, about, started_at, expires_at - SERVER_TIME(:now), ended_at FROM leases
WHERE id < :below ORDER BY id DESC LIMIT :count
