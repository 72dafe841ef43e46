ALTER TABLE routes ADD COLUMN filters TEXT DEFAULT '{}' NOT NULL;

ALTER TABLE routes ADD COLUMN priority BIGINT DEFAULT '100' NOT NULL;

CREATE TABLE pauses (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    mode TEXT NOT NULL,
    reason TEXT,
    made_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX pauses_subject ON pauses (kind, value);

CREATE TABLE jobs (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    filter TEXT NOT NULL,
    target TEXT,
    progress TEXT NOT NULL,
    made_by TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    done_at BIGINT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX messages_aside ON messages (claim, id) WHERE status = 'queued' AND claim < 0;
