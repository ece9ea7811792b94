-- What must be known of entries to give them up, if they still wait and their time is still over.
WITH wanted (id, now) AS (VALUES (?, ?))
SELECT json_group_array(json_array(entry.id, entry.epoch, entry.lane, entry.expires))
FROM wanted
CROSS JOIN entry ON entry.id = wanted.id
WHERE entry.state IN ('queued', 'deferred') AND entry.expires <= wanted.now
