"""A mail catcher: an SMTP server inside the test that takes every message and delivers none.

It listens on 127.0.0.1, speaks real SMTP (RFC 5321 with PIPELINING, CHUNKING, 8BITMIME, SMTPUTF8, SIZE, DSN and
enhanced status codes), keeps envelopes and octets, and does things wrong when it is told to::

    async with Catcher() as catcher, Mailer(catcher.uri) as mailer:
        await mailer.send(draft)
        message = await catcher.next()
    assert message.subject == "Order 17"

With ``tls="starttls"`` or ``tls="tls"`` it shows a certificate made when it starts; its URI names the authority to
trust, so a client checks certificates as it would anywhere.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self, Unpack

from eilbote.connections.host import is_loopback
from eilbote.model.tls import Security
from eilbote.testing.catcher_tls import CatcherTls
from eilbote.testing.conversation import Conversation, Room
from eilbote.testing.reception_options import ReceptionOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from eilbote.connections.connection import Connection, Settings
    from eilbote.testing.caught_message import CaughtMessage
    from eilbote.testing.faults import Fault


class Catcher:
    """Catches mail on a port of this machine, as an asynchronous context manager.

    Args:
        host: The address to listen on. Another than a loopback address makes the catcher reachable from outside.
        port: The port; 0 takes a free one.
        tls: How sessions are protected: ``none``, ``starttls`` (needed before AUTH and MAIL), or ``tls`` from the
            first octet.
        users: User names with their passwords; when there are any, clients must sign in (PLAIN or LOGIN).
        any_user: Let clients sign in as anybody with any password, without any need to.
        without: EHLO keywords not to announce, such as ``("SMTPUTF8", "PIPELINING")``.
        max_size: Octets of one message, announced as SIZE.
        max_recipients: Recipients of one transaction; the next gets 452.
        faults: What goes wrong on purpose; see :mod:`eilbote.testing.faults`.
        keep: How many messages :attr:`messages` holds; the oldest go first.

    Raises:
        OSError: On entering, when the port cannot be had.
        ValueError: ``without`` names a keyword that the catcher does not know, or ``tls`` no mode.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: Security | str = Security.NONE,
        users: Mapping[str, str] | None = None,
        any_user: bool = False,
        without: Iterable[str] = (),
        max_size: int = 64 * 1024 * 1024,
        max_recipients: int = 1000,
        faults: Iterable[Fault] = (),
        keep: int = 10_000,
    ) -> None:
        offered = ReceptionOptions().extensions
        left_out = {keyword.upper() for keyword in without}
        if unknown := left_out - set(offered):
            msg = f"{', '.join(sorted(unknown))}: the catcher announces only {', '.join(offered)}"
            raise ValueError(msg)
        self._tls = CatcherTls(tls)
        options = ReceptionOptions(
            extensions=tuple(keyword for keyword in offered if keyword not in left_out),
            max_size=max_size,
            max_recipients=max_recipients,
            users=dict(users or {}),
            any_user=any_user,
            starttls=self._tls.security is Security.STARTTLS,
        )
        self._room = Room(options, keep)
        for fault in faults:
            self._room.faults.add(fault)
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            OSError: The port is taken or not allowed.
        """
        loop = asyncio.get_running_loop()
        try:
            self._tls.open(self._host)
            context = self._tls.context
            implicit = context if self._tls.security is Security.TLS else None
            self._server = await loop.create_server(
                lambda: Conversation(self._room, context), self._host, self._port, ssl=implicit
            )
        except BaseException:
            self._tls.close()
            raise
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and end every connection."""
        if self._server is None:
            return
        self._server.close()
        conversations = tuple(self._room.conversations)
        for conversation in conversations:
            conversation.abort()
        try:
            await asyncio.gather(*(conversation.lost for conversation in conversations))
            await self._server.wait_closed()
        finally:
            self._tls.close()

    # -- where it is ---------------------------------------------------------------------------------------

    @property
    def host(self) -> str:
        """The address it listens on."""
        return self._host

    @property
    def port(self) -> int:
        """The port it listens on, once it listens."""
        return self._port

    @property
    def uri(self) -> str:
        """The SMTP URI to send to, without user name and password; it names the authority to trust."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return self._tls.uri(f"{host}:{self._port}", local=is_loopback(self._host))

    @property
    def ca_file(self) -> str | None:
        """The authority to trust for its certificate, as a PEM file, while it listens; ``None`` in clear."""
        return self._tls.ca_file

    def connection(self, **settings: Unpack[Settings]) -> Connection:
        """Give the connection to it; ``settings`` such as ``user`` and ``password`` go before what the URI says.

        Raises:
            SettingsError: A setting cannot be used.
        """
        from eilbote.connections.connection import Connection

        return Connection.from_uri(self.uri, **settings)

    # -- what came -----------------------------------------------------------------------------------------

    @property
    def messages(self) -> tuple[CaughtMessage, ...]:
        """Every message caught and kept, in the order of arrival."""
        return tuple(self._room.messages)

    @property
    def connections(self) -> int:
        """How many connections there have been."""
        return self._room.connections

    @property
    def dialogue(self) -> tuple[str, ...]:
        """Every line said in every session (the last thousand), passwords and content left out."""
        return tuple(line for lines in tuple(self._room.dialogues) for line in lines)

    async def next(self, within: float | None = 10.0) -> CaughtMessage:
        """Wait for the next message that this method has not given yet.

        Args:
            within: Seconds to wait; ``None`` waits as long as it takes.

        Raises:
            TimeoutError: None came; the text tells what was said instead.
        """
        try:
            async with asyncio.timeout(within):
                return await self._room.unseen.get()
        except TimeoutError:
            said = "\n".join(self.dialogue[-40:]) or "nobody connected"
            msg = f"no message came within {within} s; what was said:\n{said}"
            raise TimeoutError(msg) from None

    def clear(self) -> None:
        """Forget the messages and dialogues so far."""
        self._room.messages.clear()
        self._room.dialogues.clear()
        while not self._room.unseen.empty():
            self._room.unseen.get_nowait()

    # -- what goes wrong -----------------------------------------------------------------------------------

    def add_fault(self, fault: Fault) -> None:
        """Let something go wrong from now on."""
        self._room.faults.add(fault)

    def clear_faults(self) -> None:
        """Let everything go right from now on."""
        self._room.faults.clear()
