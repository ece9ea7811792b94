-- The largest id so far: one probe at the end of the table.
SELECT max(id) FROM entry
