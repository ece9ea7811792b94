-- The numbers of lanes; new ones are made.
INSERT INTO lane (organization, connection)
SELECT * FROM unnest($1::text[], $2::text[]) ORDER BY 1, 2
ON CONFLICT (organization, connection) DO UPDATE SET organization = excluded.organization
RETURNING organization, connection, id
