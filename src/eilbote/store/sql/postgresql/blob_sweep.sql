-- Large parts to which nobody refers, neither among those the caller knows nor by now.
WITH gone AS (
    DELETE FROM blob
    WHERE
        put < $2
        AND NOT EXISTS (SELECT FROM unnest($1::text[]) AS used (sha256) WHERE used.sha256 = blob.sha256)
        AND NOT EXISTS (SELECT FROM entry_blob WHERE entry_blob.sha256 = blob.sha256)
    RETURNING sha256
),
pieces AS (
    DELETE FROM blob_piece USING gone WHERE blob_piece.sha256 = gone.sha256
)
SELECT sha256 FROM gone
