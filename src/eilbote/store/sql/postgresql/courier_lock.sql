-- From here on the courier claims nothing.
SELECT id FROM courier WHERE id = $1 FOR UPDATE
