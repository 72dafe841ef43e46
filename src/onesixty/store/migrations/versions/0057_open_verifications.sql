DROP INDEX verifications_open;

DROP INDEX verifications_subject;

ALTER TABLE verifications DROP COLUMN open_key;

CREATE UNIQUE INDEX verifications_open ON verifications (subject) WHERE status = 'pending' OR status = 'held';
