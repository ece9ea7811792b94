-- Hand entries to a courier; the epoch makes every earlier claim void.
WITH wanted (id, courier) AS (VALUES (?, ?))
UPDATE entry
SET state = 'active', courier = wanted.courier, epoch = epoch + 1, transmitting = false, reason = ''
FROM wanted
WHERE entry.id = wanted.id
