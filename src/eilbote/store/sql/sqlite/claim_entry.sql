-- What a courier needs of the entries it has taken; what is to be sent of all of them in one piece, in the same order.
-- Each row ends with how many attempts were made before somebody last wanted another one.
WITH wanted (id) AS (VALUES (?))
SELECT
    json_group_array(json_array(
        entry.id, entry.epoch, entry.connections, entry.attempts, entry.accepted, entry.expires, entry.on_in_doubt,
        entry.on_partial, entry.others_accepted, length(CAST(body.frozen AS BLOB)), body.crc,
        CASE entry.attempts WHEN 0 THEN 0 ELSE (
            SELECT count(*) FROM attempt
            WHERE
                attempt.entry = entry.id
                AND attempt.started < (
                    SELECT max(event.at) FROM event WHERE event.entry = entry.id AND event.kind = 'retried'
                )
        ) END
    )),
    CAST(group_concat(body.frozen, '') AS BLOB)
FROM wanted
CROSS JOIN entry ON entry.id = wanted.id
LEFT JOIN body ON body.entry = wanted.id
