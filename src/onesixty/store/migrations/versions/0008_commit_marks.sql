CREATE TABLE commit_marks (
    writer TEXT NOT NULL,
    mark BIGINT NOT NULL,
    noted_at BIGINT NOT NULL,
    PRIMARY KEY (writer)
) WITHOUT ROWID;
