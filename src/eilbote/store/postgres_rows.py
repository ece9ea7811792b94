"""Rows as PostgreSQL takes them by the hundred: a statement gets whole columns, and ``unnest`` makes rows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.store.statements import named_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.store.postgres_link import Transaction
    from eilbote.store.values import Row, Value

_EVENT: Final = named_sql("postgresql", "event")
_EVENT_WIDTH: Final = 7


def columns(rows: Sequence[Row], width: int) -> list[Sequence[Value]]:
    """Give rows column by column; ``width`` is how many there are also where there is no row."""
    return list(zip(*rows, strict=True)) if rows else [()] * width


async def tell(transaction: Transaction, events: Sequence[Row]) -> None:
    """Write what happened; the last thing a transaction does before it commits."""
    if events:
        transaction.note(await transaction.fetchval(_EVENT, *columns(events, _EVENT_WIDTH)))


def count(said: str) -> int:
    """Read how many rows a statement has changed from what the server said of it, such as ``UPDATE 3``."""
    return int(said.rpartition(" ")[2])
