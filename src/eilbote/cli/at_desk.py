"""How a command comes to the outbox: it is open for one piece of work, and closed behind it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from eilbote.cli.outbox_options import NAMES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.config.config import Config

_T = TypeVar("_T")


def read_settings(data_dir: Path | None, screen: Screen) -> Config:
    """Read the settings, ``--data-dir`` before all.

    Raises:
        SettingsError: One cannot be used.
    """
    from eilbote.config.reading import read_config

    screen.names |= {name: option for name, option in NAMES.items() if name not in screen.names}
    return read_config(data_dir=data_dir)


def at_desk(
    work: Callable[[Eilbote], Awaitable[_T]],
    *,
    data_dir: Path | None,
    screen: Screen,
    makes: bool = False,
    quietly: bool = False,
) -> _T:
    """Do a piece of work at the outbox.

    Args:
        work: What to do.
        data_dir: What ``--data-dir`` said.
        screen: Where notes go.
        makes: The outbox is made when there is none. Otherwise nothing is made: the work finds an empty one, and a note says
            where it was looked for.
        quietly: The work can do without an outbox, so its absence is not worth a note.

    Raises:
        EilboteError: The settings cannot be used, the outbox cannot be opened, or the work failed.
    """
    config = read_settings(data_dir, screen)
    return asyncio.run(_work(work, config, None if quietly else screen, makes=makes))


def at_connections(work: Callable[[Eilbote], Awaitable[_T]], *, data_dir: Path | None, screen: Screen) -> _T:
    """Do a piece of work with connections and settings alone; the outbox stays closed.

    A connection of the environment can so be used and tested whatever state the database is in.

    Args:
        work: What to do; nothing in it asks about entries.
        data_dir: What ``--data-dir`` said.
        screen: Knows what settings are called here.

    Raises:
        EilboteError: The settings cannot be used, or the work failed.
    """
    config = read_settings(data_dir, screen)

    async def alone() -> _T:
        eilbote = _made(config, makes=False)
        try:
            return await work(eilbote)
        finally:
            await eilbote.records.close()

    return asyncio.run(alone())


def _made(config: Config, *, makes: bool) -> Eilbote:
    """Give an outbox; one in memory when there is none and none is to be made."""
    from eilbote.app import Eilbote

    if makes or not is_absent(config):
        return Eilbote(config=config, author="cli")
    from eilbote.store.memory_outbox import MemoryOutbox

    return Eilbote(config=config, store=MemoryOutbox())


async def _work(
    work: Callable[[Eilbote], Awaitable[_T]], config: Config, screen: Screen | None, *, makes: bool
) -> _T:
    if screen is not None and not makes and is_absent(config):
        screen.note(
            f"eilbote: there is no outbox in {config.data_dir} yet; it is made with the first message"
        )
    async with _made(config, makes=makes) as eilbote:
        return await work(eilbote)


def is_absent(config: Config) -> bool:
    """Tell whether the outbox is a file that is not there yet."""
    from eilbote.store.open_store import sqlite_path

    url = config.database_url.reveal()
    return url.startswith("sqlite:") and not sqlite_path(url).exists()
