-- Whether a courier may still claim: one that others have ended would hold what nobody takes back.
SELECT 1 FROM courier WHERE id = ?
