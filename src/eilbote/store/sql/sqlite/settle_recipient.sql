-- What an attempt meant for recipients.
WITH wanted (entry, number, status, doubt, reply_code, enhanced_status_code, text) AS (VALUES (?, ?, ?, ?, ?, ?, ?))
UPDATE recipient
SET
    status = wanted.status, attempts = attempts + 1, in_doubt = in_doubt + wanted.doubt,
    reply_code = wanted.reply_code, enhanced_status_code = wanted.enhanced_status_code, text = wanted.text
FROM wanted
WHERE recipient.entry = wanted.entry AND recipient.number = wanted.number
