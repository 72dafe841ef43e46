ALTER TABLE accounts ADD COLUMN parent_id TEXT;

ALTER TABLE accounts ADD COLUMN country TEXT;

ALTER TABLE accounts ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';

ALTER TABLE accounts ADD COLUMN state TEXT NOT NULL DEFAULT 'active';

ALTER TABLE accounts ADD COLUMN state_reason TEXT;

CREATE INDEX accounts_parent ON accounts (parent_id, id);

UPDATE accounts SET parent_id = (SELECT root.id FROM accounts root WHERE root.operator = 1) WHERE operator = 0;

UPDATE accounts SET state = 'suspended' WHERE settings LIKE '%"suspended"\:true%';

UPDATE accounts
SET settings = replace(replace(replace(settings, ',"suspended"\:true', ''), '"suspended"\:true,', ''),
  '"suspended"\:true', '');
