-- Retry times after the wall clock was set, none beyond a limit. What was accepted to be sent at once, by a clock that was
-- ahead, is due now; a time that an author has chosen stays.
UPDATE entry
SET due = CASE state WHEN 'deferred' THEN least(due + $1::bigint, $2::bigint) ELSE $3::bigint END
WHERE
    (state = 'deferred' AND due <> least(due + $1::bigint, $2::bigint))
    OR (state = 'queued' AND due <= accepted AND due > $3::bigint)
