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
        options = ReceptionOptions(
            extensions=tuple(keyword for keyword in offered if keyword not in left_out),
            max_size=max_size,
            max_recipients=max_recipients,
            users=dict(users or {}),
            any_user=any_user,
        )
        self._room = _Room(options, keep)
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
        self._server = await loop.create_server(lambda: _Conversation(self._room), self._host, self._port)
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
        await asyncio.gather(*(conversation.lost for conversation in conversations))
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


class _Room:
    """What the conversations of one catcher share."""

    def __init__(self, options: ReceptionOptions, keep: int) -> None:
        self.faults = Faults()
        self.conversations: set[_Conversation] = set()
        self.messages: deque[CaughtMessage] = deque(maxlen=keep)
        self.unseen: asyncio.Queue[CaughtMessage] = asyncio.Queue()
        self.dialogues: deque[list[str]] = deque(maxlen=1000)
        self.connections = 0
        self._options = options

    def admit(self, conversation: _Conversation, peer: str) -> Reception | None:
        """Begin a session, unless there are too many."""
        if len(self.conversations) >= _MOST_CONNECTIONS:
            return None
        self.connections += 1
        self.conversations.add(conversation)
        reception = Reception(self._options, self.faults, peer=peer)
        self.dialogues.append(reception.dialogue)
        return reception

    def take(self, messages: list[CaughtMessage]) -> None:
        """Keep what has come."""
        for message in messages:
            self.messages.append(message)
            self.unseen.put_nowait(message)


class _Conversation(asyncio.Protocol):
    """One connection: moves octets between a transport and a :class:`Reception`."""

    def __init__(self, room: _Room) -> None:
        self._room = room
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
        self._reception = self._room.admit(self, f"{host}:{port}")
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
        self._room.conversations.discard(self)
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
        self._room.take(reception.take_messages())
        transport.write(reception.take_output())
        if self._idle is not None:
            self._idle.cancel()
        self._idle = self._loop.call_later(_IDLE_SECONDS, transport.abort)
        if reception.closing:
            transport.close()
        elif transport.get_write_buffer_size() > _MOST_UNREAD:
            transport.abort()  # a client that only talks and never listens
