"""Reads secrets from files: those that ``<NAME>_FILE`` variables name, and those that are mounted into a folder.

No error text holds what is in a file. A file is known by its time, size and number, so that whoever reads it every second
notices a change without reading it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.errors import SettingsError
from eilbote.model.secret import Secret
from eilbote.store.regular_file import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST: Final = 64 * 1024
_FILE: Final = "_FILE"
Signature: TypeAlias = tuple[int, int, int] | None
"""What tells one state of a file from another; ``None`` for a file that is not there."""


def file_variable(variable: str) -> str:
    """Give the variable that names a file in place of one that holds a value."""
    return variable + _FILE


def named_file(environ: Mapping[str, str], variable: str) -> Path | None:
    """Give the file that holds what a variable would, or ``None`` when none is named.

    Raises:
        SettingsError: The variable itself is set as well.
    """
    name = environ.get(file_variable(variable), "").strip()
    if not name:
        return None
    if environ.get(variable):
        raise SettingsError(
            f"{variable} is set as well",
            field=file_variable(variable),
            remedy="Keep one of the two: the file for secrets",
        )
    return Path(name).expanduser()


def read_secret_file(file: Path, *, field: str) -> Secret:
    """Give what a file holds, without the line break at its end.

    Args:
        file: The file.
        field: The variable that names it, for errors.

    Raises:
        SettingsError: It cannot be read, is empty, too large or not UTF-8; ``field`` is in it.
    """
    try:
        text = read_regular(file, most=_LARGEST).decode("utf-8-sig")
    except OSError as fault:
        raise _refusal(file, field, fault.strerror or "It cannot be opened") from None
    except UnicodeDecodeError:
        raise _refusal(file, field, "It is not UTF-8") from None
    return Secret(text.removesuffix("\n").removesuffix("\r"))


def signature_of(file: Path) -> Signature:
    """Tell one state of a file from another; cheap enough for every second."""
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _refusal(file: Path, field: str, cause: str) -> SettingsError:
    return SettingsError(
        f"the secret in {str(file)!r} cannot be read",
        field=field,
        cause=cause,
        remedy="Name a file that this user may read and that holds the value alone",
    )
