"""Handles on one database, each with connections of its own, as processes have them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar


class Closed(Protocol):
    async def close(self) -> None: ...


C = TypeVar("C", bound=Closed)


@asynccontextmanager
async def handles(opened: Callable[[], C]) -> AsyncGenerator[Callable[[], C], None]:
    """Give handles; they are closed in the end."""
    given: list[C] = []

    def another() -> C:
        given.append(opened())
        return given[-1]

    try:
        yield another
    finally:
        for each in given:
            await each.close()
