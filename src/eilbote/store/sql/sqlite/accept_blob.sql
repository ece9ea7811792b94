-- A new entry: the large parts it refers to.
INSERT INTO entry_blob (entry, sha256)
VALUES (?, ?)
