-- The lanes with something due: one probe of the ready index for each lane in which anything waits, to find it, and one
-- for each of its urgencies. Lanes stay when they are empty, and must cost nothing then.
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
SELECT json_group_array(json_array(organization, connection, urgency, oldest))
FROM (
    SELECT
        lane.organization, lane.connection, urgencies.urgency,
        (
            SELECT entry.due FROM entry INDEXED BY entry_ready
            WHERE
                entry.lane = lane.id AND entry.urgency = urgencies.urgency
                AND entry.state IN ('queued', 'deferred')
            ORDER BY entry.due
            LIMIT 1
        ) AS oldest
    FROM waiting CROSS JOIN lane ON lane.id = waiting.lane CROSS JOIN urgencies
)
WHERE oldest <= ?
