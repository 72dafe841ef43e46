-- The statements of the table of number ranges. All are cold.

-- name: number_ranges_all
-- about: every range, for memory
SELECT prefix, network FROM number_ranges

-- name: number_ranges_revision
-- about: how often the ranges were changed
SELECT value FROM meta WHERE key = 'number_ranges'

-- name: number_ranges_changed
-- tells: networks of numbers
-- about: tells other nodes that they have to read the ranges
-- params: key text
INSERT INTO meta (key, value) VALUES (:key, '1')
ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS bigint) + 1 AS text)

-- name: number_range_put
-- about: a range that is new, or belongs to another network now
-- params: prefix text, network text
INSERT INTO number_ranges (prefix, network) VALUES (:prefix, :network)
ON CONFLICT (prefix) DO UPDATE SET network = excluded.network

-- name: number_range_delete
-- about: a range that is no more
-- params: prefix text
DELETE FROM number_ranges WHERE prefix = :prefix
