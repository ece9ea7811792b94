"""What ``eilbote snapshot`` does once everything is read."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from eilbote.cli.at_desk import at_desk
from eilbote.cli.faults import CommandLineError, UnreadableFileError
from eilbote.cli.given_fields import given_here
from eilbote.cli.outbox_chart import octets_text
from eilbote.cli.printable import counted
from eilbote.cli.server import read_password_file
from eilbote.cli.snapshot_view import contents_data, counts, items_data, show_contents, show_items
from eilbote.connections.repository import connection_name
from eilbote.engine.snapshot_archive import LARGEST
from eilbote.engine.snapshot_file import read_snapshot
from eilbote.model.secret import Secret
from eilbote.store.regular_file import read_regular

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.engine.snapshot import Snapshot
    from eilbote.engine.snapshot_plan import Restored


def create(
    file: Path,
    screen: Screen,
    *,
    data_dir: Path | None,
    flows: Sequence[str],
    org: str | None,
    passphrase_file: Path | None,
    asks: bool,
) -> None:
    """Make a snapshot.

    Raises:
        UnreadableFileError: The file is there already, or cannot be written.
        ConfigurationError: There is no such flow, the passphrase is too short, or something that is kept cannot be read.
        OutboxError: The database cannot be used.
    """
    organization = None if org is None else connection_name(org, field="organization")
    if (
        file.exists()
    ):  # told before anybody writes a passphrase; whoever makes it meanwhile is seen when it is written
        raise _unwritable(file, FileExistsError())
    passphrase = _passphrase(passphrase_file, asks=asks, twice=True)

    async def work(eilbote: Eilbote) -> Snapshot:
        with given_here():
            return await eilbote.snapshots.create(
                organization=organization, flows=flows, passphrase=passphrase
            )

    made = at_desk(work, data_dir=data_dir, screen=screen)
    _write(file, made.octets)
    contents = made.contents
    if screen.as_json:
        told = contents_data(contents)
        screen.data({"file": str(file), "octets": len(made.octets), **told, "tokens_dropped": made.tokens})
        return
    screen.text(f"{file}: {counts(contents)}, {octets_text(len(made.octets))}")
    if made.tokens:
        screen.note(
            f"{counted(made.tokens, 'cached access token')} dropped: the next session fetches another one. Refresh tokens stay in use"
        )
    names = [
        *(each.secret_names for each in contents.connections),
        *(each.secret_names for each in contents.settings),
    ]
    if any(names) and not contents.has_secrets:
        screen.note(
            "secrets are left out: whoever restores it enters them again. With --ask-passphrase they come along, sealed"
        )


def show(file: Path, screen: Screen, *, passphrase_file: Path | None, asks: bool) -> None:
    """Tell what is in a snapshot.

    Raises:
        UnreadableFileError: The file cannot be read.
        SettingsError: It is no snapshot, or does not open.
    """
    octets = _read(file)
    passphrase = _passphrase(passphrase_file, asks=asks)
    with given_here():
        contents = read_snapshot(octets, passphrase=passphrase)
    if screen.as_json:
        screen.data({"file": str(file), "octets": len(octets), **contents_data(contents)})
        return
    screen.text(f"{file}: {counts(contents)}, {octets_text(len(octets))}")
    show_contents(contents, screen)


def restore(
    file: Path,
    screen: Screen,
    *,
    data_dir: Path | None,
    org: str | None,
    passphrase_file: Path | None,
    asks: bool,
    replace: bool,
    dry_run: bool,
) -> None:
    """Bring back what a snapshot holds.

    Raises:
        UnreadableFileError: The file cannot be read.
        SettingsError: It is no snapshot, does not open, or something in it cannot be used; nothing was changed.
        OutboxError: The database cannot be used.
    """
    organization = None if org is None else connection_name(org, field="organization")
    octets = _read(file)
    passphrase = _passphrase(passphrase_file, asks=asks)

    async def work(eilbote: Eilbote) -> Restored:
        with given_here():
            return await eilbote.snapshots.restore(
                octets, passphrase=passphrase, organization=organization, replace=replace, dry_run=dry_run
            )

    restored = at_desk(work, data_dir=data_dir, screen=screen, makes=not dry_run, quietly=dry_run)
    if screen.as_json:
        screen.data({"file": str(file), "dry_run": dry_run, "items": items_data(restored)})
        return
    show_items(restored, screen)


# -- files and passphrases -------------------------------------------------------------------------------------


def _passphrase(file: Path | None, *, asks: bool, twice: bool = False) -> Secret | None:
    if file is not None and asks:
        raise CommandLineError(
            "the passphrase is given twice",
            field="--ask-passphrase",
            remedy="Leave out one of --passphrase-file and --ask-passphrase",
        )
    if file is not None:
        return read_password_file(file)
    if not asks:
        return None
    if not sys.stdin.isatty():
        raise CommandLineError(
            "there is nobody to ask: stdin is no terminal",
            field="--ask-passphrase",
            remedy="Give --passphrase-file FILE, with - for stdin",
        )
    from getpass import getpass

    said = getpass("passphrase: ")
    if twice and getpass("again: ") != said:
        raise CommandLineError(
            "the two are not the same", field="--ask-passphrase", remedy="Write it twice in the same way"
        )
    return Secret(said)


def _read(file: Path) -> bytes:
    try:
        return read_regular(file, most=LARGEST)
    except (OSError, ValueError) as fault:
        raise UnreadableFileError(
            f"the file {str(file)!r} cannot be read",
            field="file",
            cause=fault.strerror if isinstance(fault, OSError) else str(fault),
            remedy="Name a snapshot that `eilbote snapshot create` has made",
        ) from fault


def _write(file: Path, octets: bytes) -> None:
    """Write a file that only this user may read; whatever goes wrong, there is none in the end or all of it."""
    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as fault:
        raise _unwritable(file, fault) from fault
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(octets)
            stream.flush()
            os.fsync(number)
    except OSError as fault:
        file.unlink(missing_ok=True)
        raise _unwritable(file, fault) from fault


def _unwritable(file: Path, fault: OSError) -> UnreadableFileError:
    is_there = isinstance(fault, FileExistsError)
    return UnreadableFileError(
        f"{file} is there already" if is_there else f"{file} cannot be written",
        field="file",
        cause=None if is_there else fault.strerror,
        remedy="Name another one" if is_there else "Name a place where this user may write",
    )
