-- name: ledger_insert
-- about: one movement of money; a second one of the same kind for a message is impossible by key
-- params: message_id text, kind text, account_id text, held bigint, charged bigint, currency text, created_at bigint
INSERT INTO ledger (message_id, kind, account_id, held, charged, currency, created_at)
VALUES (:message_id, :kind, :account_id, :held, :charged, :currency, :created_at)

-- name: ledger_of_message
SELECT kind, held, charged, currency, created_at FROM ledger WHERE message_id = :message_id
ORDER BY created_at, kind
