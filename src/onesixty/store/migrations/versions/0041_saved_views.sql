CREATE TABLE saved_views (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    made_by TEXT NOT NULL,
    page TEXT NOT NULL,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    shared BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX saved_views_account ON saved_views (account_id, id);

CREATE UNIQUE INDEX saved_views_name ON saved_views (account_id, made_by, page, name);
