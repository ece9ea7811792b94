-- What was tried.
INSERT INTO attempt (
    entry, number, started, seconds, courier, connection, server, tls_version, stage, reply, outcomes, transcript
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
