-- New entries: tell of each that it was handed in. Their numbers follow one another, and nobody else writes meanwhile.
INSERT INTO event (kind, at, entry, recipients, connection, organization, text)
SELECT 'submitted', entry.accepted, entry.id, '', lane.connection, entry.organization, ''
FROM entry
CROSS JOIN lane ON lane.id = entry.lane
WHERE entry.id BETWEEN ? AND ?
ORDER BY entry.id
