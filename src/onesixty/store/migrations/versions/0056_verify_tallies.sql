ALTER TABLE verify_counts ADD COLUMN unsent BIGINT NOT NULL DEFAULT 0;

UPDATE verify_counts SET unsent = blocked + failed;

CREATE TABLE verify_minutes (
    key TEXT NOT NULL,
    begins_at BIGINT NOT NULL,
    lease BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    approved BIGINT NOT NULL,
    fresh_sent BIGINT NOT NULL,
    fresh_approved BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (key, begins_at, lease)
) WITHOUT ROWID;

INSERT INTO verify_minutes (key, begins_at, lease, sent, approved, fresh_sent, fresh_approved, ends_at)
SELECT key, begins_at, lease, sent, approved, fresh_sent, fresh_approved, ends_at FROM verify_tallies WHERE hourly = 0;

DROP TABLE verify_tallies;

ALTER TABLE verify_minutes RENAME TO verify_tallies;

CREATE INDEX verify_tallies_ends ON verify_tallies (ends_at);
