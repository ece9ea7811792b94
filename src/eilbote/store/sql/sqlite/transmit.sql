-- The contents of these claims may go out from now on. It begins with UPDATE, for of what begins with WITH the driver
-- does not tell how many rows were changed.
UPDATE entry
SET transmitting = true
FROM (VALUES (?, ?)) AS wanted
WHERE entry.id = wanted.column1 AND entry.epoch = wanted.column2 AND entry.state = 'active'
