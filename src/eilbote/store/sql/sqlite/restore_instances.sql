-- A restored instance has most likely gone on since, as a run has: it waits for somebody's word.
UPDATE process_instance
SET held_back = true, woken = false, due = NULL, worker = NULL, until = NULL, revision = revision + 1
WHERE status = 'running'
