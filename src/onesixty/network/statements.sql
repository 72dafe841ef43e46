-- The statements of carriers and routes as they are configured. All are cold.

-- name: carrier_insert
-- tells: carriers
-- about: a new carrier
-- params: id text, name text, type text, settings text, enabled bigint, version bigint, created_at bigint
INSERT INTO carriers (id, name, type, settings, enabled, version, created_at)
VALUES (:id, :name, :type, :settings, :enabled, :version, :created_at)

-- name: carrier_update
-- tells: carriers
-- about: a guard: a carrier changed; loses if somebody else changed it first
-- params: id text, old_version bigint, name text, settings text, enabled bigint
UPDATE carriers SET name = :name, settings = :settings, enabled = :enabled, version = version + 1
WHERE id = :id AND version = :old_version

-- name: carrier_delete
-- tells: carriers
-- about: a guard: a carrier goes
-- params: id text
DELETE FROM carriers WHERE id = :id

-- name: carrier_configs
-- about: all carriers, oldest first
-- params:
SELECT id, name, type, settings, enabled, version, created_at FROM carriers ORDER BY id

-- name: route_insert
-- tells: routes
-- about: a new route
-- params: id text, name text, carriers text, filters text, priority bigint, enabled bigint, version bigint,
--   created_at bigint
INSERT INTO routes (id, name, carriers, filters, priority, enabled, version, created_at)
VALUES (:id, :name, :carriers, :filters, :priority, :enabled, :version, :created_at)

-- name: route_update
-- tells: routes
-- about: a guard: a route changed; loses if somebody else changed it first
-- params: id text, old_version bigint, name text, carriers text, filters text, priority bigint, enabled bigint
UPDATE routes SET name = :name, carriers = :carriers, filters = :filters, priority = :priority,
  enabled = :enabled, version = version + 1
WHERE id = :id AND version = :old_version

-- name: route_delete
-- tells: routes
-- about: a guard: a route goes
-- params: id text
DELETE FROM routes WHERE id = :id

-- name: route_configs
-- about: all routes, oldest first
-- params:
SELECT id, name, carriers, filters, priority, enabled, version, created_at FROM routes ORDER BY id
