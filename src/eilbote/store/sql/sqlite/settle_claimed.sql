-- The next state of claims, where they are still good. It begins with UPDATE, for of what begins with WITH the driver does
-- not tell how many rows were changed.
UPDATE entry
SET
    state = wanted.state, due = wanted.due, finished = wanted.finished, lane = wanted.lane, reason = wanted.reason,
    attempts = attempts + wanted.tried, others_accepted = others_accepted OR wanted.taken, courier = NULL,
    transmitting = false
FROM (
    SELECT
        column1 AS id, column2 AS state, column3 AS due, column4 AS finished, column5 AS lane, column6 AS reason,
        column7 AS tried, column8 AS taken, column9 AS epoch
    FROM (VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))
) AS wanted
WHERE entry.id = wanted.id AND entry.epoch = wanted.epoch AND entry.state = 'active'
