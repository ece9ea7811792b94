-- Which of these claims are still good, and the lane they came from.
WITH wanted (id, epoch) AS (VALUES (?, ?))
SELECT json_group_array(json_array(entry.id, entry.epoch, entry.lane))
FROM wanted
CROSS JOIN entry ON entry.id = wanted.id
WHERE entry.epoch = wanted.epoch AND entry.state = 'active'
