-- Give back what a courier was given and never heard of, because the answer was lost with the connection.
UPDATE entry
SET
    state = CASE WHEN attempts = 0 THEN 'queued' ELSE 'deferred' END, courier = NULL, transmitting = false,
    epoch = epoch + 1
WHERE courier = $1 AND state = 'active' AND id <> ALL ($2::bigint[])
