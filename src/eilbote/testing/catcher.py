"""A mail catcher: an SMTP server inside the test that takes every message and delivers none.

It listens on 127.0.0.1, speaks real SMTP (RFC 5321 with PIPELINING, CHUNKING, 8BITMIME, SMTPUTF8, SIZE, DSN and
enhanced status codes), keeps envelopes and octets, and does things wrong when it is told to::

    async with Catcher() as catcher, Mailer(catcher.uri) as mailer:
        await mailer.send(draft)
        message = await catcher.next()
    assert message.subject == "Order 17"
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Self

from eilbote.connections.host import is_loopback
from eilbote.testing.faults import Fault, Faults
from eilbote.testing.reception import Reception
from eilbote.testing.reception_options import ReceptionOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from eilbote.testing.caught_message import CaughtMessage

_MOST_UNREAD = 1 << 20
_MOST_CONNECTIONS = 200
_IDLE_SECONDS = 300.0  # RFC 5321 §4.5.3.2.7: what a server grants at least


class Catcher:
    """Catches mail on a port of this machine, as an asynchronous context manager.

    Args:
        host: The address to listen on. Another than a loopback address makes the catcher reachable from outside.
        port: The port; 0 takes a free one.
        users: User names with their passwords; when there are any, clients must sign in (PLAIN or LOGIN).
        any_user: Let clients sign in as anybody with any password, without any need to.
        without: EHLO keywords not to announce, such as ``("SMTPUTF8", "PIPELINING")``.
        max_size: Octets of one message, announced as SIZE.
        max_recipients: Recipients of one transaction; the next gets 452.
        faults: What goes wrong on purpose; see :mod:`eilbote.testing.faults`.
        keep: How many messages :attr:`messages` holds; the oldest go first.

    Raises:
        OSError: On entering, when the port cannot be had.
        ValueError: ``without`` names a keyword that the catcher does not know.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
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
        self._options = ReceptionOptions(
            extensions=tuple(keyword for keyword in offered if keyword not in left_out),
            max_size=max_size,
            max_recipients=max_recipients,
            users=dict(users or {}),
            any_user=any_user,
        )
        self._faults = Faults()
        for fault in faults:
            self._faults.add(fault)
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None
        self._conversations: set[_Conversation] = set()
        self._messages: deque[CaughtMessage] = deque(maxlen=keep)
        self._unseen: asyncio.Queue[CaughtMessage] = asyncio.Queue()
        self._dialogues: deque[list[str]] = deque(maxlen=1000)
        self._connections = 0

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            OSError: The port is taken or not allowed.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Conversation(self), self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and end every connection."""
        if self._server is None:
            return
        self._server.close()
        for conversation in tuple(self._conversations):
            conversation.abort()
        await asyncio.gather(*(conversation.lost for conversation in tuple(self._conversations)))
        await self._server.wait_closed()

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
        """The SMTP URI to send to, without user name and password."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        # Towards this machine smtp:// does without STARTTLS by itself.
        return f"smtp://{host}:{self._port}{'' if is_loopback(self._host) else '?starttls=never'}"

    # -- what came -----------------------------------------------------------------------------------------

    @property
    def messages(self) -> tuple[CaughtMessage, ...]:
        """Every message caught and kept, in the order of arrival."""
        return tuple(self._messages)

    @property
    def connections(self) -> int:
        """How many connections there have been."""
        return self._connections

    @property
    def dialogue(self) -> tuple[str, ...]:
        """Every line said in every session (the last thousand), passwords and content left out."""
        return tuple(line for lines in tuple(self._dialogues) for line in lines)

    async def next(self, within: float | None = 10.0) -> CaughtMessage:
        """Wait for the next message that this method has not given yet.

        Args:
            within: Seconds to wait; ``None`` waits as long as it takes.

        Raises:
            TimeoutError: None came; the text tells what was said instead.
        """
        try:
            async with asyncio.timeout(within):
                return await self._unseen.get()
        except TimeoutError:
            said = "\n".join(self.dialogue[-40:]) or "nobody connected"
            msg = f"no message came within {within} s; what was said:\n{said}"
            raise TimeoutError(msg) from None

    def clear(self) -> None:
        """Forget the messages and dialogues so far."""
        self._messages.clear()
        self._dialogues.clear()
        while not self._unseen.empty():
            self._unseen.get_nowait()

    # -- what goes wrong -----------------------------------------------------------------------------------

    def add_fault(self, fault: Fault) -> None:
        """Let something go wrong from now on."""
        self._faults.add(fault)

    def clear_faults(self) -> None:
        """Let everything go right from now on."""
        self._faults.clear()

    # -- for the conversations -----------------------------------------------------------------------------

    def _receive(self, conversation: _Conversation, peer: str) -> Reception | None:
        if len(self._conversations) >= _MOST_CONNECTIONS:
            return None
        self._connections += 1
        self._conversations.add(conversation)
        reception = Reception(self._options, self._faults, peer=peer)
        self._dialogues.append(reception.dialogue)
        return reception

    def _take(self, messages: list[CaughtMessage]) -> None:
        for message in messages:
            self._messages.append(message)
            self._unseen.put_nowait(message)

    def _forget(self, conversation: _Conversation) -> None:
        self._conversations.discard(conversation)


class _Conversation(asyncio.Protocol):
    """One connection: moves octets between a transport and a :class:`Reception`."""

    def __init__(self, catcher: Catcher) -> None:
        self._catcher = catcher
        self._transport: asyncio.Transport | None = None
        self._reception: Reception | None = None
        self._loop = asyncio.get_running_loop()
        self._idle: asyncio.TimerHandle | None = None
        self.lost: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            return
        self._transport = transport
        host, port, *_ = transport.get_extra_info("peername")
        self._reception = self._catcher._receive(self, f"{host}:{port}")  # noqa: SLF001 - one room, two halves
        if self._reception is None:
            transport.write(b"421 Too many connections\r\n")
            transport.close()
            return
        self._answer(transport, self._reception)

    def data_received(self, data: bytes) -> None:
        if self._transport is None or self._reception is None or self._transport.is_closing():
            return
        self._reception.receive(data)
        self._answer(self._transport, self._reception)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._catcher._forget(self)  # noqa: SLF001
        if self._idle is not None:
            self._idle.cancel()
        if not self.lost.done():
            self.lost.set_result(None)

    def abort(self) -> None:
        """Break the connection now."""
        if self._transport is not None:
            self._transport.abort()

    def _answer(self, transport: asyncio.Transport, reception: Reception) -> None:
        # The message is handed out before the reply leaves: whoever has the reply finds the message.
        self._catcher._take(reception.take_messages())  # noqa: SLF001
        transport.write(reception.take_output())
        if self._idle is not None:
            self._idle.cancel()
        self._idle = self._loop.call_later(_IDLE_SECONDS, transport.abort)
        if reception.closing:
            transport.close()
        elif transport.get_write_buffer_size() > _MOST_UNREAD:
            transport.abort()  # a client that only talks and never listens
