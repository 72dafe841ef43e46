CREATE TABLE smpp_short_ids (
    credential_id TEXT NOT NULL,
    short_id TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (credential_id, short_id)
) WITHOUT ROWID;

CREATE INDEX smpp_short_ids_expires ON smpp_short_ids (expires_at);
