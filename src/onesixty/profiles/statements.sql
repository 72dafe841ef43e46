-- The statements of business profiles beside those of their tables.

-- name: profiles_begin
-- about: the row of an account that had no profile
-- params: account_id text, state text
INSERT INTO profiles (account_id, state, reasons, documents, octets, version)
VALUES (:account_id, :state, '[]', 0, 0, 1)
ON CONFLICT (account_id) DO NOTHING

-- name: profiles_document_added
-- about: a guard: a profile that may be changed takes one more document
-- params: account_id text, octets bigint, most bigint, most_octets bigint
UPDATE profiles SET documents = documents + 1, octets = octets + :octets
WHERE account_id = :account_id AND documents < :most AND octets + :octets <= :most_octets
  AND (state IN ('unverified', 'rejected', 'expired') OR (state = 'verified' AND decided_at IS NULL))

-- name: profiles_document_removed
-- about: a guard: a profile that may be changed loses a document
-- params: account_id text, octets bigint
UPDATE profiles SET documents = documents - 1, octets = octets - :octets
WHERE account_id = :account_id AND documents > 0
  AND (state IN ('unverified', 'rejected', 'expired') OR (state = 'verified' AND decided_at IS NULL))

-- name: profiles_documents_gone
-- about: the documents of a closed account were removed
-- params: account_id text
UPDATE profiles SET documents = 0, octets = 0 WHERE account_id = :account_id

-- name: documents_of
-- about: all documents of an account; there are few
-- params: account_id text
SELECT id FROM documents WHERE account_id = :account_id ORDER BY id

-- name: documents_same
-- about: the document with this content
-- params: account_id text, digest text
SELECT id FROM documents WHERE account_id = :account_id AND digest = :digest

-- name: documents_known
-- about: those of the ids that have a row
-- params: ids text[]
SELECT id FROM documents WHERE id IN (:ids...)

-- name: documents_gone
-- about: all documents of a closed account
-- params: account_id text
DELETE FROM documents WHERE account_id = :account_id
