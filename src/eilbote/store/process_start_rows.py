"""Start events that something begins, as rows; the same for both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.author.process.kept import ProcessStart, StartKind
from eilbote.model.moment import Moment
from eilbote.store.record_database import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.store.record_database import Statements

_READ: Final = (
    "SELECT organization, process, element, kind, message, due, turn, held_back FROM process_start WHERE "
)
_OF_MESSAGE: Final = (
    f"{_READ} kind = 'message' AND organization = $1 AND message = $2 ORDER BY process, element"
)
_DUE: Final = f"{_READ} due <= $1 ORDER BY due, organization, process, element LIMIT $2"
_NEXT: Final = "SELECT min(due) FROM process_start WHERE due IS NOT NULL"
_FORGET: Final = "DELETE FROM process_start WHERE organization = $1 AND process = $2"
_NEW: Final = (
    "INSERT INTO process_start (organization, process, element, kind, message, due, turn) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)"
)
_MOVE: Final = (
    "UPDATE process_start SET due = $4, turn = turn + 1, held_back = false "
    "WHERE organization = $1 AND process = $2 AND element = $3 AND due = $5 AND turn = $6"
)


async def replace_starts(
    db: Statements, organization: str, process: str, starts: Sequence[ProcessStart]
) -> None:
    """Replace the start events of a process."""
    await db.execute(_FORGET, organization, process)
    for start in starts:
        said = start.kind.value, start.message, start.due, start.turn
        await db.execute(_NEW, organization, process, start.element, *said)


async def read_starts(db: Statements, organization: str, message: str) -> tuple[ProcessStart, ...]:
    """Give the start events that a message begins."""
    found = map(_start, await db.fetch(_OF_MESSAGE, organization, message))
    return tuple(sorted(found, key=lambda start: (start.process, start.element)))


async def due_starts(db: Statements, *, now: Moment, limit: int) -> tuple[ProcessStart, ...]:
    """Give the timer start events that are due."""
    return tuple(map(_start, await db.fetch(_DUE, now, limit)))


async def next_start(db: Statements) -> Moment | None:
    """Tell when the next timer start event is due."""
    found = cast("int | None", await db.fetchval(_NEXT))
    return None if found is None else Moment(found)


async def move_start(db: Statements, start: ProcessStart, due: Moment | None) -> bool:
    """Note that a timer has fired; says whether nobody else has noted it before."""
    key = start.organization, start.process, start.element
    return bool(count(await db.execute(_MOVE, *key, due, start.due, start.turn)))


def _start(row: Sequence[object]) -> ProcessStart:
    organization, process, element, kind, message, due, turn, held_back = cast(
        "tuple[str, str, str, str, str, int | None, int, bool]", tuple(row)
    )
    return ProcessStart(
        organization=organization,
        process=process,
        element=element,
        kind=StartKind(kind),
        message=message,
        due=None if due is None else Moment(due),
        turn=turn,
        held_back=bool(held_back),
    )
