"""Statements of SQLAlchemy Core on SQLite, for who looks at everything and has time for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.dialects import sqlite

from eilbote.store.queries import Question
from eilbote.store.sqlite_reader import ask as ask_sql

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Select

_DIALECT: Final = sqlite.dialect()


def ask(db: sqlite3.Connection, statement: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Ask something; gives rows by the names of their columns, in its order if it has a limit."""
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    values = compiled.construct_params()
    names = tuple(statement.selected_columns.keys())
    return ask_sql(
        db, Question(compiled.string, tuple(values[name] for name in compiled.positiontup or ()), names)
    )
