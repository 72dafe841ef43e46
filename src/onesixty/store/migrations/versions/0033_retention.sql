CREATE TABLE retention_rules (
    account_id TEXT PRIMARY KEY,
    bodies BIGINT,
    messages BIGINT,
    inbound BIGINT,
    events BIGINT,
    deliveries BIGINT,
    receipts BIGINT,
    refusals BIGINT,
    audit BIGINT,
    version BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE retention_marks (
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    gone BIGINT NOT NULL,
    rules BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind)
) WITHOUT ROWID;

INSERT INTO retention_marks (account_id, kind, gone, rules) VALUES ('', 'messages', 0, 0), ('', 'inbound', 0, 0);

CREATE TABLE retention_floors (
    kind TEXT NOT NULL,
    days BIGINT NOT NULL,
    floor TEXT NOT NULL,
    PRIMARY KEY (kind, days)
) WITHOUT ROWID;
