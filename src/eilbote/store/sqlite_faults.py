"""What SQLite's complaints mean: whether trying again helps, and what somebody has to do.

Result codes: https://sqlite.org/rescode.html; the low octet is the primary one.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from eilbote.errors import OutboxError, OutboxUnavailableError
from eilbote.store.writer import Fault

if TYPE_CHECKING:
    from pathlib import Path

_LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_PASSING: Final = {
    sqlite3.SQLITE_FULL: "Free some space on its disk",
    sqlite3.SQLITE_IOERR: "Look at the disk and at the kernel's log",
    sqlite3.SQLITE_CANTOPEN: "See that its folder exists and may be written to, and that files can still be opened",
    sqlite3.SQLITE_READONLY: "See that the file, its folder and its file system may be written to",
    sqlite3.SQLITE_NOMEM: "Give the process more memory",
    sqlite3.SQLITE_PROTOCOL: "See that it lies on a local disk, not on a network file system",
}
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
MEND: Final = (
    "Stop everything that uses it, then run `eilbote db check`; restore a backup with `eilbote db restore`"
)


def primary_code(error: BaseException) -> int:
    """Give the primary result code; 0 when SQLite did not say one."""
    code: object = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF if isinstance(code, int) else 0


def fault_of(error: Exception) -> Fault:
    """Sort an exception that came out of a transaction."""
    code = primary_code(error)
    if code in _LOCKED:
        return Fault.LOCKED
    if code in _PASSING:
        return Fault.PASSING
    return Fault.LASTING if code in _DAMAGED else Fault.OWN


def outbox_error(error: Exception, path: str, *, waited: float | None = None) -> Exception:
    """Say an exception of the driver as an error of the outbox; other exceptions stay what they are.

    Args:
        error: What was raised.
        path: The database's file.
        waited: Seconds for which somebody waited for it to pass, if anybody did.
    """
    if isinstance(error, OutboxError):
        return error
    code = primary_code(error)
    waiting = "" if waited is None else f" after {waited:.1f} s of waiting"
    if code in _LOCKED:
        return OutboxUnavailableError(
            f"the outbox {path} is locked{waiting}; nothing was stored",
            cause="Another process holds it for writing",
            remedy="End what holds it (a backup tool, a database browser), then try again",
        )
    if code in _PASSING:
        return OutboxUnavailableError(
            f"the outbox {path} cannot be read or written{waiting}; nothing was stored",
            cause=f"SQLite says: {error}",
            remedy=_PASSING[code],
        )
    if code in _DAMAGED:
        return OutboxError(f"the outbox {path} is damaged", cause=f"SQLite says: {error}", remedy=MEND)
    if isinstance(error, UnicodeEncodeError):
        return OutboxError(
            f"the outbox {path} cannot keep or look for a text as it was given",
            cause="It holds half a character (a lone surrogate), which octets that are not UTF-8 become",
            remedy="Type it again, in a terminal and from files that speak UTF-8",
        )
    if isinstance(error, sqlite3.Error | OverflowError):
        return OutboxError(
            f"the outbox {path} cannot keep this", cause=str(error), remedy="Report it: this is a bug"
        )
    return error


def no_outbox(path: Path) -> OutboxError:
    """Say that there is none, where one was expected."""
    return OutboxError(
        f"there is no outbox {path}",
        cause="It is made when a message is first submitted",
        remedy="Check EILBOTE_DATA_DIR and EILBOTE_DATABASE_URL",
    )
