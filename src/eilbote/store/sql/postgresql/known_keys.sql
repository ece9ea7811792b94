-- What keys were used for.
SELECT entry.organization, entry.idempotency_key, entry.id, entry.digest, entry.state, entry.message_id
FROM unnest($1::text[], $2::text[]) AS wanted (organization, idempotency_key)
JOIN entry ON entry.organization = wanted.organization AND entry.idempotency_key = wanted.idempotency_key
