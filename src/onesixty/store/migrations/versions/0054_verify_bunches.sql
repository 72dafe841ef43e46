DROP INDEX verify_marks_range;

DROP INDEX verify_marks_range_held;

CREATE INDEX verify_marks_range ON verify_marks (profile_id, range_, sent_at, state, sends) WHERE range_ <> '' AND state <> 'held';

ALTER TABLE verify_tallies ADD COLUMN fresh_sent BIGINT NOT NULL DEFAULT 0;

ALTER TABLE verify_tallies ADD COLUMN fresh_approved BIGINT NOT NULL DEFAULT 0;
