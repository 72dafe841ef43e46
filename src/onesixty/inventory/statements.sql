-- The statements of the numbers that accounts own. All are cold.

-- name: number_insert
-- tells: numbers
-- about: a number that an account has
-- params: id text, number text, account_id text, carrier_id text, test bigint, settings text, version bigint,
--   created_at bigint
INSERT INTO numbers (id, number, account_id, carrier_id, test, settings, version, created_at)
VALUES (:id, :number, :account_id, :carrier_id, :test, :settings, :version, :created_at)

-- name: number_update
-- tells: numbers
-- about: lost when somebody else changed it first
-- params: id text, old_version bigint, account_id text, carrier_id text, test bigint, settings text
UPDATE numbers SET account_id = :account_id, carrier_id = :carrier_id, test = :test, settings = :settings,
  version = :old_version + 1
WHERE id = :id AND version = :old_version

-- name: number_delete
-- tells: numbers
-- params: id text, version bigint
DELETE FROM numbers WHERE id = :id AND version = :version

-- name: number_keyword_insert
-- about: an empty keyword takes what no other one does, an empty carrier is any; one number each
-- params: number text, carrier_id text, keyword text, number_id text
INSERT INTO number_keywords (number, carrier_id, keyword, number_id)
VALUES (:number, :carrier_id, :keyword, :number_id)

-- name: number_keyword_delete
-- params: number text, carrier_id text, keyword text, number_id text
DELETE FROM number_keywords
WHERE number = :number AND carrier_id = :carrier_id AND keyword = :keyword AND number_id = :number_id

-- name: numbers_all
SELECT id, number, account_id, carrier_id, test, settings, version, created_at FROM numbers ORDER BY id

-- name: number_keywords_all
SELECT number, carrier_id, keyword, number_id FROM number_keywords ORDER BY number, carrier_id, keyword
