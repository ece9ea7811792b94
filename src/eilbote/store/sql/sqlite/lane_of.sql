-- The number of one lane.
SELECT id FROM lane WHERE organization = ? AND connection = ?
