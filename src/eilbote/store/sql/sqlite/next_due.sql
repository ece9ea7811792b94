-- When the next entry falls due after a moment: one probe of the ready index for each lane and urgency.
WITH urgencies (urgency) AS (VALUES (0), (1), (2))
SELECT min(
    (
        SELECT entry.due FROM entry INDEXED BY entry_ready
        WHERE
            entry.lane = lane.id AND entry.urgency = urgencies.urgency
            AND entry.state IN ('queued', 'deferred') AND entry.due > ?
        ORDER BY entry.due
        LIMIT 1
    )
)
FROM lane CROSS JOIN urgencies
