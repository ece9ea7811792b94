"""``eilbote send --into DIR``: the message becomes a file, for a look at it or for another program to send."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.receipt_view import show_receipt
from eilbote.connections.connection import Connection
from eilbote.engine.file_transport import FileTransport
from eilbote.engine.mailer import Mailer
from eilbote.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.cli.screen import Screen
    from eilbote.model.address import Mailbox
    from eilbote.model.draft import Draft
    from eilbote.model.receipt import Receipt


def store(draft: Draft, default_from: Mailbox | None, directory: Path, screen: Screen) -> None:
    """Write the message and its envelope into the directory, which is made if it is not there; send nothing.

    Raises:
        DraftError: The draft cannot be sent as it is.
        SettingsError: There is no From, or the directory cannot be written to.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except FileExistsError as fault:
        raise SettingsError(
            f"{str(directory)!r} is not a directory",
            field="directory",
            cause="A file of that name is there",
            remedy="Choose another name",
        ) from fault
    except (OSError, ValueError) as fault:
        raise SettingsError(
            f"cannot store messages in {str(directory)!r}",
            field="directory",
            cause=fault.strerror if isinstance(fault, OSError) else str(fault),
            remedy="Choose a directory that this user may write to",
        ) from fault
    receipt = asyncio.run(_store(draft, default_from, directory))
    with outliving_lost_output():
        show_receipt(receipt, screen)
    screen.note("nothing was sent; the message and its envelope were written to files")


async def _store(draft: Draft, default_from: Mailbox | None, directory: Path) -> Receipt:
    # The transport goes nowhere: of the connection only the default author matters.
    nowhere = Connection(host="localhost", default_from=default_from)
    async with Mailer(nowhere, transport=FileTransport(directory)) as mailer:
        return await mailer.send(draft)
