-- What a courier holds.
SELECT id, epoch, lane, attempts, transmitting, on_in_doubt
FROM entry INDEXED BY entry_claimed
WHERE courier = ? AND state = 'active'
ORDER BY id
