"""Looks into a mailbox now and then: what came back goes to the bounces, everything else is tried as a reply to a process.

A message is marked as looked at when what became of it is on the disk, and not before; whoever is interrupted looks at it again, which
does no harm. Nothing here is ever answered.
"""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from eilbote.engine.bounces import BounceState
from eilbote.errors import EilboteError, OutboxUnavailableError, SettingsError
from eilbote.model.tls import Security, TlsPolicy
from eilbote.net.imap import ImapAccess, ImapSession

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from eilbote.engine.bounces import Bounced
    from eilbote.engine.process.replies import HandedIn
    from eilbote.model.secret import Secret

_LOG: Final = logging.getLogger("eilbote")
_MOST_OCTETS: Final = 25 * 1024 * 1024
_HEADER_OCTETS: Final = 64 * 1024
_LONGEST_PAUSE: Final = 900.0
_LONGEST_FIELDS: Final = 20_000
_ADDRESS: Final = re.compile(r"[^\s<>(),;:\"@]{1,64}@[^\s<>(),;:\"@]{1,255}")
_TO_FIELDS: Final = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxOptions:
    """Which mailbox is looked into, and how.

    Attributes:
        host: The server.
        port: Its port.
        security: ``tls``, ``starttls``, or ``none``.
        user: Who signs in.
        password: Their password.
        folder: Which folder.
        finished_folder: Where messages are moved that were looked at; they stay, marked as read, when it is empty.
        poll_seconds: How often.
        tls: Whom to trust.
    """

    host: str
    port: int = 993
    security: str = "tls"
    user: str = ""
    password: Secret | None = None
    folder: str = "INBOX"
    finished_folder: str = ""
    poll_seconds: float = 60.0
    tls: TlsPolicy = field(default_factory=TlsPolicy)

    def access(self) -> ImapAccess:
        """Give the same for whoever speaks with the server.

        Raises:
            SettingsError: There is no password.
        """
        if self.password is None:
            raise SettingsError(
                "nobody signs in to the mailbox", field="mailbox.password", remedy="Give mailbox.password"
            )
        return ImapAccess(
            host=self.host,
            port=self.port,
            security=Security(self.security),
            user=self.user,
            password=self.password,
            folder=self.folder,
            finished_folder=self.finished_folder,
            tls=self.tls,
        )


class Bounces(Protocol):
    """Takes returned mail."""

    async def take(self, octets: bytes, to: Sequence[str] = ()) -> Bounced:
        """See :meth:`BounceDesk.take <eilbote.engine.bounces.BounceDesk.take>`."""
        ...


class Processes(Protocol):
    """Takes replies."""

    async def hand_in(self, octets: bytes) -> HandedIn:
        """See :meth:`ProcessDesk.hand_in <eilbote.engine.process.process_desk.ProcessDesk.hand_in>`."""
        ...


class Taking(Protocol):
    """What takes what is in the mailbox."""

    @property
    def bounces(self) -> Bounces:
        """Returned mail."""
        ...

    @property
    def processes(self) -> Processes:
        """Replies."""
        ...


@dataclass(slots=True, kw_only=True)
class Looked:
    """What a look has brought.

    Attributes:
        bounces: Notifications that were taken.
        replies: Other messages that were handed to processes.
        left: Messages that cannot be read; they are marked all the same.
    """

    bounces: int = 0
    replies: int = 0
    left: int = 0


@asynccontextmanager
async def polling(eilbote: Taking, options: MailboxOptions) -> AsyncGenerator[None]:
    """Look into a mailbox now and then while the block lasts.

    Args:
        eilbote: Takes what is found.
        options: Which mailbox.

    Raises:
        SettingsError: Nobody could sign in.
    """
    options.access()
    task = asyncio.create_task(_keep_looking(eilbote, options))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def look(eilbote: Taking, options: MailboxOptions) -> Looked:
    """Look into a mailbox once.

    Raises:
        DeliveryError: The server cannot be reached, or does not let us in.
        SettingsError: There is no such folder.
        OutboxUnavailableError: The database does not answer; what was not taken is looked at again.
    """
    found = Looked()
    session = ImapSession(options.access())
    await asyncio.to_thread(session.__enter__)
    try:
        for message in await asyncio.to_thread(session.new):
            octets = await asyncio.to_thread(session.read, message, most=_MOST_OCTETS)
            if octets is None:
                found.left += 1
            else:
                await _take(eilbote, octets, found)
            await asyncio.to_thread(session.finish, message)
    finally:
        await asyncio.to_thread(session.__exit__, None, None, None)
    return found


async def _take(eilbote: Taking, octets: bytes, found: Looked) -> None:
    try:
        bounced = await eilbote.bounces.take(octets, delivered_to(octets))
        if bounced.state is not BounceState.NO_BOUNCE:
            found.bounces += 1
            return
        await eilbote.processes.hand_in(octets)
        found.replies += 1
    except OutboxUnavailableError:
        raise
    except EilboteError as error:  # this message is at fault; it must not stand before the others for ever
        _LOG.warning("a message of the mailbox cannot be taken: %s", error)
        found.left += 1


def delivered_to(octets: bytes) -> tuple[str, ...]:
    """Give the addresses to which a mail came, as its header has them."""
    from email.parser import BytesHeaderParser  # seldom needed, and slow to load

    header = BytesHeaderParser().parsebytes(octets[:_HEADER_OCTETS].partition(b"\r\n\r\n")[0])
    values = [str(value) for name in _TO_FIELDS for value in header.get_all(name, [])][:20]
    return tuple(dict.fromkeys(_ADDRESS.findall(" ".join(values)[:_LONGEST_FIELDS])))


async def _keep_looking(eilbote: Taking, options: MailboxOptions) -> None:
    pause, is_told = options.poll_seconds, False
    while True:
        try:
            found = await look(eilbote, options)
        except EilboteError as error:
            if not is_told:
                _LOG.warning("the mailbox cannot be looked into: %s", error)
            is_told, pause = True, min(_LONGEST_PAUSE, max(pause, options.poll_seconds) * 2)
        except Exception as error:  # noqa: BLE001 - the next look may go well
            _LOG.error("a look into the mailbox failed: %s", type(error).__name__, exc_info=error)
            pause = min(_LONGEST_PAUSE, pause * 2)
        else:
            if is_told:
                _LOG.warning("the mailbox can be looked into again")
            if found.bounces or found.replies or found.left:
                _LOG.info(
                    "mailbox: %d returned, %d handed to processes, %d left",
                    found.bounces,
                    found.replies,
                    found.left,
                )
            is_told, pause = False, options.poll_seconds
        await asyncio.sleep(pause)
