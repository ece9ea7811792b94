"""Reads small files that people name: nothing but files, and no more of them than they may hold.

A pipe in the place of a file would keep whoever opens it waiting for ever, with the whole program; a device has no end.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def read_regular(path: Path, *, most: int) -> bytes:
    """Give what a file holds.

    Args:
        path: The file, or a link to it.
        most: Octets it may have.

    Raises:
        OSError: It cannot be opened, is no file but a folder, a pipe or a device, or has more octets.
    """
    # Without waiting for the other end of a pipe; what was opened is looked at, not what has that name by then.
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(errno.EINVAL, "It is no file", str(path))
    with os.fdopen(number, "rb") as opened:
        octets = opened.read(most + 1)
    if len(octets) > most:
        raise OSError(errno.EFBIG, f"It is larger than {most:,} octets", str(path))
    return octets
