-- A new entry: its state.
INSERT INTO entry (
    id, lane, state, urgency, due, accepted, expires, organization, idempotency_key, digest, message_id, subject,
    author, size, connections, on_in_doubt, on_partial, sender, attachments
)
VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
