-- What a courier holds, with those whom each entry has still to reach and their most doubts.
SELECT
    entry.id, entry.epoch, entry.lane, lane.organization, lane.connection, entry.attempts, entry.transmitting, entry.on_in_doubt,
    ARRAY(
        SELECT number FROM recipient
        WHERE recipient.entry = entry.id AND (status IS NULL OR status NOT IN ('accepted', 'failed'))
        ORDER BY number
    ),
    (
        SELECT coalesce(max(in_doubt), 0) FROM recipient
        WHERE recipient.entry = entry.id AND (status IS NULL OR status NOT IN ('accepted', 'failed'))
    )
FROM entry
JOIN lane ON lane.id = entry.lane
WHERE entry.courier = $1 AND entry.state = 'active'
ORDER BY entry.id
FOR NO KEY UPDATE OF entry
