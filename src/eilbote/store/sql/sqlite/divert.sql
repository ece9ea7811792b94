-- Move what waits in a lane to another one, except who may have been reached through it.
UPDATE entry INDEXED BY entry_ready
SET lane = ?
WHERE
    lane = ? AND connections = ? AND state IN ('queued', 'deferred')
    AND NOT EXISTS (
        SELECT 1 FROM recipient
        WHERE
            recipient.entry = entry.id AND recipient.in_doubt > 0
            AND (recipient.status IS NULL OR recipient.status NOT IN ('accepted', 'failed'))
    )
