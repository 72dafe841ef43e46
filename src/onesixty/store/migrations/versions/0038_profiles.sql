CREATE TABLE profiles (
    account_id TEXT NOT NULL,
    state TEXT NOT NULL,
    legal_name TEXT,
    registration_number TEXT,
    tax_id TEXT,
    street TEXT,
    postal_code TEXT,
    city TEXT,
    region TEXT,
    country TEXT,
    website TEXT,
    contact_name TEXT,
    contact_email TEXT,
    contact_phone TEXT,
    reasons TEXT NOT NULL,
    submitted_at BIGINT,
    decided_at BIGINT,
    expires_at BIGINT,
    closed_at BIGINT,
    documents BIGINT NOT NULL,
    octets BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (account_id)
) WITHOUT ROWID;

INSERT INTO profiles (account_id, state, reasons, documents, octets, version)
SELECT id, 'verified', '[]', 0, 0, 1 FROM accounts;

CREATE TABLE documents (
    id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    digest TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
) WITHOUT ROWID;

CREATE INDEX documents_account ON documents (account_id, id);

CREATE UNIQUE INDEX documents_digest ON documents (account_id, digest);

UPDATE keys
SET scopes = substr(scopes, 1, length(scopes) - 1) || ',"profile"]'
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
  AND scopes LIKE '%"carriers"%'
  AND scopes LIKE '%"routes"%'
  AND scopes LIKE '%"alerts"%'
  AND scopes LIKE '%"numbers"%'
  AND scopes LIKE '%"desk"%'
  AND scopes LIKE '%"accounts"%';
