CREATE TABLE refusals (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    test BIGINT NOT NULL,
    door TEXT NOT NULL,
    operation TEXT NOT NULL,
    request_id TEXT NOT NULL,
    caller TEXT NOT NULL,
    answer TEXT NOT NULL,
    code TEXT NOT NULL,
    param TEXT,
    rule TEXT NOT NULL,
    detail TEXT,
    sender TEXT,
    recipient TEXT,
    count BIGINT NOT NULL,
    redacted_at BIGINT,
    PRIMARY KEY (id)
);

CREATE INDEX refusals_account ON refusals (account_id, test, id);

CREATE INDEX refusals_recipient ON refusals (recipient);
