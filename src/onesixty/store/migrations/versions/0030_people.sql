CREATE TABLE users (
    id TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    name TEXT NOT NULL,
    email_confirmed BIGINT NOT NULL,
    last_sign_in_at BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX users_email ON users (email_key);

CREATE TABLE memberships (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    role TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX memberships_user ON memberships (user_id, account_id);

CREATE INDEX memberships_account ON memberships (account_id, id);

CREATE TABLE account_owners (
    account_id TEXT NOT NULL,
    owners BIGINT NOT NULL,
    PRIMARY KEY (account_id)
) WITHOUT ROWID;

CREATE TABLE credentials (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    secret TEXT NOT NULL,
    handle TEXT,
    counter BIGINT NOT NULL,
    transports TEXT NOT NULL,
    last_used_at BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX credentials_user ON credentials (user_id, id);

CREATE UNIQUE INDEX credentials_handle ON credentials (handle) WHERE handle IS NOT NULL;

CREATE UNIQUE INDEX credentials_password ON credentials (user_id, kind) WHERE kind = 'password';

CREATE UNIQUE INDEX credentials_totp ON credentials (user_id, kind) WHERE kind = 'totp';

CREATE TABLE sessions (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    method TEXT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    authenticated_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX sessions_hash ON sessions (hash);

CREATE INDEX sessions_user ON sessions (user_id, id);

CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE invitations (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    role TEXT NOT NULL,
    hash TEXT NOT NULL,
    invited_by TEXT NOT NULL,
    mailed BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    user_id TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX invitations_hash ON invitations (hash);

CREATE INDEX invitations_account ON invitations (account_id, id);

CREATE TABLE links (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash TEXT NOT NULL,
    user_id TEXT,
    data TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX links_hash ON links (hash);

CREATE INDEX links_user ON links (user_id, kind);

CREATE INDEX links_expires ON links (expires_at);

CREATE TABLE identities (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT NOT NULL,
    last_used_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX identities_subject ON identities (issuer, subject);

CREATE INDEX identities_user ON identities (user_id, id);

CREATE TABLE setup (
    place BIGINT NOT NULL,
    hash TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (place)
) WITHOUT ROWID;
