ALTER TABLE accounts ADD COLUMN operator BIGINT DEFAULT '0' NOT NULL;

-- The account that the first start made; where nothing says which, the oldest (an id begins with its time).
UPDATE accounts SET operator = 1 WHERE id = COALESCE(
  (SELECT a.id FROM accounts a JOIN meta m ON m.value = a.id WHERE m.key = 'first_account'),
  (SELECT MIN(id) FROM accounts)
);

CREATE UNIQUE INDEX accounts_operator ON accounts (operator) WHERE operator = 1;

DELETE FROM meta WHERE key = 'first_account';
