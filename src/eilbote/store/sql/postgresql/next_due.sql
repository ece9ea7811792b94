-- When something falls due: one probe of the ready index for each lane in which anything waits, to find it, and one for
-- each of its urgencies.
WITH RECURSIVE waiting (lane) AS (
    SELECT 0::bigint
    UNION ALL
    SELECT (
        SELECT entry.lane
        FROM entry
        WHERE entry.lane > waiting.lane AND entry.state IN ('queued', 'deferred')
        ORDER BY entry.lane
        LIMIT 1
    )
    FROM waiting
    WHERE waiting.lane IS NOT NULL
)
SELECT min(next.due)
FROM waiting
CROSS JOIN generate_series(0, 2) AS level (urgency)
CROSS JOIN LATERAL (
    SELECT entry.due
    FROM entry
    WHERE
        entry.lane = waiting.lane AND entry.urgency = level.urgency AND entry.state IN ('queued', 'deferred')
        AND entry.due > $1
    ORDER BY entry.due
    LIMIT 1
) AS next
