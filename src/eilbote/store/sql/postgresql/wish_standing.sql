-- What must be known of entries to decide about a wish; locked in one order, so that nobody waits in a circle.
SELECT
    entry.id, lane.organization, lane.connection, entry.state, entry.transmitting, entry.attempts, entry.due,
    entry.expires,
    (SELECT coalesce(bool_or(status = 'failed'), false) FROM recipient WHERE recipient.entry = entry.id)
FROM entry
JOIN lane ON lane.id = entry.lane
WHERE entry.id = ANY ($1::bigint[])
ORDER BY entry.id
FOR NO KEY UPDATE OF entry
