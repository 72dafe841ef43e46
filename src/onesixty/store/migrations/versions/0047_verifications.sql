CREATE TABLE verify_profiles (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    test BIGINT NOT NULL,
    name TEXT NOT NULL,
    application TEXT NOT NULL,
    code_length BIGINT NOT NULL,
    alphabet TEXT NOT NULL,
    life BIGINT NOT NULL,
    checks BIGINT NOT NULL,
    sends BIGINT NOT NULL,
    channels TEXT NOT NULL,
    no_report_after BIGINT NOT NULL,
    sender TEXT,
    template TEXT,
    language TEXT,
    test_numbers TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX verify_profiles_name ON verify_profiles (account_id, test, name);
CREATE INDEX verify_profiles_account ON verify_profiles (account_id, id);

CREATE TABLE verifications (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    test BIGINT NOT NULL,
    profile_id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    other TEXT,
    country TEXT,
    network TEXT,
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    guard TEXT,
    reason TEXT,
    reference TEXT,
    language TEXT,
    template TEXT,
    user_ip TEXT,
    device TEXT,
    bound TEXT,
    fixed BIGINT NOT NULL,
    subject TEXT NOT NULL,
    open_key TEXT NOT NULL,
    seed TEXT NOT NULL,
    key_id TEXT NOT NULL,
    alphabet TEXT NOT NULL,
    length BIGINT NOT NULL,
    sealed_code TEXT,
    sealed_before TEXT,
    generation BIGINT NOT NULL,
    before_until BIGINT NOT NULL,
    plan TEXT NOT NULL,
    place BIGINT NOT NULL,
    no_report_s BIGINT NOT NULL,
    life_ms BIGINT NOT NULL,
    max_checks BIGINT NOT NULL,
    max_sends BIGINT NOT NULL,
    checks BIGINT NOT NULL,
    sends BIGINT NOT NULL,
    began_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    next_send_at BIGINT NOT NULL,
    fallback_at BIGINT,
    due_at BIGINT,
    steps TEXT NOT NULL,
    counted BIGINT NOT NULL,
    approved_by BIGINT NOT NULL,
    ended_at BIGINT,
    redacted_at BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX verifications_open ON verifications (open_key);
CREATE INDEX verifications_subject ON verifications (subject, id);
CREATE INDEX verifications_account ON verifications (account_id, id);
CREATE INDEX verifications_recipient ON verifications (account_id, recipient, id);
CREATE INDEX verifications_due ON verifications (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX verifications_uncounted ON verifications (ended_at) WHERE counted = 0 AND ended_at IS NOT NULL;
CREATE INDEX verifications_ended ON verifications (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE verification_misses (
    bucket BIGINT NOT NULL,
    misses BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (bucket)
) WITHOUT ROWID;

CREATE TABLE verify_counts (
    hour BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    test BIGINT NOT NULL,
    profile_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    country TEXT NOT NULL,
    network TEXT NOT NULL,
    carrier_id TEXT NOT NULL,
    started BIGINT NOT NULL,
    sends BIGINT NOT NULL,
    approved BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    exhausted BIGINT NOT NULL,
    expired BIGINT NOT NULL,
    canceled BIGINT NOT NULL,
    blocked BIGINT NOT NULL,
    unreported BIGINT NOT NULL,
    wrong BIGINT NOT NULL,
    approval_ms BIGINT NOT NULL,
    PRIMARY KEY (account_id, test, hour, profile_id, channel, country, network, carrier_id)
) WITHOUT ROWID;
CREATE INDEX verify_counts_hour ON verify_counts (hour);
