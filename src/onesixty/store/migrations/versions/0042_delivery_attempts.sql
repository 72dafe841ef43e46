CREATE TABLE delivery_attempts (
    id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    lane TEXT NOT NULL,
    message_id TEXT,
    at BIGINT NOT NULL,
    milliseconds BIGINT NOT NULL,
    url TEXT NOT NULL,
    status BIGINT,
    error TEXT,
    headers TEXT,
    body TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX delivery_attempts_delivery ON delivery_attempts (delivery_id);

CREATE INDEX delivery_attempts_message ON delivery_attempts (message_id) WHERE message_id IS NOT NULL;

CREATE INDEX delivery_attempts_at ON delivery_attempts (at);

CREATE TABLE webhook_figures (
    webhook_id TEXT NOT NULL,
    hour BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    bucket BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (webhook_id, hour, outcome, bucket)
) WITHOUT ROWID;

CREATE INDEX webhook_figures_hour ON webhook_figures (hour);

CREATE INDEX work_replayed ON work (subject) WHERE kind = 'replay';
