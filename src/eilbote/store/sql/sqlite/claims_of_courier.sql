-- What a courier holds.
SELECT json_group_array(json_array(id, epoch, lane, attempts, transmitting, on_in_doubt))
FROM entry INDEXED BY entry_claimed
WHERE courier = ? AND state = 'active'
