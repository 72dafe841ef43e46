CREATE TABLE numbers (
    id TEXT NOT NULL,
    number TEXT NOT NULL,
    account_id TEXT NOT NULL,
    carrier_id TEXT,
    test BIGINT NOT NULL,
    settings TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX numbers_account ON numbers (account_id, id);

-- The keyword '' takes what no other one does; the carrier '' is any.
CREATE TABLE number_keywords (
    number TEXT NOT NULL,
    carrier_id TEXT NOT NULL,
    keyword TEXT NOT NULL,
    number_id TEXT NOT NULL,
    PRIMARY KEY (number, carrier_id, keyword)
) WITHOUT ROWID;

CREATE INDEX number_keywords_number ON number_keywords (number_id);

CREATE TABLE inbound_parts (
    id TEXT NOT NULL,
    place TEXT NOT NULL,
    total BIGINT NOT NULL,
    number BIGINT NOT NULL,
    digest TEXT NOT NULL,
    part TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX inbound_parts_place ON inbound_parts (place);

CREATE INDEX inbound_parts_due ON inbound_parts (due_at);

CREATE TABLE inbound_seen (
    digest TEXT NOT NULL,
    session TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (digest)
) WITHOUT ROWID;

CREATE INDEX inbound_seen_expires ON inbound_seen (expires_at);

CREATE TABLE smpp_parts (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    credential_id TEXT NOT NULL,
    place TEXT NOT NULL,
    total BIGINT NOT NULL,
    number BIGINT NOT NULL,
    digest TEXT NOT NULL,
    part TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT,
    message_id TEXT,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX smpp_parts_place ON smpp_parts (place) WHERE message_id IS NULL;

CREATE INDEX smpp_parts_due ON smpp_parts (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX smpp_parts_joined ON smpp_parts (place, created_at) WHERE message_id IS NOT NULL;

CREATE INDEX smpp_parts_expires ON smpp_parts (expires_at);

CREATE TABLE bind_deliveries (
    id TEXT NOT NULL,
    lane TEXT NOT NULL,
    account_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    addresses TEXT,
    tries BIGINT NOT NULL,
    claim BIGINT NOT NULL,
    due_at BIGINT,
    created_at BIGINT NOT NULL,
    done_at BIGINT,
    error TEXT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX bind_deliveries_waiting ON bind_deliveries (lane, due_at) WHERE due_at IS NOT NULL AND claim <= 0;

CREATE INDEX bind_deliveries_claimed ON bind_deliveries (claim) WHERE claim > 0;

CREATE INDEX bind_deliveries_message ON bind_deliveries (message_id);
