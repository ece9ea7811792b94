-- The contents of these claims may go out from now on.
UPDATE entry
SET transmitting = true
FROM unnest($1::bigint[], $2::int[]) AS wanted (id, epoch)
WHERE entry.id = wanted.id AND entry.epoch = wanted.epoch AND entry.state = 'active'
RETURNING entry.id, entry.epoch
