"""Late results as rows: awaited, arrived beside their run, given to who holds it, and put in; see :mod:`eilbote.store.flow_late`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from eilbote.author.flow.shelf import Shelf, Target
from eilbote.author.flow.store import LateResult
from eilbote.model.ids import EntryId
from eilbote.store.context_rows import put_values, read_value
from eilbote.store.flow_late import context_name, context_with
from eilbote.store.record_database import count
from eilbote.store.row_groups import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eilbote.model.moment import Moment
    from eilbote.store.context_rows import Session
    from eilbote.store.record_database import Statements

_WANT: Final = (
    "INSERT INTO flow_late_result (entry, run, node, shelf, key, shows_bcc) VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT (entry, run) DO NOTHING"
)
_ARRIVED: Final = (
    "SELECT run, entry, shelf, key, result, given FROM flow_late_result WHERE result IS NOT NULL AND run IN "
)
_GIVE: Final = (
    "UPDATE flow_late_result SET given = true WHERE shelf = 'input' AND result IS NOT NULL AND run IN "
)
_FORGET_GIVEN: Final = "DELETE FROM flow_late_result WHERE run = $1 AND given"
_FORGET_ARRIVED: Final = (
    "DELETE FROM flow_late_result WHERE run = $1 AND shelf = 'context' AND result IS NOT NULL"
)
_ARRIVE: Final = (
    "UPDATE flow_late_result SET result = $3 WHERE entry = $1 AND result IS NULL "
    "AND run = (SELECT number FROM flow_run WHERE id = $2)"
)
_WANTED: Final = (
    "SELECT l.entry, r.id, l.node, l.shelf, l.key, l.shows_bcc FROM flow_late_result l "
    "JOIN flow_run r ON r.number = l.run WHERE l.result IS NULL AND l.entry IN "
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A late result that lies beside its run.

    Attributes:
        target: Where it belongs.
        result: As it is written.
        given: Whether whoever holds the run has it.
    """

    target: Target
    result: str
    given: bool = False


async def want(db: Statements, run: int, late: Sequence[LateResult]) -> None:
    """Note that results are wanted; what was noted stays as it is."""
    for each in late:
        await db.execute(
            _WANT, each.entry, run, each.node, each.target.shelf.value, each.target.key, each.shows_bcc
        )


async def arrived(db: Statements, runs: Sequence[int]) -> dict[int, list[Arrived]]:
    """Give what lies beside runs, in the order of the messages."""
    found: dict[int, list[Arrived]] = {run: [] for run in runs}
    if runs:
        rows = [tuple(row) for row in await db.fetch(_ARRIVED + places(len(runs)), *runs)]
        for run, _, shelf, key, result, given in sorted(
            cast("list[tuple[int, int, str, str, str, bool]]", rows)
        ):
            if shelf in set(Shelf):
                target = Target(shelf=Shelf(shelf), key=key)
                found[run].append(Arrived(target=target, result=result, given=bool(given)))
    return found


def on_shelf(late: Iterable[Arrived], shelf: Shelf) -> list[Arrived]:
    """Give those that belong on a shelf."""
    return [each for each in late if each.target.shelf is shelf]


async def give(db: Statements, runs: Sequence[int]) -> None:
    """Note that whoever has just taken these runs has what belongs into their input."""
    if runs:
        await db.execute(_GIVE + places(len(runs)), *runs)


async def forget_given(db: Statements, run: int) -> None:
    """Forget what whoever has kept the run had."""
    await db.execute(_FORGET_GIVEN, run)


async def put_into_context(
    db: Statements, run: int, session: Session, late: Iterable[Arrived], now: Moment
) -> None:
    """Put late results where the conversation keeps them; nobody holds the run who could write over them."""
    results = on_shelf(late, Shelf.CONTEXT)
    for each in results:
        name = context_name(each.target)
        value = context_with(each.target, await read_value(db, session, name), each.result)
        await put_values(db, session, {name: value}, now)
    if results:
        await db.execute(_FORGET_ARRIVED, run)


async def arrive(db: Statements, late: LateResult, result: str) -> bool:
    """Lay a result beside its run; says whether it was awaited."""
    return bool(count(await db.execute(_ARRIVE, late.entry, late.run, result)))


async def read_wanted(db: Statements, entries: Sequence[EntryId]) -> tuple[LateResult, ...]:
    """Give the late results that wait for messages."""
    if not entries:
        return ()
    rows = [
        cast("tuple[int, str, str, str, str, bool]", tuple(row))
        for row in await db.fetch(_WANTED + places(len(entries)), *entries)
    ]
    return tuple(
        LateResult(
            entry=EntryId(entry),
            run=run,
            node=node,
            target=Target(shelf=Shelf(shelf), key=key),
            shows_bcc=bool(shows_bcc),
        )
        for entry, run, node, shelf, key, shows_bcc in sorted(rows)
        if shelf in set(Shelf)
    )
