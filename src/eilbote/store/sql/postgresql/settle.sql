-- What became of claims that were found good in this transaction; a rescue makes the claim void as well.
WITH entries AS (
    UPDATE entry
    SET
        state = wanted.state, due = wanted.due, finished = wanted.finished, lane = wanted.lane, reason = wanted.reason,
        attempts = entry.attempts + wanted.tried, others_accepted = entry.others_accepted OR wanted.taken,
        courier = NULL, transmitting = false, epoch = entry.epoch + wanted.rescued
    FROM unnest(
        $1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::int[], $8::bool[], $9::int[]
    ) AS wanted (id, state, due, finished, lane, reason, tried, taken, rescued)
    WHERE entry.id = wanted.id
),
recipients AS (
    UPDATE recipient
    SET
        status = wanted.status, attempts = recipient.attempts + 1, in_doubt = recipient.in_doubt + wanted.doubt,
        reply_code = wanted.reply_code, enhanced_status_code = wanted.enhanced_status_code, text = wanted.text
    FROM unnest($10::bigint[], $11::int[], $12::text[], $13::int[], $14::int[], $15::text[], $16::text[])
        AS wanted (entry, number, status, doubt, reply_code, enhanced_status_code, text)
    WHERE recipient.entry = wanted.entry AND recipient.number = wanted.number
)
INSERT INTO attempt (
    entry, number, started, seconds, courier, connection, server, tls_version, stage, reply, outcomes, transcript
)
SELECT * FROM unnest(
    $17::bigint[], $18::int[], $19::bigint[], $20::float8[], $21::text[], $22::text[], $23::text[], $24::text[],
    $25::text[], $26::text[], $27::text[], $28::text[]
)
