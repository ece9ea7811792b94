"""The way out into files as programs use it: with the clock of the machine and random names, unless told otherwise."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from eilbote.deliver import file_transport
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import SettingsError
from eilbote.model.kinds import check_kind

if TYPE_CHECKING:
    from eilbote.model.clock import Clock
    from eilbote.model.ids import IdSource


class FileTransport(file_transport.FileTransport):
    """A way out into a directory instead of to a server, for dry runs and for looking at what would be sent.

    Each message becomes ``NAME.eml``, octet by octet as it would travel, and ``NAME.json`` with its envelope, because
    the header does not tell who gets it. The ``.eml`` appears when both are complete.

    ::

        async with Mailer("smtp://localhost", transport=FileTransport("outgoing")) as mailer:
            await mailer.send(draft)

    Args:
        directory: Where to; it must exist.
        clock: Tells the time, which begins the file names; the machine's when ``None``.
        ids: Makes the rest of the names; random when ``None``.

    Raises:
        SettingsError: The directory does not exist.
    """

    def __init__(
        self, directory: str | os.PathLike[str], *, clock: Clock | None = None, ids: IdSource | None = None
    ) -> None:
        check_kind(directory, (str, os.PathLike), field="directory", fault=SettingsError)
        try:
            super().__init__(Path(directory), clock=clock or SystemClock(), ids=ids or RandomIds())
        except OSError as fault:  # a name that no directory can have, or one that this user may not look at
            raise SettingsError(
                "the directory cannot be used",
                field="directory",
                cause=fault.strerror,
                remedy="Name another one, which this user may write to",
            ) from fault
