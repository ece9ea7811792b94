-- Whatever nobody had acknowledged when the copy was made has most likely gone on since.
UPDATE notification_escalation
SET done = :now, reason = :reason
WHERE done IS NULL
