-- A courier that is going to claim.
INSERT INTO courier (id, host, process, begun) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET host = excluded.host, process = excluded.process, begun = excluded.begun
