-- Who has failed is to be reached again.
UPDATE recipient SET status = 'deferred' WHERE entry = ANY ($1::bigint[]) AND status = 'failed'
