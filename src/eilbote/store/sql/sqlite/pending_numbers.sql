-- Whom these entries have still to reach, by number, and how often each was in doubt.
WITH wanted (id) AS (VALUES (?))
SELECT json_group_array(json_array(recipient.entry, recipient.number, recipient.in_doubt))
FROM wanted
CROSS JOIN recipient ON recipient.entry = wanted.id
WHERE recipient.status IS NULL OR recipient.status NOT IN ('accepted', 'failed')
