CREATE TABLE audit_entries (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    home TEXT,
    address TEXT,
    request_id TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    object_id TEXT NOT NULL,
    test BIGINT,
    reason TEXT,
    changes TEXT NOT NULL,
    sequence BIGINT,
    previous TEXT,
    hash TEXT
);

CREATE INDEX audit_entries_account ON audit_entries (account_id, id);

CREATE UNIQUE INDEX audit_entries_chain ON audit_entries (account_id, sequence) WHERE sequence IS NOT NULL;

CREATE INDEX audit_entries_unchained ON audit_entries (id) WHERE sequence IS NULL;

CREATE INDEX audit_entries_about ON audit_entries (object_id, id);

CREATE INDEX audit_entries_actor ON audit_entries (actor, id);

CREATE TABLE audit_values (
    entry_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    account_id TEXT NOT NULL,
    salt TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (entry_id, digest)
);

CREATE INDEX audit_values_value ON audit_values (account_id, value) WHERE length(value) <= 200;

CREATE TABLE audit_pending (
    place BIGINT NOT NULL,
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    witness TEXT NOT NULL,
    PRIMARY KEY (place, id)
) WITHOUT ROWID;

CREATE TABLE audit_heads (
    account_id TEXT NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL,
    hash TEXT NOT NULL,
    chained_at BIGINT NOT NULL,
    signature TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE audit_checkpoints (
    account_id TEXT NOT NULL PRIMARY KEY,
    count BIGINT NOT NULL,
    hash TEXT NOT NULL,
    until BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    signature TEXT NOT NULL
) WITHOUT ROWID;
