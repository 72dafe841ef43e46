CREATE TABLE meta (
    "key" TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY ("key")
) WITHOUT ROWID;

CREATE TABLE leases (
    id BIGINT NOT NULL,
    node TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE TABLE accounts (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    price_per_segment BIGINT NOT NULL,
    settings TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE TABLE keys (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    hint TEXT NOT NULL,
    test BIGINT NOT NULL,
    scopes TEXT NOT NULL,
    requests_per_second BIGINT,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    last_used_at BIGINT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX keys_hash ON keys (hash);

CREATE INDEX keys_account ON keys (account_id, id);

CREATE TABLE messages (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    test BIGINT NOT NULL,
    direction TEXT NOT NULL,
    channel TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    text TEXT NOT NULL,
    encoding TEXT NOT NULL,
    segments BIGINT NOT NULL,
    class_ TEXT NOT NULL,
    priority BIGINT NOT NULL,
    country TEXT,
    network TEXT,
    reference TEXT,
    tags TEXT,
    batch_id TEXT,
    campaign_id TEXT,
    chain_id TEXT,
    status_callback TEXT,
    on_unknown TEXT NOT NULL,
    pinned_route TEXT,
    content TEXT,
    origin TEXT,
    price BIGINT NOT NULL,
    currency TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    scheduled_at BIGINT,
    expires_at BIGINT NOT NULL,
    status TEXT NOT NULL,
    version BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    claim BIGINT NOT NULL,
    due_at BIGINT,
    route_id TEXT,
    carrier_id TEXT,
    carriers_tried TEXT,
    sender_used TEXT,
    attempts BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    error_code TEXT,
    carrier_code TEXT,
    queued_at BIGINT,
    sent_at BIGINT,
    done_at BIGINT,
    redacted_at BIGINT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

-- What a lane is filled from. A query uses it only if its text says `status = 'queued' AND claim = 0`.
CREATE INDEX messages_waiting ON messages (carrier_id, class_, account_id, priority DESC, id) WHERE status = 'queued' AND claim = 0;

CREATE INDEX messages_due ON messages (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX messages_held ON messages (carrier_id, recipient) WHERE status = 'held';

CREATE INDEX messages_account ON messages (account_id, id);

CREATE INDEX messages_batch ON messages (batch_id, id) WHERE batch_id IS NOT NULL;

CREATE TABLE attempts (
    message_id TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    segment BIGINT NOT NULL,
    segments BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    carrier_id TEXT NOT NULL,
    bind TEXT,
    concat_reference BIGINT,
    outcome TEXT NOT NULL,
    carrier_message_id TEXT,
    match_id TEXT,
    carrier_code TEXT,
    error_code TEXT,
    submitted_at BIGINT NOT NULL,
    answered_at BIGINT NOT NULL,
    state TEXT,
    state_code TEXT,
    state_at BIGINT,
    PRIMARY KEY (message_id, attempt, segment)
) WITHOUT ROWID;

CREATE INDEX attempts_match ON attempts (carrier_id, match_id) WHERE match_id IS NOT NULL;

CREATE TABLE flights (
    id TEXT NOT NULL,
    lease BIGINT NOT NULL,
    carrier_id TEXT NOT NULL,
    message_ids TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE TABLE receipts (
    id TEXT NOT NULL,
    carrier_id TEXT NOT NULL,
    carrier_message_id TEXT NOT NULL,
    match_id TEXT NOT NULL,
    state BIGINT NOT NULL,
    code TEXT,
    sender TEXT,
    recipient TEXT,
    raw TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    done_at BIGINT,
    message_id TEXT,
    attempt BIGINT,
    segment BIGINT,
    account_id TEXT,
    tries BIGINT NOT NULL,
    due_at BIGINT,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX receipts_unmatched ON receipts (carrier_id, match_id) WHERE message_id IS NULL;

CREATE INDEX receipts_due ON receipts (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX receipts_message ON receipts (message_id) WHERE message_id IS NOT NULL;

CREATE TABLE events (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    message_id TEXT,
    type TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    test BIGINT NOT NULL,
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX events_message ON events (message_id);

CREATE TABLE deliveries (
    id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    lane TEXT NOT NULL,
    endpoint_id TEXT,
    url TEXT,
    status TEXT NOT NULL,
    tries BIGINT NOT NULL,
    claim BIGINT NOT NULL,
    due_at BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    done_at BIGINT,
    response_status BIGINT,
    error TEXT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX deliveries_waiting ON deliveries (lane, due_at) WHERE due_at IS NOT NULL AND claim <= 0;

CREATE INDEX deliveries_claimed ON deliveries (claim) WHERE claim > 0;

CREATE INDEX deliveries_endpoint ON deliveries (endpoint_id, id) WHERE endpoint_id IS NOT NULL;

CREATE TABLE webhooks (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    secret TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    description TEXT,
    test BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    paused_at BIGINT,
    paused_reason TEXT,
    failing_since BIGINT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX webhooks_account ON webhooks (account_id, id);

CREATE TABLE ledger (
    message_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    account_id TEXT NOT NULL,
    held BIGINT NOT NULL,
    charged BIGINT NOT NULL,
    currency TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (message_id, kind)
) WITHOUT ROWID;

CREATE TABLE idempotency (
    account_id TEXT NOT NULL,
    test BIGINT NOT NULL,
    endpoint TEXT NOT NULL,
    "key" TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    status BIGINT NOT NULL,
    response TEXT NOT NULL,
    message_id TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, test, endpoint, "key")
) WITHOUT ROWID;

CREATE INDEX idempotency_expires ON idempotency (expires_at);

CREATE INDEX idempotency_message ON idempotency (message_id) WHERE message_id IS NOT NULL;

CREATE TABLE carriers (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    settings TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
) WITHOUT ROWID;

CREATE TABLE routes (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    carriers TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
) WITHOUT ROWID;
