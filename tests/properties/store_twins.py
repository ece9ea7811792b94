"""A store in memory and one in a file, of whom the same is asked in the same order."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from eilbote.errors import EilboteError
from eilbote.store.open_flows import share_database
from eilbote.store.shared_database import SharedDatabase
from eilbote.testing.work_exercises.scene import LeasingStore, WorkView, at


class Closed(Protocol):
    async def close(self) -> None: ...


C = TypeVar("C", bound=Closed)
P = TypeVar("P")
S = TypeVar("S")
W = TypeVar("W", bound=WorkView)


@dataclass
class StoreWorld(Generic[S, W]):
    """A store, what its workers hold by now, and the time."""

    store: S
    held: dict[str, W]
    now: float = 0.0

    def until(self) -> float:
        return self.now + 20


def claim(
    worker: str, limit: int, only: list[str] | None
) -> Callable[[StoreWorld[LeasingStore[W], W]], Awaitable[object]]:
    async def step(world: StoreWorld[LeasingStore[W], W]) -> object:
        taken = await world.store.claim(
            worker, limit=limit, now=at(world.now), until=at(world.until()), only=only
        )
        world.held |= {each.id: each for each in taken}
        return taken

    return step


def pass_time(seconds: int) -> Callable[[StoreWorld[S, W]], Awaitable[object]]:
    async def step(world: StoreWorld[S, W]) -> object:
        world.now += seconds
        return None

    return step


async def told(
    world: P, steps: list[Callable[[P], Awaitable[object]]], everything: Callable[[P], Awaitable[object]]
) -> list[object]:
    """Go all steps; gives what each of them says or how it is refused, and what can be seen behind it."""
    answers: list[object] = []
    for step in steps:
        try:
            answers.append(await step(world))
        except EilboteError as fault:
            answers.append((type(fault), str(fault)))
        answers.append(await everything(world))
    return answers


def answers_of_both(
    remembered: Callable[[], Awaitable[list[object]]],
    stored: Callable[[C], Awaitable[list[object]]],
    opened: Callable[[SharedDatabase, str], C],
) -> tuple[list[object], list[object]]:
    """Give what memory answers, and what a store in a file of its own does."""
    answers: list[list[object]] = []

    async def both(url: str) -> None:
        # Nothing is returned: `asyncio.run` of Python 3.11 describes the task with all it gives, only to throw the text away.
        store = opened(share_database(url), url)
        try:
            answers.extend((await remembered(), await stored(store)))
        finally:
            await store.close()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "eilbote.db"
        path.write_bytes(_made())
        asyncio.run(both(f"sqlite:///{path}"))
    ours, theirs = answers
    return ours, theirs


@cache
def _made() -> bytes:
    """Give a file that has the tables already."""

    async def make(url: str) -> None:
        handle = share_database(url).handle()
        await handle.open()
        await handle.close()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "eilbote.db"
        asyncio.run(make(f"sqlite:///{path}"))
        return path.read_bytes()
