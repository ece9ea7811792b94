-- A lane nothing was sent through before.
INSERT INTO lane (organization, connection) VALUES (?, ?)
