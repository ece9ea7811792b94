-- A connection takes no mail; says whether it took some before.
INSERT INTO pause (connection, since, until, reason, failures) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (connection) DO UPDATE
SET since = excluded.since, until = excluded.until, reason = excluded.reason, failures = excluded.failures
RETURNING xmax = 0
