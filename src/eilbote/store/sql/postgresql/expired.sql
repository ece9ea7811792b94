-- What waits beyond its time, with those whom each entry has still to reach; what others work on is passed over.
WITH picked AS MATERIALIZED (
    SELECT id, epoch, lane, expires
    FROM entry
    WHERE state IN ('queued', 'deferred') AND expires <= $1
    LIMIT $2
    FOR NO KEY UPDATE SKIP LOCKED
)
SELECT
    picked.id, picked.epoch, picked.lane, lane.organization, lane.connection, picked.expires,
    ARRAY(
        SELECT number FROM recipient
        WHERE recipient.entry = picked.id AND (status IS NULL OR status NOT IN ('accepted', 'failed'))
        ORDER BY number
    )
FROM picked
JOIN lane ON lane.id = picked.lane
ORDER BY picked.id
