-- Recipients that fail without another attempt; what the server said last stays.
WITH wanted (entry, number) AS (VALUES (?, ?))
UPDATE recipient
SET status = 'failed'
FROM wanted
WHERE recipient.entry = wanted.entry AND recipient.number = wanted.number
