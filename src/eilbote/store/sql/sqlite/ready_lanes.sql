-- The lanes with something due: one probe of the ready index for each lane and urgency.
WITH urgencies (urgency) AS (VALUES (0), (1), (2))
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
    FROM lane CROSS JOIN urgencies
)
WHERE oldest <= ?
