-- Whoever was to be told when the copy was made has most likely been told since.
UPDATE notification_telling
SET done = :now, reason = :reason
WHERE done IS NULL
