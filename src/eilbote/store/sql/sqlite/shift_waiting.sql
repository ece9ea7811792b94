-- The wall clock was set: move the retry times, none beyond the given moment. What was accepted to be sent at once, by a
-- clock that was ahead, is due now; a time that an author has chosen stays.
UPDATE entry
SET due = CASE state WHEN 'deferred' THEN min(due + ?1, ?2) ELSE ?3 END
WHERE (state = 'deferred' AND due <> min(due + ?1, ?2)) OR (state = 'queued' AND due <= accepted AND due > ?3)
