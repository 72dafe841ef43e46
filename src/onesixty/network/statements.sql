-- The statements of carriers and routes beside those of their tables.

-- name: routes_traffic
-- about: recent outbound messages of a mode, newest first: the traffic against which draft routes are tried
-- slow: it reads some thousand messages
SELECT * FROM messages
WHERE id > :after AND direction = 'outbound' AND test = :test
ORDER BY id DESC LIMIT :count

-- name: route_as_read
-- about: a guard: a route that a new order leaves as it is has not changed since it was read
-- params: id text, version bigint
UPDATE routes SET version = version WHERE id = :id AND version = :version
