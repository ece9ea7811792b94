-- Something happened.
INSERT INTO event (kind, at, entry, recipients, connection, organization, text)
VALUES (?, ?, ?, ?, ?, ?, ?)
