-- A restored run has most likely gone on since, and sent what the copy knows nothing of: it waits for somebody's word.
UPDATE flow_run
SET awaits = 'release', due = NULL, worker = NULL, until = NULL, revision = revision + 1
WHERE status = 'running'
