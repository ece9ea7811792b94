-- Which connections the entries that wait in a lane could use.
SELECT DISTINCT connections FROM entry INDEXED BY entry_ready
WHERE lane = ? AND state IN ('queued', 'deferred')
