-- How large a part is.
SELECT size FROM blob WHERE sha256 = $1
