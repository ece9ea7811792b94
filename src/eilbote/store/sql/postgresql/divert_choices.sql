-- Which connections the entries that wait for a connection could use.
SELECT DISTINCT entry.lane, lane.organization, entry.connections
FROM lane
JOIN entry ON entry.lane = lane.id
WHERE lane.connection = $1 AND entry.state IN ('queued', 'deferred')
