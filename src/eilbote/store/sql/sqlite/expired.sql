-- Which entries wait beyond their time; by a reader, for it looks at all that wait.
SELECT json_group_array(id)
FROM (
    SELECT id FROM entry INDEXED BY entry_ready
    WHERE state IN ('queued', 'deferred') AND expires <= ?
    LIMIT ?
)
