CREATE TABLE verify_marks (
    id TEXT NOT NULL,
    scope TEXT NOT NULL,
    profile_id TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    recipient TEXT NOT NULL,
    range_ TEXT NOT NULL,
    address TEXT NOT NULL,
    device TEXT NOT NULL,
    flags BIGINT NOT NULL,
    state TEXT NOT NULL,
    sends BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX verify_marks_recipient ON verify_marks (scope, recipient, sent_at);

CREATE INDEX verify_marks_address ON verify_marks (scope, address, sent_at) WHERE address <> '';

CREATE INDEX verify_marks_device ON verify_marks (scope, device, sent_at) WHERE device <> '';

CREATE INDEX verify_marks_range ON verify_marks (profile_id, range_, sent_at) WHERE range_ <> '' AND state <> 'held';

CREATE INDEX verify_marks_range_held ON verify_marks (profile_id, range_, sent_at) WHERE range_ <> '' AND state = 'held';

CREATE INDEX verify_marks_ends ON verify_marks (ends_at);

CREATE TABLE verify_traces (
    key TEXT NOT NULL,
    turn BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    approved_at BIGINT NOT NULL,
    released_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (key)
) WITHOUT ROWID;

CREATE INDEX verify_traces_ends ON verify_traces (ends_at);

CREATE TABLE verify_tallies (
    key TEXT NOT NULL,
    begins_at BIGINT NOT NULL,
    hourly BIGINT NOT NULL,
    lease BIGINT NOT NULL,
    sent BIGINT NOT NULL,
    approved BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (key, begins_at, hourly, lease)
) WITHOUT ROWID;

CREATE INDEX verify_tallies_hours ON verify_tallies (begins_at) WHERE hourly = 1;

CREATE INDEX verify_tallies_ends ON verify_tallies (ends_at);

CREATE TABLE verify_spending (
    key TEXT NOT NULL,
    begins_at BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    most BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    PRIMARY KEY (key, begins_at)
) WITHOUT ROWID;

CREATE INDEX verify_spending_ends ON verify_spending (ends_at);

CREATE TABLE verify_blocks (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    test BIGINT NOT NULL,
    profile_id TEXT,
    guard TEXT NOT NULL,
    key TEXT NOT NULL,
    subject TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    lasting BIGINT NOT NULL,
    strikes BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    released_at BIGINT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX verify_blocks_account ON verify_blocks (account_id, id);

CREATE INDEX verify_blocks_key ON verify_blocks (key, ends_at);

CREATE INDEX verify_blocks_ends ON verify_blocks (ends_at);

CREATE TABLE trusted_numbers (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    test BIGINT NOT NULL,
    number TEXT NOT NULL,
    note TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX trusted_numbers_account ON trusted_numbers (account_id, id);

CREATE UNIQUE INDEX trusted_numbers_number ON trusted_numbers (account_id, test, number);

ALTER TABLE verify_profiles ADD COLUMN formats TEXT NOT NULL DEFAULT '{}';

ALTER TABLE verify_profiles ADD COLUMN guards TEXT NOT NULL DEFAULT '{}';

ALTER TABLE verifications ADD COLUMN guard_key TEXT;

ALTER TABLE verifications ADD COLUMN app_hash TEXT;
