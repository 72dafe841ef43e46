ALTER TABLE keys ADD COLUMN expires_at BIGINT;

ALTER TABLE keys ADD COLUMN allowed_networks TEXT NOT NULL DEFAULT '[]';

ALTER TABLE keys ADD COLUMN allowed_senders TEXT NOT NULL DEFAULT '[]';

ALTER TABLE keys ADD COLUMN allowed_classes TEXT NOT NULL DEFAULT '[]';

ALTER TABLE keys ADD COLUMN last_used_from TEXT;

ALTER TABLE keys ADD COLUMN previous_hash TEXT;

ALTER TABLE keys ADD COLUMN previous_hint TEXT;

ALTER TABLE keys ADD COLUMN previous_expires_at BIGINT;

ALTER TABLE keys ADD COLUMN previous_used_at BIGINT;

CREATE UNIQUE INDEX keys_previous_hash ON keys (previous_hash) WHERE previous_hash IS NOT NULL;
