ALTER TABLE verify_profiles ADD COLUMN languages TEXT NOT NULL DEFAULT '{}';

ALTER TABLE verifications ADD COLUMN language_from TEXT;
