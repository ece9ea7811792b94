-- What must be known of entries to decide about a wish.
WITH wanted (id) AS (VALUES (?))
SELECT json_group_array(json_array(
    entry.id, entry.lane, entry.state, entry.transmitting, entry.attempts, entry.due, entry.expires,
    EXISTS (SELECT 1 FROM recipient WHERE recipient.entry = entry.id AND recipient.status = 'failed')
))
FROM wanted
CROSS JOIN entry ON entry.id = wanted.id
