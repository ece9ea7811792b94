"""What ``eilbote keys`` does once everything is read: open the records without asking for their keys, and put these in order."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

from eilbote.cli.as_given import not_valid
from eilbote.cli.at_desk import is_absent, read_settings
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import counted, printable
from eilbote.errors import SettingsError
from eilbote.store.open_records import records_of
from eilbote.store.open_store import sqlite_path
from eilbote.store.sqlite_faults import no_outbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from eilbote.cli.screen import Screen
    from eilbote.settings.records import KeyKeeper

T = TypeVar("T")


def list_keys(screen: Screen, *, data_dir: Path | None) -> None:
    """Write every key that is known or needed.

    Raises:
        EilboteError: There is no database, or it or the keys cannot be read.
    """
    keys = _with_keys(lambda keeper: keeper.keys(), data_dir, screen)
    with outliving_lost_output():
        for key in keys:
            if screen.as_json:
                screen.line(asdict(key))
                continue
            use = "encrypts" if key.encrypts else "former" if key.secrets else "not used"
            place = printable(key.place) if key.place else "MISSING"
            screen.text(f"{key.id:<16}  {use:<8}  {counted(key.secrets, 'secret'):>14}  {place}")
        if not keys and not screen.as_json:
            screen.note("there is no key yet; one is made with the first secret that is stored")
    for key in keys:
        if not key.place:
            screen.note(
                f"eilbote: {counted(key.secrets, 'secret')} cannot be read without the key {key.id}: put it back, "
                f"or give them up with `eilbote keys abandon {key.id}`"
            )


def rotate(screen: Screen, *, data_dir: Path | None) -> None:
    """Encrypt everything anew.

    Raises:
        EilboteError: No key can be made, or one is missing, or the database does not answer.
    """
    done = _with_keys(lambda keeper: keeper.rotate(), data_dir, screen, makes=True)
    with outliving_lost_output():
        if screen.as_json:
            screen.data(asdict(done))
        else:
            what = "went on with" if done.resumed else "encrypted with"
            screen.text(f"{what} the key {done.key_id}: {counted(done.secrets, 'secret')}")
    if done.former:
        screen.note(
            f"Nothing needs {', '.join(done.former)} any more but older copies of the database: keep it with them, then "
            f"run `eilbote keys retire {done.former[0]}`. Keep a copy of the new key, which is in {done.place}"
        )


def retire(key_id: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Throw a key away.

    Raises:
        EilboteError: There is none of that id, or it is needed, or the database does not answer.
    """
    removed = _with_keys(lambda keeper: _known(keeper, key_id, keeper.retire), data_dir, screen)
    with outliving_lost_output():
        if screen.as_json:
            screen.data({"id": key_id, "removed": removed})
        elif removed:
            screen.text(f"{printable(key_id)}: thrown away")
        else:
            screen.text(f"{printable(key_id)}: nothing needs it; take its line out of EILBOTE_SECRET_KEYS")


def abandon(key_id: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Give up the secrets of a lost key.

    Raises:
        EilboteError: Nothing is encrypted with it, or it is not lost, or the database does not answer.
    """
    secrets = _with_keys(lambda keeper: _known(keeper, key_id, keeper.abandon), data_dir, screen)
    with outliving_lost_output():
        if screen.as_json:
            screen.data({"id": key_id, "secrets": secrets})
        else:
            screen.text(f"{printable(key_id)}: {counted(secrets, 'secret')} given up; enter them again")


async def _known(keeper: KeyKeeper, key_id: str, work: Callable[[str], Awaitable[T]]) -> T:
    """Do something with a key; that there is none of its name is told otherwise than that it is needed."""
    try:
        return await work(key_id)
    except SettingsError as fault:
        if key_id in {each.id for each in await keeper.keys()}:
            raise
        raise not_valid(fault) from None


def _with_keys(
    work: Callable[[KeyKeeper], Awaitable[T]], data_dir: Path | None, screen: Screen, *, makes: bool = False
) -> T:
    config = read_settings(data_dir, screen)
    url = config.database_url.reveal()
    if not makes and is_absent(config):
        raise no_outbox(sqlite_path(url))
    records = records_of(
        url, data_dir=config.data_dir, environment=os.environ, busy_seconds=config.busy_seconds
    )

    async def run() -> T:
        await records.open(check_keys=False)  # whoever has lost a key must get in
        try:
            return await work(records.keys)
        finally:
            await records.close()

    return asyncio.run(run())
