-- Whether a connection is paused.
SELECT 1 FROM pause WHERE connection = ?
