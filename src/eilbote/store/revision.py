"""Which form of the tables this program knows; read at every opening, so without the migration library."""

from __future__ import annotations

from typing import Final

from eilbote.errors import OutboxSchemaError

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
"""Every form the tables ever had, the newest last; a test compares it with the migrations."""
HEAD: Final = REVISIONS[-1]


def check_revision(found: str | None, where: str) -> None:
    """Compare what a database says with what this program knows.

    Args:
        found: The revision in the database; ``None`` when it says none.
        where: The database, for people.

    Raises:
        OutboxSchemaError: They differ.
    """
    if found == HEAD:
        return
    if found is None or found in REVISIONS:
        raise OutboxSchemaError(
            f"the outbox {where} is of an older form ({found or 'none'}; this program needs {HEAD})",
            remedy="Make a backup, then run `eilbote db upgrade`",
        )
    raise OutboxSchemaError(
        f"the outbox {where} is of a form this program does not know ({found}; it knows up to {HEAD})",
        cause="A newer eilbote made or upgraded it",
        remedy="Install that version of eilbote, or restore a backup made before the upgrade",
    )
