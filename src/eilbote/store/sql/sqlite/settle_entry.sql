-- The next state of claims that were found good in this transaction; a rescue makes the claim void as well.
WITH wanted (id, state, due, finished, lane, reason, tried, taken, rescued) AS (VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))
UPDATE entry
SET
    state = wanted.state, due = wanted.due, finished = wanted.finished, lane = wanted.lane, reason = wanted.reason,
    attempts = attempts + wanted.tried, others_accepted = others_accepted OR wanted.taken, courier = NULL,
    transmitting = false, epoch = epoch + wanted.rescued
FROM wanted
WHERE entry.id = wanted.id
