-- Those who failed are to be reached again.
WITH wanted (id) AS (VALUES (?))
UPDATE recipient
SET status = 'deferred'
FROM wanted
WHERE recipient.entry = wanted.id AND recipient.status = 'failed'
