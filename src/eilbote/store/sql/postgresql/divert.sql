-- Move what waits in a lane to another one, except who may have been reached through it.
UPDATE entry
SET lane = $1
WHERE
    lane = $2 AND connections = $3 AND state IN ('queued', 'deferred')
    AND NOT EXISTS (
        SELECT FROM recipient
        WHERE
            recipient.entry = entry.id AND recipient.in_doubt > 0
            AND (recipient.status IS NULL OR recipient.status NOT IN ('accepted', 'failed'))
    )
