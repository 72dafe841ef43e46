DROP INDEX deliveries_waiting;

DROP INDEX deliveries_claimed;

DROP INDEX deliveries_endpoint;

ALTER TABLE deliveries RENAME TO work;

ALTER TABLE work RENAME COLUMN event_id TO subject;

ALTER TABLE work RENAME COLUMN url TO target;

ALTER TABLE work RENAME COLUMN response_status TO code;

ALTER TABLE work DROP COLUMN endpoint_id;

ALTER TABLE work ADD COLUMN sink TEXT DEFAULT 'webhook' NOT NULL;

ALTER TABLE work ADD COLUMN kind TEXT;

ALTER TABLE work ADD COLUMN body TEXT;

ALTER TABLE work ADD COLUMN addresses TEXT;

CREATE INDEX work_waiting ON work (sink, lane, due_at) WHERE due_at IS NOT NULL AND claim <= 0;

CREATE INDEX work_expiring ON work (sink, expires_at) WHERE due_at IS NOT NULL AND claim <= 0;

CREATE INDEX work_claimed ON work (claim) WHERE claim > 0;

CREATE INDEX work_endpoint ON work (lane, id) WHERE sink = 'webhook' AND target IS NULL;

CREATE INDEX work_message ON work (subject) WHERE sink = 'bind';

CREATE INDEX work_ended ON work (done_at) WHERE due_at IS NULL AND sink <> 'webhook';
