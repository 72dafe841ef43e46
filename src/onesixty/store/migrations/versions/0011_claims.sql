CREATE INDEX messages_claimed ON messages (claim, id) WHERE claim > 0;

ALTER TABLE attempts ADD COLUMN found_at BIGINT;
