-- Due entries of a lane for a courier that has not ended: three walks along the ready index, one for each urgency, until
-- there are enough; what others are taking at this moment is passed over. Whoever has a status that nobody knows counts
-- as pending, to be noticed. Each row ends with how many attempts were made before somebody last wanted
-- another one, and with the transaction's number.
WITH holder AS MATERIALIZED (
    SELECT id FROM courier WHERE id = $1 FOR KEY SHARE
),
picked AS MATERIALIZED (
    SELECT ready.id
    FROM holder
    CROSS JOIN generate_series(0, 2) AS level (urgency)
    CROSS JOIN LATERAL (
        SELECT entry.id
        FROM entry
        WHERE
            entry.lane = $2 AND entry.urgency = level.urgency AND entry.state IN ('queued', 'deferred')
            AND entry.due <= $3
        ORDER BY entry.due, entry.id
        LIMIT $4
        FOR UPDATE SKIP LOCKED
    ) AS ready
    LIMIT $4
),
taken AS (
    UPDATE entry
    SET state = 'active', courier = $1, epoch = epoch + 1, transmitting = false, reason = ''
    WHERE entry.id = ANY (ARRAY(SELECT id FROM picked))
    RETURNING
        entry.urgency, entry.due, entry.id, entry.epoch, entry.connections, entry.attempts, entry.accepted,
        entry.expires, entry.on_in_doubt, entry.on_partial, entry.others_accepted
)
SELECT
    taken.urgency, taken.due, pending.numbers, pending.addresses, pending.kinds, pending.tried, pending.doubts,
    pending.statuses,
    taken.id, taken.epoch, taken.connections, taken.attempts, taken.accepted, taken.expires, taken.on_in_doubt,
    taken.on_partial, taken.others_accepted, body.frozen, body.crc,
    CASE taken.attempts WHEN 0 THEN 0 ELSE (
        SELECT count(*) FROM attempt
        WHERE
            attempt.entry = taken.id
            AND attempt.started < (
                SELECT max(event.at) FROM event WHERE event.entry = taken.id AND event.kind = 'retried'
            )
    ) END,
    pg_current_xact_id()::text
FROM taken
LEFT JOIN body ON body.entry = taken.id
CROSS JOIN LATERAL (
    SELECT
        array_agg(number ORDER BY number) AS numbers, array_agg(address ORDER BY number) AS addresses,
        array_agg(kind ORDER BY number) AS kinds, array_agg(attempts ORDER BY number) AS tried,
        array_agg(in_doubt ORDER BY number) AS doubts, array_agg(status ORDER BY number) AS statuses
    FROM recipient
    WHERE recipient.entry = taken.id AND (status IS NULL OR status NOT IN ('accepted', 'failed'))
) AS pending
