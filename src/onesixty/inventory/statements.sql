-- The statements of numbers that accounts own, beside those of their table. All are cold.

-- name: number_keyword_insert
-- about: an empty keyword takes what no other one does, an empty carrier is any; one number each
-- params: number text, carrier_id text, keyword text, number_id text
INSERT INTO number_keywords (number, carrier_id, keyword, number_id)
VALUES (:number, :carrier_id, :keyword, :number_id)

-- name: number_keyword_delete
-- params: number text, carrier_id text, keyword text, number_id text
DELETE FROM number_keywords
WHERE number = :number AND carrier_id = :carrier_id AND keyword = :keyword AND number_id = :number_id

-- name: number_keywords_all
SELECT number, carrier_id, keyword, number_id FROM number_keywords ORDER BY number, carrier_id, keyword

-- name: number_keywords_of
-- about: the keywords of some numbers
-- params: ids text[]
SELECT number_id, keyword FROM number_keywords WHERE number_id IN (:ids...) ORDER BY keyword

-- name: numbers_last_received
-- about: when the accounts of some numbers last got a message to them, by an index of incoming messages
-- params: ids text[]
SELECT n.id, (
  SELECT m.created_at FROM messages m
  WHERE m.account_id = n.account_id AND m.recipient = n.number AND m.direction = 'inbound' AND m.test = n.test
  ORDER BY m.id DESC LIMIT 1
) FROM numbers n WHERE n.id IN (:ids...)
