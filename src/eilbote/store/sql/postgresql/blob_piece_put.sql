-- A piece of a large part.
INSERT INTO blob_piece (sha256, number, octets) VALUES ($1, $2, $3)
