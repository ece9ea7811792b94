-- Every courier that has not ended.
SELECT id, beats FROM courier ORDER BY begun, id
