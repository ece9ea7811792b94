-- A courier is no more.
DELETE FROM courier WHERE id = $1
