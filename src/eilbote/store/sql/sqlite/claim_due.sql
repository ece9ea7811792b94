-- Who is next in a lane, of one urgency: a range of the ready index, whose cost is the number of rows it gives.
SELECT json_group_array(id)
FROM (
    SELECT id FROM entry INDEXED BY entry_ready
    WHERE lane = ? AND urgency = ? AND state IN ('queued', 'deferred') AND due <= ?
    ORDER BY due, id
    LIMIT ?
)
