-- When the next entry falls due after a moment: one probe of the ready index for each lane in which anything waits, to
-- find it, and one for each of its urgencies.
WITH RECURSIVE urgencies (urgency) AS (VALUES (0), (1), (2)),
waiting (lane) AS (
    VALUES (0)
    UNION ALL
    SELECT (
        SELECT entry.lane FROM entry INDEXED BY entry_ready
        WHERE entry.lane > waiting.lane AND entry.state IN ('queued', 'deferred')
        ORDER BY entry.lane
        LIMIT 1
    )
    FROM waiting
    WHERE waiting.lane IS NOT NULL
)
SELECT min(
    (
        SELECT entry.due FROM entry INDEXED BY entry_ready
        WHERE
            entry.lane = waiting.lane AND entry.urgency = urgencies.urgency
            AND entry.state IN ('queued', 'deferred') AND entry.due > ?
        ORDER BY entry.due
        LIMIT 1
    )
)
FROM waiting CROSS JOIN urgencies
