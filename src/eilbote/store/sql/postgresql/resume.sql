-- A connection takes mail again.
DELETE FROM pause WHERE connection = $1
