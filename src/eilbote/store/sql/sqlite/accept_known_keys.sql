-- Which of these keys were used before, and for what.
WITH wanted (organization, idempotency_key) AS (VALUES (?, ?))
SELECT json_group_array(json_array(
    entry.organization, entry.idempotency_key, entry.id, hex(entry.digest), entry.state, entry.message_id
))
FROM wanted
CROSS JOIN entry INDEXED BY entry_key
    ON entry.organization = wanted.organization AND entry.idempotency_key = wanted.idempotency_key
