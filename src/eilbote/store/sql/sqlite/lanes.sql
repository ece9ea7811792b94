-- Every lane.
SELECT id, organization, connection FROM lane
