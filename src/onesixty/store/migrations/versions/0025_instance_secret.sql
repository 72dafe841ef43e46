CREATE TABLE secret_keys (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    check_value TEXT NOT NULL,
    public_key TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
) WITHOUT ROWID;

CREATE UNIQUE INDEX secret_keys_current ON secret_keys (state) WHERE state = 'current';

CREATE TABLE secret_nodes (
    lease BIGINT PRIMARY KEY,
    known TEXT NOT NULL,
    current_key TEXT NOT NULL
) WITHOUT ROWID;
