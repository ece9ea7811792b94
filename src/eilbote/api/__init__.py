"""What eilbote says over HTTP: it reads requests, asks the engine, and writes answers; it decides nothing."""
