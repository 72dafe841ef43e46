ALTER TABLE smpp_credentials ADD COLUMN expires_at BIGINT;

ALTER TABLE smpp_credentials ADD COLUMN last_bind_at BIGINT;

ALTER TABLE smpp_credentials ADD COLUMN last_bind_from TEXT;

ALTER TABLE smpp_credentials ADD COLUMN previous_password_hash TEXT;

ALTER TABLE smpp_credentials ADD COLUMN previous_expires_at BIGINT;

ALTER TABLE smpp_credentials ADD COLUMN previous_bind_at BIGINT;
