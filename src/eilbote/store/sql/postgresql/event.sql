-- Something happened, in this order. Events are numbered by one transaction at a time, until it has ended: who reads the
-- feed and has passed a number will never meet a smaller one. Told last, so that others wait for one insert and one commit.
-- Gives the transaction's number.
WITH turn AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(1162889282)
),
told AS (
    INSERT INTO event (kind, at, entry, recipients, connection, organization, text)
    SELECT kind, at, entry, recipients, connection, organization, text
    FROM turn
    CROSS JOIN unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
    WITH ORDINALITY AS each (kind, at, entry, recipients, connection, organization, text, place)
    ORDER BY place
)
SELECT pg_current_xact_id()::text
