ALTER TABLE leases ADD COLUMN about TEXT NOT NULL DEFAULT '';

UPDATE keys
SET scopes = substr(scopes, 1, length(scopes) - 1) || ',"installation"]'
WHERE test = 0
  AND scopes LIKE '%"messages:send"%'
  AND scopes LIKE '%"messages:read"%'
  AND scopes LIKE '%"webhooks"%'
  AND scopes LIKE '%"keys"%'
  AND scopes LIKE '%"smpp"%'
  AND scopes LIKE '%"account:read"%'
  AND scopes LIKE '%"sandbox"%'
  AND scopes LIKE '%"reports:read"%'
  AND scopes LIKE '%"audit:read"%'
  AND scopes LIKE '%"users"%'
  AND scopes LIKE '%"subaccounts"%'
  AND scopes LIKE '%"subaccounts:enter"%'
  AND scopes LIKE '%"profile"%'
  AND scopes LIKE '%"carriers"%'
  AND scopes LIKE '%"routes"%'
  AND scopes LIKE '%"alerts"%'
  AND scopes LIKE '%"numbers"%'
  AND scopes LIKE '%"desk"%'
  AND scopes LIKE '%"accounts"%';

CREATE TABLE job_skips (
    job_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (job_id, message_id)
) WITHOUT ROWID;
