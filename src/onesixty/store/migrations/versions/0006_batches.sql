CREATE TABLE batches (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    test BIGINT NOT NULL,
    size BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    done_at BIGINT,
    canceled_at BIGINT,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX batches_account ON batches (account_id, id);

CREATE INDEX messages_reference ON messages (account_id, reference, id) WHERE reference IS NOT NULL;
