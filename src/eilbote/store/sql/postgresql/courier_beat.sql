-- A courier lives.
UPDATE courier SET beats = beats + 1 WHERE id = $1
