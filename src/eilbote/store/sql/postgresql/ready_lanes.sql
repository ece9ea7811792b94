-- The lanes with something due: one probe of the ready index for each lane in which anything waits, to find it, and one
-- for each of its urgencies. Lanes stay when they are empty, and must cost nothing then.
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
SELECT lane.organization, lane.connection, min(level.urgency), min(oldest.due)
FROM waiting
JOIN lane ON lane.id = waiting.lane
CROSS JOIN generate_series(0, 2) AS level (urgency)
CROSS JOIN LATERAL (
    SELECT entry.due
    FROM entry
    WHERE
        entry.lane = waiting.lane AND entry.urgency = level.urgency AND entry.state IN ('queued', 'deferred')
        AND entry.due <= $1
    ORDER BY entry.due
    LIMIT 1
) AS oldest
GROUP BY lane.organization, lane.connection
