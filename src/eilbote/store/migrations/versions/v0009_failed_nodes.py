"""Runs say in how many of their nodes something went wrong, so that a list shows which of those that are done met failures."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_HAS_FAILURES = sa.text("failed_nodes > 0")
_AT_ONCE = 100
_ERROR_AT = 3
"""Where a written visit says what went wrong there."""


def upgrade() -> None:
    """Make the column, and fill it from the visits that are kept of each run."""
    op.add_column(
        "flow_run",
        sa.Column(
            "failed_nodes",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="In how many of its nodes something went wrong",
        ),
    )
    _fill()
    op.create_index(
        "flow_run_failures",
        "flow_run",
        ["organization", "number"],
        sqlite_where=_HAS_FAILURES,
        postgresql_where=_HAS_FAILURES,
    )


def _fill() -> None:
    db, last = op.get_bind(), 0
    page = sa.text(
        "SELECT run, state FROM flow_state WHERE run > :last AND state LIKE '%\"trail\"%' ORDER BY run LIMIT :most"
    )
    while rows := db.execute(page, {"last": last, "most": _AT_ONCE}).all():
        last = rows[-1][0]
        counted = [{"run": run, "failures": _failures(state)} for run, state in rows]
        if found := [each for each in counted if each["failures"]]:
            db.execute(sa.text("UPDATE flow_run SET failed_nodes = :failures WHERE number = :run"), found)


def _failures(state: str) -> int:
    try:
        return sum(len(visit) > _ERROR_AT for visit in json.loads(state)["trail"])
    except (KeyError, TypeError, ValueError, RecursionError):
        return 0  # damaged: it says so wherever it is read
