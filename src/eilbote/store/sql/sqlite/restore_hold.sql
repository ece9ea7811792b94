-- A restored outbox holds back what may have been sent since.
UPDATE entry
SET state = 'held', reason = :reason, courier = NULL, transmitting = false, epoch = epoch + 1
WHERE state IN ('queued', 'active', 'deferred')
