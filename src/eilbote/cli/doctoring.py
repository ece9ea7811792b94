"""What ``eilbote doctor`` does: look at everything a server needs, and tell all of it, not the first fault alone."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from eilbote.app import Eilbote
from eilbote.cli.at_desk import is_absent, read_settings
from eilbote.cli.check_machine import (
    LAST_BACKUP,
    check_backup,
    check_clock,
    check_folder,
    check_open_files,
    check_private_files,
    check_room,
)
from eilbote.cli.check_outbox import check_connections, check_entries, check_keys, check_way_out
from eilbote.cli.check_server import (
    check_capture,
    check_certificate,
    check_proxies,
    check_public_address,
    check_relay,
)
from eilbote.cli.diagnosis import Diagnosis, Verdict
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import counted, printable
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import EilboteError
from eilbote.model.moment import as_datetime
from eilbote.outbox.store import EntryFilter
from eilbote.store.key_ring import FILE_VARIABLE

if TYPE_CHECKING:
    from datetime import datetime

    from eilbote.cli.screen import Screen
    from eilbote.config.config import Config

_WIDTH: Final = 9


def examine(screen: Screen, *, with_connections: bool, offline: bool, data_dir: Path | None) -> None:
    """Look at everything.

    Raises:
        typer.Exit: There is a problem (1).
    """
    found = Diagnosis()
    try:
        config = read_settings(data_dir, screen)
    except EilboteError as fault:
        found.fault("settings", fault)
    else:
        found.well("settings", "They can be used.")
        asyncio.run(_examine(found, config, with_connections=with_connections, offline=offline))
    with outliving_lost_output():
        _tell(found, screen)
    if found.count(Verdict.PROBLEM):
        raise typer.Exit(ExitCode.FAILED)


async def _examine(found: Diagnosis, config: Config, *, with_connections: bool, offline: bool) -> None:
    now = SystemClock().now()
    check_folder(found, config.data_dir)
    check_private_files(found, config.data_dir, *key_files(config))
    check_room(found, config.data_dir)
    check_open_files(found)
    latest = await _examine_outbox(found, config, with_connections=with_connections)
    check_clock(found, now, latest=latest)
    if not is_absent(config):
        check_backup(found, config.data_dir, now)
    check_capture(found, config.capture)
    check_proxies(found, config)
    check_relay(found, config.relay)
    check_certificate(found, config.relay.tls_certificate, config.relay.tls_key, now=now)
    if not offline:
        await check_public_address(found, config.public_url)


async def _examine_outbox(found: Diagnosis, config: Config, *, with_connections: bool) -> datetime | None:
    """Look at the outbox; gives when its newest message was accepted."""
    if is_absent(config):
        found.warn(
            "database", "There is no outbox yet.", "It is made with the first message, or by 'eilbote serve'"
        )
        return None
    try:
        async with Eilbote(config=config) as eilbote:
            latest = await check_entries(found, eilbote)
            await check_keys(found, eilbote)
            await check_way_out(found, eilbote)
            if with_connections:
                await check_connections(found, eilbote)
    except EilboteError as fault:
        found.fault("database", fault)
        return None
    return latest


async def look_before_serving(eilbote: Eilbote) -> Diagnosis:
    """Look at what a server should be told of when it begins: only what is quickly seen, and asks nobody over the network."""
    found, config, now = Diagnosis(), eilbote.config, eilbote.clock.now()
    check_private_files(found, config.data_dir, *key_files(config))
    check_room(found, config.data_dir)
    newest = await eilbote.store.entries(EntryFilter(), limit=1)
    check_clock(found, now, latest=as_datetime(newest[0].accepted) if newest else None)
    if (config.data_dir / LAST_BACKUP).exists():  # who has never made one is told by the doctor
        check_backup(found, config.data_dir, now)
    check_proxies(found, config)
    check_relay(found, config.relay)
    check_certificate(found, config.relay.tls_certificate, config.relay.tls_key, now=now)
    await check_way_out(found, eilbote)
    return found


def key_files(config: Config) -> list[Path]:
    """Give the files with keys that the settings and the environment name."""
    named = (config.relay.tls_key or config.relay.tls_certificate, os.environ.get(FILE_VARIABLE, ""))
    return [Path(each) for each in named if each]


def _tell(found: Diagnosis, screen: Screen) -> None:
    problems, warnings = found.count(Verdict.PROBLEM), found.count(Verdict.WARNING)
    if screen.as_json:
        screen.data({"ok": not problems, "found": [asdict(each) for each in found.found]})
        return
    for each in found.found:
        word = f"{each.verdict.value:<{_WIDTH}}"
        is_bad = each.verdict is Verdict.PROBLEM
        screen.text(
            typer.style(word, bold=True) + printable(f"{each.about}: {each.text}")
            if is_bad
            else word + printable(f"{each.about}: {each.text}")
        )
        if each.remedy:
            screen.text(" " * _WIDTH + printable(each.remedy))
    screen.text(f"{counted(problems, 'problem')}, {counted(warnings, 'warning')}")
