-- What granted wishes make of entries.
UPDATE entry
SET
    state = wanted.state, due = wanted.due, expires = wanted.expires, reason = wanted.reason,
    finished = wanted.finished, epoch = entry.epoch + wanted.takes_claim, courier = NULL, transmitting = false
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::int[])
    AS wanted (id, state, due, expires, reason, finished, takes_claim)
WHERE entry.id = wanted.id
