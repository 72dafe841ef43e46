CREATE TABLE changed_messages (
    noted_at BIGINT NOT NULL,
    place BIGINT NOT NULL,
    changed TEXT NOT NULL,
    attempted TEXT NOT NULL,
    PRIMARY KEY (noted_at, place)
);

CREATE TABLE statistics_state (
    id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    lease BIGINT NOT NULL,
    phase TEXT NOT NULL,
    reached TEXT NOT NULL,
    next_series BIGINT NOT NULL,
    minutes_from BIGINT NOT NULL,
    closed BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

INSERT INTO statistics_state (id, version, lease, phase, reached, next_series, minutes_from, closed)
VALUES (1, 1, 0, 'building', '', 1, 0, 0);

CREATE TABLE statistics_series (
    id BIGINT NOT NULL,
    owner BIGINT NOT NULL,
    name TEXT NOT NULL,
    kept TEXT NOT NULL,
    account_id TEXT,
    test BIGINT NOT NULL,
    country TEXT,
    network TEXT,
    carrier_id TEXT,
    route_id TEXT,
    sender TEXT,
    class_ TEXT,
    channel TEXT,
    campaign_id TEXT,
    tag TEXT,
    status TEXT NOT NULL,
    error_code TEXT,
    currency TEXT NOT NULL,
    cost_currency TEXT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX statistics_series_name ON statistics_series (name);

CREATE INDEX statistics_series_kept ON statistics_series (kept, test, account_id);

CREATE TABLE statistics_boxes (
    span BIGINT NOT NULL,
    owner BIGINT NOT NULL,
    minute BIGINT NOT NULL,
    series BIGINT NOT NULL,
    waits BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    segments BIGINT NOT NULL,
    price BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    PRIMARY KEY (span, owner, minute, series)
) WITHOUT ROWID;

CREATE INDEX statistics_boxes_waiting ON statistics_boxes (series, span, minute) WHERE waits = 1;

CREATE INDEX statistics_boxes_old ON statistics_boxes (minute) WHERE span = 1;

CREATE TABLE statistics_times (
    span BIGINT NOT NULL,
    owner BIGINT NOT NULL,
    minute BIGINT NOT NULL,
    series BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    PRIMARY KEY (span, owner, minute, series, bucket)
) WITHOUT ROWID;

CREATE INDEX statistics_times_old ON statistics_times (minute) WHERE span = 1;

CREATE TABLE statistics_open (
    message_id TEXT NOT NULL,
    counted TEXT NOT NULL,
    ended BIGINT NOT NULL,
    PRIMARY KEY (message_id)
) WITHOUT ROWID;

CREATE INDEX statistics_open_ended ON statistics_open (message_id) WHERE ended = 1;
