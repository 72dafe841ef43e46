CREATE TABLE smpp_credentials (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    system_id TEXT NOT NULL,
    test BIGINT NOT NULL,
    password_hash TEXT NOT NULL,
    profile TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX smpp_credentials_system_id ON smpp_credentials (system_id) WHERE revoked_at IS NULL;

CREATE INDEX smpp_credentials_account ON smpp_credentials (account_id, id);
