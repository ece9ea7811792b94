"""What ``eilbote db`` does once everything is read: call the store's own care, and tell what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from eilbote.cli.at_desk import read_settings
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.outbox_chart import octets_text
from eilbote.cli.printable import counted, printable
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import SettingsError
from eilbote.model.moment import Moment, moment_of
from eilbote.store.open_store import open_store, sqlite_path

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.cli.screen import Screen
    from eilbote.config.config import Config


def upgrade(screen: Screen, *, data_dir: Path | None) -> None:
    """Bring the database up to date.

    Raises:
        OutboxError: It cannot be.
    """
    from eilbote.store.upgrade import upgrade_database

    config = read_settings(data_dir, screen)
    upgraded = asyncio.run(upgrade_database(config.database_url.reveal()))
    if screen.as_json:
        screen.data({"found": upgraded.found, "now": upgraded.now, "changed": upgraded.changed})
    elif upgraded.changed:
        screen.text(f"upgraded from {upgraded.found or 'an unfinished form'} to {upgraded.now}")
    else:
        screen.text(f"nothing to do: the database is of form {upgraded.now}, which is this eilbote's")


def check(screen: Screen, *, data_dir: Path | None) -> None:
    """Look everything over.

    Raises:
        OutboxError: It cannot be read at all.
        typer.Exit: Something is wrong (1).
    """
    from eilbote.store.check import check as look_over

    config = read_settings(data_dir, screen)
    report = asyncio.run(look_over(_file(config, "looked over"), config.blobs_dir))
    with outliving_lost_output():
        if screen.as_json:
            screen.data({"ok": not report.faults, **asdict(report)})
        else:
            for fault in report.faults:
                screen.text(printable(fault))
            if not report.faults:
                parts = counted(report.blobs, "large part")
                screen.text(f"all is well: {counted(report.entries, 'entry', 'entries')}, {parts}")
    if report.faults:
        screen.note(
            f"eilbote: {counted(len(report.faults), 'fault')}; go back to the last good copy with "
            "`eilbote db restore`, and keep the damaged folder"
        )
        raise typer.Exit(ExitCode.FAILED)


def backup(target: Path, screen: Screen, *, data_dir: Path | None) -> None:
    """Make a copy.

    Raises:
        OutboxError: It cannot be made; then there is none.
    """
    from eilbote.store.backup import backup as copy

    config = read_settings(data_dir, screen)
    manifest = asyncio.run(copy(_file(config, "copied"), config.blobs_dir, target, now=_now()))
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    with outliving_lost_output():
        if screen.as_json:
            told = asdict(manifest) | {"blobs": len(manifest.blobs)}
            screen.data({"target": str(target), **told, "octets": size})
        else:
            entries = counted(manifest.entries, "entry", "entries")
            screen.text(
                f"copied {entries} ({manifest.waiting:,} not finished), {octets_text(size)}, to {target}"
            )


def restore(source: Path, screen: Screen, *, data_dir: Path | None) -> None:
    """Make an outbox of a copy.

    Raises:
        OutboxError: It is none, or is damaged, or there is an outbox already.
    """
    from eilbote.store.backup import restore as bring_back

    config = read_settings(data_dir, screen)
    file = _file(config, "restored")
    if file.parent != config.data_dir or file.name != "eilbote.db":
        raise SettingsError(
            "the database is kept outside the data folder",
            field=config.origins.get("database_url", "EILBOTE_DATABASE_URL"),
            remedy=f"Restore without it, into --data-dir, then move eilbote.db to {file}",
        )
    restored = asyncio.run(bring_back(source, config.data_dir, now=_now()))
    manifest = restored.manifest
    with outliving_lost_output():
        if screen.as_json:
            screen.data(
                {
                    "data_dir": str(config.data_dir),
                    "made": manifest.made,
                    "entries": manifest.entries,
                    "held": restored.held,
                    "upgraded": restored.upgraded,
                }
            )
        else:
            entries = counted(manifest.entries, "entry", "entries")
            screen.text(f"restored {entries} as of {manifest.made} into {config.data_dir}")
    if restored.held:
        screen.note(
            f"{counted(restored.held, 'entry', 'entries')} not finished then may have been sent since, and so held back. "
            "Look at them with `eilbote outbox list --state held`, then `eilbote outbox release` or `cancel` them"
        )


def _now() -> Moment:
    return moment_of(SystemClock().now())


def _file(config: Config, what: str) -> Path:
    """Give the database's file.

    Raises:
        SettingsError: The outbox is kept in another database.
    """
    url = config.database_url.reveal()
    if not url.startswith("postgres"):
        open_store(url)  # refuses what names no database; opens nothing
        return sqlite_path(url)
    raise SettingsError(
        f"only an outbox in a file is {what} by eilbote",
        field=config.origins.get("database_url", "EILBOTE_DATABASE_URL"),
        cause="This one is kept by a database server, large parts included, which has tools of its own",
        remedy="Use those of the server, such as pg_dump and pg_restore",
    )
