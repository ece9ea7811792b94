-- A timer that was to fire since the copy was made has most likely fired.
UPDATE process_start
SET held_back = true
WHERE due <= :now
