CREATE TABLE number_ranges (
    prefix TEXT NOT NULL,
    network TEXT NOT NULL,
    PRIMARY KEY (prefix)
) WITHOUT ROWID;
