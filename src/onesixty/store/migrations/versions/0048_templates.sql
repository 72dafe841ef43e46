CREATE TABLE templates (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT NOT NULL,
    default_language TEXT NOT NULL,
    texts TEXT NOT NULL,
    variables TEXT NOT NULL,
    max_segments BIGINT,
    registrations TEXT NOT NULL,
    number BIGINT NOT NULL,
    state TEXT NOT NULL,
    reasons TEXT NOT NULL,
    approved BIGINT,
    live TEXT,
    submitted_at BIGINT,
    decided_at BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX templates_account ON templates (account_id, id);

CREATE UNIQUE INDEX templates_name ON templates (account_id, name);

CREATE TABLE template_versions (
    id TEXT NOT NULL,
    template_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    state TEXT NOT NULL,
    purpose TEXT NOT NULL,
    default_language TEXT NOT NULL,
    texts TEXT NOT NULL,
    variables TEXT NOT NULL,
    max_segments BIGINT,
    retired_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX template_versions_account ON template_versions (account_id, id);

CREATE UNIQUE INDEX template_versions_number ON template_versions (template_id, number);

UPDATE keys
SET scopes = substr(scopes, 1, length(scopes) - 1) || ',"templates","templates:approve"]'
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
  AND scopes LIKE '%"profile"%'
  AND scopes LIKE '%"subaccounts"%'
  AND scopes LIKE '%"subaccounts:enter"%'
  AND scopes LIKE '%"carriers"%'
  AND scopes LIKE '%"routes"%'
  AND scopes LIKE '%"alerts"%'
  AND scopes LIKE '%"numbers"%'
  AND scopes LIKE '%"desk"%'
  AND scopes LIKE '%"installation"%'
  AND scopes LIKE '%"accounts"%';
