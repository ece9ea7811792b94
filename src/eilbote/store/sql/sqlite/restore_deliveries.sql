-- Whoever was to be told when the copy was made has most likely been told since; somebody can have it delivered again.
UPDATE hook_delivery
SET state = 'failed', ended = :now, answer = :reason, worker = NULL, until = NULL
WHERE state = 'waiting'
