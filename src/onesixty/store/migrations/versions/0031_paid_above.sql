ALTER TABLE messages ADD COLUMN paid_above TEXT;
