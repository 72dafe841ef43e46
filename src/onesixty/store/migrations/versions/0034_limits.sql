CREATE TABLE limit_counts (
    subject TEXT NOT NULL,
    period TEXT NOT NULL,
    used BIGINT NOT NULL,
    most BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (subject, period)
) WITHOUT ROWID;

CREATE TABLE limit_shares (
    subject TEXT NOT NULL,
    lease BIGINT NOT NULL,
    share BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (subject, lease)
) WITHOUT ROWID;

CREATE INDEX messages_scheduled ON messages (account_id) WHERE status = 'scheduled';

ALTER TABLE keys ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';
