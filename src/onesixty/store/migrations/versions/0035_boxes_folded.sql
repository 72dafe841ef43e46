ALTER TABLE statistics_state ADD COLUMN folded BIGINT NOT NULL DEFAULT 0;

UPDATE statistics_state SET folded = COALESCE((SELECT MAX(minute) + 15 FROM statistics_boxes WHERE span = 15), 0);

DROP INDEX statistics_boxes_old;

DROP INDEX statistics_times_old;

CREATE INDEX statistics_series_owner ON statistics_series (owner);
