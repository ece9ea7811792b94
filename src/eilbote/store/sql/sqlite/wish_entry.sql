-- What granted wishes make of entries.
WITH wanted (id, state, due, expires, reason, finished, takes_claim) AS (VALUES (?, ?, ?, ?, ?, ?, ?))
UPDATE entry
SET
    state = wanted.state, due = wanted.due, expires = wanted.expires, reason = wanted.reason,
    finished = wanted.finished, epoch = epoch + wanted.takes_claim, courier = NULL, transmitting = false
FROM wanted
WHERE entry.id = wanted.id
