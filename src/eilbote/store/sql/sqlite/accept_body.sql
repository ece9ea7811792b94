-- A new entry: what is to be sent.
INSERT INTO body (entry, frozen, crc)
VALUES (?, ?, ?)
