-- The lanes of a connection.
SELECT id, organization FROM lane WHERE connection = ?
