-- A restored outbox holds back what may have been sent since: tell it of each entry.
INSERT INTO event (kind, at, entry, recipients, connection, organization, text)
SELECT 'held', :now, entry.id, '', lane.connection, entry.organization, :reason
FROM entry JOIN lane ON lane.id = entry.lane
WHERE entry.state IN ('queued', 'active', 'deferred')
ORDER BY entry.id
