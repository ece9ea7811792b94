-- A large part is put; says whether it is new, and makes an old one as young as if it were.
INSERT INTO blob (sha256, size, put)
VALUES ($1, $2, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
ON CONFLICT (sha256) DO UPDATE SET put = excluded.put
RETURNING xmax = 0
