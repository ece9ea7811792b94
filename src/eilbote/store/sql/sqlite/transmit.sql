-- The contents of these claims may go out from now on.
WITH wanted (id, epoch) AS (VALUES (?, ?))
UPDATE entry
SET transmitting = true
FROM wanted
WHERE entry.id = wanted.id AND entry.epoch = wanted.epoch AND entry.state = 'active'
