CREATE TABLE preferences (
    user_id TEXT NOT NULL,
    chosen TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (user_id)
) WITHOUT ROWID;
