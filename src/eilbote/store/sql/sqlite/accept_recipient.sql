-- A new entry: who is to get it.
INSERT INTO recipient (entry, number, address, kind)
VALUES (?, ?, ?, ?)
