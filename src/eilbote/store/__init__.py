"""The database: the only room that speaks SQL, and the only one that knows SQLite from PostgreSQL."""
