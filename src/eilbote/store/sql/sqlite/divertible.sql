-- Which entries wait for a connection and name others as well: for each lane, the different lists of names.
SELECT json_group_array(json_array(lane, organization, connections))
FROM (
    SELECT DISTINCT entry.lane, lane.organization, entry.connections
    FROM lane
    CROSS JOIN entry INDEXED BY entry_ready
        ON entry.lane = lane.id AND entry.state IN ('queued', 'deferred')
    WHERE
        lane.connection = ? AND entry.connections LIKE '%,%'
        AND NOT EXISTS (
            SELECT 1 FROM recipient
            WHERE
                recipient.entry = entry.id AND recipient.in_doubt > 0
                AND (recipient.status IS NULL OR recipient.status NOT IN ('accepted', 'failed'))
        )
)
