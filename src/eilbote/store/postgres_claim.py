"""Claiming on PostgreSQL, and noting that contents may go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import UnreadableEntryError
from eilbote.model.ids import CourierId, EntryId
from eilbote.store.claims import read_claim, read_pending
from eilbote.store.postgres_rows import columns
from eilbote.store.postgres_settle import poison
from eilbote.store.statements import named_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.moment import Moment
    from eilbote.outbox.entry import Claim, Lane
    from eilbote.store.postgres_link import Db, Transaction

_CLAIM: Final = named_sql("postgresql", "claim")
_UNHEARD: Final = named_sql("postgresql", "claims_unheard")
_TRANSMIT: Final = named_sql("postgresql", "transmit")
_IS_CLAIMED: Final = "SELECT 1 FROM entry WHERE id = $1 AND epoch = $2 AND courier = $3"

_HEAD: Final = 8  # urgency, due, and six columns of recipients, before what makes a claim


async def claim(
    transaction: Transaction, courier: CourierId, lane: Lane, number: int, *, limit: int, now: Moment
) -> list[Claim]:
    """Take due entries of a lane, the urgent first, then the oldest due; one that cannot be read is held."""
    rows = await transaction.fetch(_CLAIM, courier, number, now, limit)
    for row in rows:
        transaction.note(row[-1])
    claims: list[Claim] = []
    for row in sorted(rows, key=_rank):
        try:
            claims.append(_read(row, lane))
        except UnreadableEntryError as error:
            entry, epoch = cast("tuple[EntryId, int]", row[_HEAD : _HEAD + 2])
            await poison(transaction, entry, epoch, reason=str(error), now=now)
    return claims


def _rank(row: Sequence[object]) -> tuple[int, int, int]:
    urgency, due, entry = cast("tuple[int, int, int]", (row[0], row[1], row[_HEAD]))
    return urgency, due, entry


def _read(row: Sequence[object], lane: Lane) -> Claim:
    recipients = cast(
        "list[list[object] | None]", row[2:_HEAD]
    )  # nothing instead of lists when there are none
    pending = tuple(read_pending(one) for one in zip(*[column or () for column in recipients], strict=True))
    return read_claim(row[_HEAD:-1], lane, pending)


async def is_claimed(db: Db, courier: CourierId, claims: Sequence[Claim]) -> bool:
    """Look whether a courier has what it was given: one of it, for it was given in one transaction."""
    for one in claims:
        return await db.fetchval(_IS_CLAIMED, one.id, one.epoch, courier) is not None
    return True


async def give_back_unheard(db: Db, courier: CourierId, heard: Sequence[EntryId]) -> None:
    """Give back what a courier was given without hearing of it."""
    await db.execute(_UNHEARD, courier, heard)


async def transmit(db: Db, calls: Sequence[Sequence[tuple[EntryId, int]]]) -> list[list[bool]]:
    """Note for many calls that contents may go out."""
    wanted = list(dict.fromkeys(one for claims in calls for one in claims))
    rows = cast("list[tuple[int, int]]", await db.fetch(_TRANSMIT, *columns(sorted(wanted), 2)))
    held = {(entry, epoch) for entry, epoch in rows}
    return [[one in held for one in claims] for claims in calls]
