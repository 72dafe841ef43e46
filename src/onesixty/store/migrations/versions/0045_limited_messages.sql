ALTER TABLE messages ADD COLUMN limited_by TEXT;

CREATE INDEX messages_limited ON messages (limited_by, status) WHERE limited_by IS NOT NULL AND (status = 'queued' OR status = 'scheduled');
