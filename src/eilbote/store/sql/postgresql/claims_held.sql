-- Which claims are still good, and where they came from; locked in one order, so that nobody waits in a circle.
SELECT entry.id, entry.epoch, entry.lane, lane.organization, lane.connection
FROM entry
JOIN lane ON lane.id = entry.lane
JOIN unnest($1::bigint[], $2::int[]) AS wanted (id, epoch) ON wanted.id = entry.id AND wanted.epoch = entry.epoch
WHERE entry.state = 'active'
ORDER BY entry.id
FOR NO KEY UPDATE OF entry
