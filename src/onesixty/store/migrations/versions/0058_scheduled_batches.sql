ALTER TABLE batches ADD COLUMN scheduled_at BIGINT;

UPDATE batches
SET scheduled_at = (
    SELECT MIN(m.scheduled_at) FROM messages m
    WHERE m.batch_id = batches.id AND m.status = 'scheduled'
)
WHERE id IN (SELECT batch_id FROM messages WHERE status = 'scheduled' AND batch_id IS NOT NULL);
