-- New entries with everything that is theirs, each numbered by its millisecond and 20 bits of counting. Those whose key
-- is known are left out; the others are answered with their place among the given ones. In the order of their keys,
-- so that two that bring the same keys wait for each other and not in a circle.
WITH given AS MATERIALIZED (
    SELECT ordered.*, (ordered.accepted << 20) | (nextval('entry_counter') & 1048575) AS id
    FROM (
        SELECT * FROM unnest(
            $1::bigint[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[],
            $8::bytea[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[], $14::text[], $15::text[],
            $16::text[], $17::int[], $18::bytea[], $19::bigint[]
        ) WITH ORDINALITY AS each (
            lane, urgency, due, accepted, expires, organization, idempotency_key, digest, message_id, subject, author,
            size, connections, on_in_doubt, on_partial, sender, attachments, frozen, crc, place
        )
        ORDER BY place
    ) AS ordered
),
new AS (
    INSERT INTO entry (
        id, lane, state, urgency, due, accepted, expires, organization, idempotency_key, digest, message_id, subject,
        author, size, connections, on_in_doubt, on_partial, sender, attachments
    )
    SELECT
        id, lane, 'queued', urgency, due, accepted, expires, organization, idempotency_key, digest, message_id, subject,
        author, size, connections, on_in_doubt, on_partial, sender, attachments
    FROM given
    ORDER BY organization, idempotency_key, place
    ON CONFLICT (organization, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING id
),
stored AS (
    SELECT given.place, given.id, given.frozen, given.crc FROM given JOIN new ON new.id = given.id
),
bodies AS (
    INSERT INTO body (entry, frozen, crc) SELECT id, frozen, crc FROM stored
),
recipients AS (
    INSERT INTO recipient (entry, number, address, kind)
    SELECT stored.id, each.number, each.address, each.kind
    FROM unnest($20::bigint[], $21::int[], $22::text[], $23::text[]) AS each (place, number, address, kind)
    JOIN stored ON stored.place = each.place
),
blobs AS (
    INSERT INTO entry_blob (entry, sha256)
    SELECT stored.id, each.sha256
    FROM unnest($24::bigint[], $25::text[]) AS each (place, sha256)
    JOIN stored ON stored.place = each.place
)
SELECT place, id FROM stored
