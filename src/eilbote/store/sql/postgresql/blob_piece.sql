-- A piece of a large part.
SELECT octets FROM blob_piece WHERE sha256 = $1 AND number = $2
