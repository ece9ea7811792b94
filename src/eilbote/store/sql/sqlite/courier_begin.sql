-- A courier that is going to claim.
INSERT INTO courier (id, host, process, begun) VALUES (?, ?, ?, ?)
