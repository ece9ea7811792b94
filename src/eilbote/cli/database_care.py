"""What ``eilbote db`` does once everything is read: call the store's own care, and tell what came of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from eilbote.cli.at_desk import is_absent, read_settings
from eilbote.cli.check_machine import LAST_BACKUP
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.faults import UnreadableFileError
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.outbox_chart import octets_text
from eilbote.cli.printable import counted, printable
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import SettingsError
from eilbote.model.moment import Moment, moment_of
from eilbote.store.open_store import is_postgres, open_store, sqlite_path

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.cli.screen import Screen
    from eilbote.config.config import Config
    from eilbote.store.check import CheckReport
    from eilbote.store.copies import Manifest, Restored


def upgrade(screen: Screen, *, if_any: bool, data_dir: Path | None) -> None:
    """Bring the database up to date.

    Args:
        screen: Where it is told.
        if_any: Whether it is no fault that there is none.
        data_dir: Where it lies.

    Raises:
        OutboxError: It cannot be.
    """
    from eilbote.store.revision import HEAD
    from eilbote.store.upgrade import upgrade_database

    config = read_settings(data_dir, screen)
    if if_any and is_absent(config):
        if screen.as_json:
            screen.data({"found": None, "now": HEAD, "changed": False})
        else:
            screen.text("nothing to do: there is no outbox yet")
        return
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
    config = read_settings(data_dir, screen)
    report = asyncio.run(_look_over(config))
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
        kept = "database" if _server(config) else "folder"
        screen.note(
            f"eilbote: {counted(len(report.faults), 'fault')}; go back to the last good copy with "
            f"`eilbote db restore`, and keep the damaged {kept}"
        )
        raise typer.Exit(ExitCode.FAILED)


def backup(target: Path, screen: Screen, *, data_dir: Path | None) -> None:
    """Make a copy.

    Raises:
        OutboxError: It cannot be made; then there is none.
    """
    config = read_settings(data_dir, screen)
    manifest = asyncio.run(_copy(config, target))
    with suppress(OSError):  # the copy is there, whoever may write a note of it
        (config.data_dir / LAST_BACKUP).touch(mode=0o600)
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
        UnreadableFileError: There is no such folder.
        OutboxError: It is none, or is damaged, or there is an outbox already.
    """
    if not source.is_dir():
        raise UnreadableFileError(
            f"there is no folder {str(source)!r}",
            field="source",
            remedy="Name a folder that `eilbote db backup` has made",
        )
    config = read_settings(data_dir, screen)
    restored = asyncio.run(_bring_back(config, source))
    manifest, where = restored.manifest, _where(config)
    with outliving_lost_output():
        if screen.as_json:
            screen.data(
                {
                    "database" if _server(config) else "data_dir": where,
                    "made": manifest.made,
                    "entries": manifest.entries,
                    "held": restored.held,
                    "held_runs": restored.held_runs,
                    "held_instances": restored.held_instances,
                    "upgraded": restored.upgraded,
                }
            )
        else:
            entries = counted(manifest.entries, "entry", "entries")
            screen.text(f"restored {entries} as of {manifest.made} into {where}")
    if restored.held:
        screen.note(
            f"{counted(restored.held, 'entry', 'entries')} not finished then may have been sent since, and so held back. "
            "Look at them with `eilbote outbox list --state held`, then `eilbote outbox release` or `cancel` them"
        )
    if restored.held_runs:
        screen.note(
            f"{counted(restored.held_runs, 'run')} of flows not finished then may have gone on since, and so held back. "
            "Look at them with `eilbote flow runs`, then `eilbote flow resume` or `cancel` each by its id"
        )
    if restored.held_instances:
        screen.note(
            f"{counted(restored.held_instances, 'process instance')} not finished then may have gone on since, and so held back. "
            "Look at them with `eilbote process instances --held-back`, then `eilbote process resume` or `cancel` each by its id"
        )


def _now() -> Moment:
    return moment_of(SystemClock().now())


# -- by the database it is kept in ---------------------------------------------------------------------------------


async def _look_over(config: Config) -> CheckReport:
    server = _server(config)
    if server is not None:
        from eilbote.store import postgres_check

        return await postgres_check.check(server)
    from eilbote.store import check as file_check

    return await file_check.check(_file(config), config.blobs_dir)


async def _copy(config: Config, target: Path) -> Manifest:
    server = _server(config)
    if server is not None:
        from eilbote.store import postgres_backup

        return await postgres_backup.backup(server, target, now=_now())
    from eilbote.store import backup as file_backup

    return await file_backup.backup(_file(config), config.blobs_dir, target, now=_now())


async def _bring_back(config: Config, source: Path) -> Restored:
    server = _server(config)
    if server is not None:
        from eilbote.store import postgres_backup

        return await postgres_backup.restore(source, server, now=_now())
    from eilbote.store import backup as file_backup

    file = _file(config)
    if file.parent != config.data_dir or file.name != "eilbote.db":
        raise SettingsError(
            "the database is kept outside the data folder",
            field=config.origins.get("database_url", "EILBOTE_DATABASE_URL"),
            remedy=f"Restore without it, into --data-dir, then move eilbote.db to {file}",
        )
    return await file_backup.restore(source, config.data_dir, now=_now())


def _server(config: Config) -> str | None:
    """Give the database's URL if a server keeps it.

    Raises:
        SettingsError: The URL names no database, or the server's driver is not installed.
    """
    url = config.database_url.reveal()
    open_store(url)  # refuses what cannot be used; opens nothing
    return url if is_postgres(url) else None


def _file(config: Config) -> Path:
    """Give the database's file."""
    return sqlite_path(config.database_url.reveal())


def _where(config: Config) -> str:
    """Say for people where the outbox is."""
    server = _server(config)
    if server is None:
        return str(config.data_dir)
    from eilbote.store.postgres_url import without_password

    return without_password(server)
