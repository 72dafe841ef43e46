CREATE TABLE alerts (
    id TEXT NOT NULL,
    rule TEXT NOT NULL,
    subject TEXT NOT NULL,
    open_key TEXT,
    severity TEXT NOT NULL,
    summary TEXT NOT NULL,
    value TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    resolved_at BIGINT,
    acknowledged_at BIGINT,
    acknowledged_by TEXT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX alerts_open ON alerts (open_key);

CREATE TABLE alert_rules (
    name TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    threshold_micros BIGINT,
    for_seconds BIGINT,
    muted_until BIGINT,
    PRIMARY KEY (name)
) WITHOUT ROWID;

CREATE TABLE alert_mails (
    id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    tries BIGINT NOT NULL,
    due_at BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    error TEXT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX alert_mails_due ON alert_mails (due_at) WHERE due_at IS NOT NULL;
