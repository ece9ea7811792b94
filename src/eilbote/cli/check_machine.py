"""What ``eilbote doctor`` looks at on the machine: the data folder, room on its disk, the keys' files, open files, the clock, copies."""

from __future__ import annotations

import os
import shutil
import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from eilbote.cli.outbox_chart import octets_text
from eilbote.cli.printable import counted

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.cli.diagnosis import Diagnosis

_MEBIBYTE: Final = 1024 * 1024
LEAST_ROOM: Final = 200 * _MEBIBYTE
"""With less a few large messages fill the disk."""
LITTLE_ROOM: Final = 2048 * _MEBIBYTE
LAST_BACKUP: Final = "last-backup"
"""The file in the data folder whose time is that of the latest copy."""
_OLD_BACKUP: Final = timedelta(days=7)
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_LEAST_FILES: Final = 1024
_EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)


def check_folder(found: Diagnosis, folder: Path) -> None:
    """See whether the data folder can be used, and by nobody else."""
    about = "data folder"
    try:
        mode = folder.stat()
    except FileNotFoundError:
        found.warn(
            about,
            f"There is no {folder} yet.",
            "It is made with the first message, or by 'eilbote serve'; if it should be there, name it by EILBOTE_DATA_DIR",
        )
        return
    except OSError as fault:
        found.problem(
            about, f"{folder} cannot be looked at: {fault.strerror}", "Run this as the server's user"
        )
        return
    if not stat.S_ISDIR(mode.st_mode):
        found.problem(about, f"{folder} is no folder.", "Name another by EILBOTE_DATA_DIR")
    elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        found.problem(
            about,
            f"This user may not write to {folder}.",
            f"Run this as the server's user, or: chown -R USER {folder}",
        )
    elif mode.st_mode & _OTHERS:
        found.warn(about, f"Others may look into {folder}: it holds mail.", f"chmod 0700 {folder}")
    else:
        found.well(about, f"{folder} belongs to this user alone.")


def check_private_files(found: Diagnosis, folder: Path, *elsewhere: Path) -> None:
    """See whether files with secrets are closed to others.

    Args:
        found: Where it is told.
        folder: The data folder.
        elsewhere: Files with keys that the settings name.
    """
    inside = [file for file in sorted(folder.glob("*")) if _is_secret(file)]
    for file in dict.fromkeys((*inside, *elsewhere)):
        try:
            mode = file.stat().st_mode
        except OSError:
            continue
        if file in inside and mode & _OTHERS:
            found.warn("permissions", f"Others may read {file}.", f"chmod 0600 {file}")
        elif (
            mode & stat.S_IRWXO
        ):  # the group of a certificate's key is often that of the servers that may have it
            found.warn("permissions", f"Everybody may read {file}.", f"chmod o= {file}")


def check_backup(found: Diagnosis, folder: Path, now: datetime) -> None:
    """See whether the latest copy is too old; whoever copies in another way notes it as ``eilbote db backup`` does."""
    about, note = "backup", folder / LAST_BACKUP
    remedy = f"Run 'eilbote db backup FOLDER' every night; after copies made in another way: touch {note}"
    try:
        made = datetime.fromtimestamp(note.stat().st_mtime, UTC)
    except OSError:
        found.warn(about, "No copy of this outbox is known.", remedy)
        return
    age = now - made
    if age > _OLD_BACKUP:
        found.warn(
            about, f"The latest copy was made on {made:%Y-%m-%d}, {counted(age.days, 'day')} ago.", remedy
        )
    else:
        found.well(about, f"The latest copy was made at {made.isoformat(timespec='seconds')}.")


def check_room(found: Diagnosis, folder: Path) -> None:
    """See how much room there is where the outbox lies."""
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    try:
        usage = shutil.disk_usage(there)
    except OSError as fault:
        found.problem("disk", f"Room in {there} cannot be told: {fault.strerror}", "Look at the file system")
        return
    text = f"{octets_text(usage.free)} of {octets_text(usage.total)} are free in {there}."
    remedy = "Make room, keep finished messages for a shorter time (retention.days), or move the data folder"
    if usage.free < LEAST_ROOM:
        found.problem("disk", f"{text} Submissions will be refused soon.", remedy)
    elif usage.free < LITTLE_ROOM:
        found.warn("disk", text, remedy)
    else:
        found.well("disk", text)


def check_open_files(found: Diagnosis) -> None:
    """See how many files and connections a process may have open."""
    try:
        from resource import RLIMIT_NOFILE, getrlimit
    except ImportError:  # not on this system
        return
    most, _ = getrlimit(RLIMIT_NOFILE)
    if most < _LEAST_FILES:
        found.warn(
            "open files",
            f"A process may have {most:,} files and connections open.",
            "Raise it: LimitNOFILE=65536 in the unit, or ulimit -n 65536",
        )
    else:
        found.well("open files", f"A process may have {most:,} open.")


def check_clock(found: Diagnosis, now: datetime, *, latest: datetime | None) -> None:
    """See whether the clock can be right.

    Args:
        found: Where it is told.
        now: What the clock says.
        latest: When the last thing happened that the outbox knows of.
    """
    remedy = "Let the machine keep its time by NTP, as with systemd-timesyncd or chrony"
    if now < _EARLIEST:
        found.problem(
            "clock", f"It is said to be {now:%Y-%m-%d}: certificates and tokens look wrong.", remedy
        )
    elif latest is not None and latest > now:
        found.problem(
            "clock", f"Something has happened at {latest.isoformat()}, which is later than now.", remedy
        )
    else:
        found.well("clock", f"It is {now.isoformat(timespec='seconds')}.")


def _is_secret(file: Path) -> bool:
    return file.name == "connections.toml" or file.suffix in {".db", ".keys"}
