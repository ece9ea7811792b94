-- Whether there is an entry of this id.
SELECT 1 FROM entry WHERE id = ?
