-- The statements of the keywords of numbers that accounts own. All are cold.

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
