-- A connection takes no mail for now; in place of what was noted before.
INSERT OR REPLACE INTO pause (connection, since, until, reason, failures) VALUES (?, ?, ?, ?, ?)
