-- The wall clock was set: move the retry times, none beyond the given moment.
UPDATE entry
SET due = min(due + ?1, ?2)
WHERE state = 'deferred' AND due <> min(due + ?1, ?2)
