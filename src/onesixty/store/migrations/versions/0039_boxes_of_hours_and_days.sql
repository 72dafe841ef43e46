ALTER TABLE statistics_state ADD COLUMN hours_folded BIGINT NOT NULL DEFAULT 0;

ALTER TABLE statistics_state ADD COLUMN days_folded BIGINT NOT NULL DEFAULT 0;
