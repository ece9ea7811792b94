-- Recipients that fail without another attempt; what the server said last stays.
UPDATE recipient
SET status = 'failed'
FROM unnest($1::bigint[], $2::int[]) AS wanted (entry, number)
WHERE recipient.entry = wanted.entry AND recipient.number = wanted.number
