"""How databases of older versions become those of this one; Alembic's environment and its revisions."""
