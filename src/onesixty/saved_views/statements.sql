-- The statements of saved views, beside those of their table.

-- name: saved_views_seen
-- about: a page of what one actor sees in an account, newest first: its own views, and those that are shared
-- params: account_id text, made_by text, page text, after text, most bigint
SELECT id, account_id, made_by, page, name, search, shared, version, created_at FROM saved_views
WHERE account_id = :account_id AND id < :after AND (made_by = :made_by OR shared = 1) AND (:page IS NULL OR page = :page)
ORDER BY id DESC LIMIT :most

-- name: saved_views_forget
-- about: the sweep: deletes what only people saw who are members of no account any more
-- params: now bigint
DELETE FROM saved_views WHERE shared = 0 AND created_at < :now AND made_by LIKE 'user:%'
  AND NOT EXISTS (SELECT 1 FROM memberships WHERE 'user:' || memberships.user_id = saved_views.made_by)

-- name: saved_views_count
-- about: how many views an actor has in an account
-- params: account_id text, made_by text
SELECT COUNT(*) FROM saved_views WHERE account_id = :account_id AND made_by = :made_by
