-- Retry times after the wall clock was set, none beyond a limit.
UPDATE entry
SET due = least(due + $1::bigint, $2::bigint)
WHERE state = 'deferred' AND due <> least(due + $1::bigint, $2::bigint)
