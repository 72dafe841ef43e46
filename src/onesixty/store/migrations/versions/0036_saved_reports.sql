CREATE TABLE saved_reports (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    test BIGINT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    span TEXT NOT NULL,
    format TEXT NOT NULL,
    schedule TEXT,
    recipients TEXT NOT NULL,
    url TEXT,
    enabled BIGINT NOT NULL,
    runs_as TEXT NOT NULL,
    home TEXT,
    stopped_at BIGINT,
    stopped_reason TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX saved_reports_account ON saved_reports (account_id, id);

CREATE TABLE report_due (
    report_id TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (report_id)
) WITHOUT ROWID;

CREATE INDEX report_due_at ON report_due (due_at, report_id);

CREATE TABLE report_runs (
    id TEXT NOT NULL,
    report_id TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    manual BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    status TEXT NOT NULL,
    tries BIGINT NOT NULL,
    error TEXT,
    row_count BIGINT,
    left_out BIGINT,
    byte_count BIGINT,
    as_of BIGINT,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX report_runs_report ON report_runs (report_id, id);

CREATE UNIQUE INDEX report_runs_due ON report_runs (report_id, due_at) WHERE manual = 0;

CREATE INDEX report_runs_ended ON report_runs (ended_at);
