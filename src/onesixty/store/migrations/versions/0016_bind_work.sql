INSERT INTO work (
    id, sink, subject, account_id, lane, kind, body, addresses, status, tries, claim, due_at, created_at,
    expires_at, done_at, error
)
SELECT
    'dlv' || substr(id, 4), 'bind', message_id, account_id, lane, kind, body, addresses,
    CASE WHEN due_at IS NULL THEN 'failed' ELSE 'pending' END, tries, claim, due_at, created_at,
    created_at + 259200000, done_at, error
FROM bind_deliveries;

DROP TABLE bind_deliveries;
