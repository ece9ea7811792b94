-- What a courier needs of the entries it has taken.
WITH wanted (id) AS (VALUES (?))
SELECT
    entry.id, entry.epoch, entry.connections, entry.attempts, entry.accepted, entry.expires,
    entry.on_in_doubt, entry.on_partial, entry.others_accepted, body.frozen, body.crc
FROM wanted
CROSS JOIN entry ON entry.id = wanted.id
LEFT JOIN body ON body.entry = wanted.id
