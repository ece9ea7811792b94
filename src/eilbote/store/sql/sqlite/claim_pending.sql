-- Whom these entries have still to reach. Whoever has a status that nobody knows is among them, to be noticed.
WITH wanted (id) AS (VALUES (?))
SELECT json_group_array(json_array(
    recipient.entry, recipient.number, recipient.address, recipient.kind, recipient.attempts, recipient.in_doubt,
    recipient.status
))
FROM wanted
CROSS JOIN recipient ON recipient.entry = wanted.id
WHERE recipient.status IS NULL OR recipient.status NOT IN ('accepted', 'failed')
