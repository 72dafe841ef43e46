-- Events on their way to the sinks of extensions. The lane is the name of the extension.

-- name: extension_event_insert
-- about: an event on its way to one sink; claimed by this process if it has room for it
-- params: id text, subject text, account_id text, lane text, claim bigint, created_at bigint, expires_at bigint
INSERT INTO work (
  id, sink, subject, account_id, lane, status, tries, claim, due_at, created_at, expires_at
) VALUES (
  :id, 'extension', :subject, :account_id, :lane, 'pending', 0, :claim, :created_at, :created_at, :expires_at
)

-- name: extension_events_expire
-- about: the sweep: deletes what nobody took in time, also of extensions that are no longer installed
-- params: now bigint
DELETE FROM work WHERE sink = 'extension' AND due_at IS NOT NULL AND claim <= 0 AND expires_at <= :now
