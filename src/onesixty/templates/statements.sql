-- The statements of templates beside those of their tables.

-- name: template_versions_retire
-- about: a version is no longer sent
-- params: template_id text, number bigint, retired_at bigint
UPDATE template_versions SET state = 'retired', retired_at = :retired_at
WHERE template_id = :template_id AND number = :number AND state = 'approved'

-- name: template_versions_numbered
-- about: the version of a template that has this number
-- params: template_id text, number bigint
SELECT id FROM template_versions WHERE template_id = :template_id AND number = :number

-- name: templates_count
-- about: how many templates an account has
-- params: account_id text
SELECT COUNT(*) FROM templates WHERE account_id = :account_id
