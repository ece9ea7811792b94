-- The lanes with something due: one probe of the ready index for each lane and urgency.
SELECT lane.organization, lane.connection, min(level.urgency), min(oldest.due)
FROM lane
CROSS JOIN generate_series(0, 2) AS level (urgency)
CROSS JOIN LATERAL (
    SELECT entry.due
    FROM entry
    WHERE
        entry.lane = lane.id AND entry.urgency = level.urgency AND entry.state IN ('queued', 'deferred')
        AND entry.due <= $1
    ORDER BY entry.due
    LIMIT 1
) AS oldest
GROUP BY lane.organization, lane.connection
