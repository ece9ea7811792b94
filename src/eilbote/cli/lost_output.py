"""What happens when stdout cannot be written: a full disk, a reader that has gone.

What was done stays done. A message that the server took is not a failure because nobody could be told, and a script
that took it for one would send the message again.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Generator

_OUTPUT = frozenset({errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


@contextmanager
def outliving_lost_output() -> Generator[None]:
    """Go on behind the block when the output written in it is lost, having said so on stderr."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as fault:
        tell_lost_output(fault)


def is_lost_output(fault: OSError) -> bool:
    """Tell whether a fault comes from writing to stdout: it names no file, and is one of those that streams have."""
    return fault.filename is None and fault.errno in _OUTPUT


def tell_lost_output(fault: OSError) -> None:
    """Say on stderr that the output is lost, and let whatever else is written to stdout vanish."""
    with suppress(OSError):
        typer.echo(f"eilbote: the output cannot be written: {fault.strerror or fault}", err=True)
    with suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device
        # Otherwise the interpreter flushes what is left when it ends, fails, and exits with a code of its own.
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
