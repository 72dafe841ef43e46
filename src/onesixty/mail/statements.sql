-- The statement of mails; the rest of their life is that of all work (work/statements.sql).

-- name: mail_insert
-- about: a mail to send
-- params: id text, subject text, lane text, target text, body text, created_at bigint, expires_at bigint
INSERT INTO work (
  id, sink, subject, account_id, lane, target, body, status, tries, claim, due_at, created_at, expires_at
) VALUES (
  :id, 'mail', :subject, '', :lane, :target, :body, 'pending', 0, 0, :created_at, :created_at, :expires_at
)
