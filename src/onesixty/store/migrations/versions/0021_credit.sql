CREATE TABLE credit (
    account_id TEXT NOT NULL,
    credit_limit BIGINT NOT NULL,
    rest BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    since BIGINT NOT NULL,
    folds BIGINT NOT NULL,
    wanted BIGINT NOT NULL,
    PRIMARY KEY (account_id)
) WITHOUT ROWID;

CREATE TABLE credit_slices (
    id BIGINT NOT NULL,
    account_id TEXT NOT NULL,
    lease BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX credit_slices_account ON credit_slices (account_id);

CREATE TABLE adjustments (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    reference TEXT,
    made_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX adjustments_account ON adjustments (account_id, id);

ALTER TABLE ledger ADD COLUMN slice BIGINT;

CREATE INDEX ledger_slice ON ledger (slice) WHERE slice IS NOT NULL;
