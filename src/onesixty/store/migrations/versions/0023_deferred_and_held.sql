ALTER TABLE messages ADD COLUMN held_for TEXT;
ALTER TABLE messages ADD COLUMN not_before BIGINT;
ALTER TABLE messages ADD COLUMN notices TEXT;

UPDATE messages SET held_for = 'outcome_unknown' WHERE status = 'held';
