"""The catcher's side of its connections: what they share, and how octets move between a socket and a session."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, cast

from eilbote.net.server_tls import tls_version_of
from eilbote.testing.faults import Faults
from eilbote.testing.reception import Reception

if TYPE_CHECKING:
    from eilbote.net.server_tls import ServerContext
    from eilbote.testing.caught_message import CaughtMessage
    from eilbote.testing.reception_options import ReceptionOptions

_MOST_UNREAD = 1 << 20
_MOST_CONNECTIONS = 200
_IDLE_SECONDS = 300.0  # RFC 5321 §4.5.3.2.7: what a server grants at least


class Room:
    """What the conversations of one catcher share."""

    def __init__(self, options: ReceptionOptions, keep: int) -> None:
        self.faults = Faults()
        self.conversations: set[Conversation] = set()
        self.messages: deque[CaughtMessage] = deque(maxlen=keep)
        self.unseen: asyncio.Queue[CaughtMessage] = asyncio.Queue()
        self.dialogues: deque[list[str]] = deque(maxlen=1000)
        self.connections = 0
        self._options = options

    def admit(self, conversation: Conversation, peer: str, tls_version: str) -> Reception | None:
        """Begin a session, unless there are too many."""
        if len(self.conversations) >= _MOST_CONNECTIONS:
            return None
        self.connections += 1
        self.conversations.add(conversation)
        reception = Reception(self._options, self.faults, peer=peer, tls_version=tls_version)
        self.dialogues.append(reception.dialogue)
        return reception

    def take(self, messages: list[CaughtMessage]) -> None:
        """Keep what has come."""
        for message in messages:
            self.messages.append(message)
            self.unseen.put_nowait(message)


class Conversation(asyncio.Protocol):
    """One connection: moves octets between a transport and a :class:`Reception`, through TLS when that is asked for.

    Args:
        room: What it shares with the other conversations of its catcher.
        context: The certificate to show behind STARTTLS.
    """

    def __init__(self, room: Room, context: ServerContext | None) -> None:
        self._room = room
        self._context = context
        self._transport: asyncio.Transport | None = None
        self._reception: Reception | None = None
        self._loop = asyncio.get_running_loop()
        self._idle: asyncio.TimerHandle | None = None
        self._handshake: asyncio.Task[None] | None = None
        self._early = b""
        self.lost: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        transport = cast("asyncio.Transport", transport)  # uvloop's is one without being derived from it
        self._transport = transport
        host, port, *_ = transport.get_extra_info("peername")
        self._reception = self._room.admit(self, f"{host}:{port}", tls_version_of(transport))
        if self._reception is None:
            transport.write(b"421 Too many connections\r\n")
            transport.close()
            return
        self._answer(transport, self._reception)

    def data_received(self, data: bytes) -> None:
        """Answer."""
        if self._transport is None or self._reception is None or self._transport.is_closing():
            return
        if self._handshake is not None:
            # Reading stopped with the reply to STARTTLS, so this came through TLS, in the same segment as the end of
            # the handshake: the loop hands it on before it wakes whoever waits for that.
            self._early += data
            return
        self._reception.receive(data)
        self._answer(self._transport, self._reception)

    def eof_received(self) -> bool:
        """Close too."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Leave the room."""
        self._room.conversations.discard(self)
        if self._idle is not None:
            self._idle.cancel()
        if not self.lost.done():
            self.lost.set_result(None)

    def abort(self) -> None:
        """Break the connection now."""
        if self._handshake is not None:
            self._handshake.cancel()
        if self._transport is not None:
            self._transport.abort()

    def _answer(self, transport: asyncio.Transport, reception: Reception) -> None:
        # The message is handed out before the reply leaves: whoever has the reply finds the message.
        self._room.take(reception.take_messages())
        transport.write(reception.take_output())
        if self._idle is not None:
            self._idle.cancel()
        self._idle = self._loop.call_later(_IDLE_SECONDS, self.abort)
        if reception.closing:
            transport.close()
        elif reception.wants_handshake and self._context is not None:
            transport.pause_reading()  # at once: what comes now belongs to TLS
            self._handshake = self._loop.create_task(self._secure(transport, reception, self._context))
        elif transport.get_write_buffer_size() > _MOST_UNREAD:
            transport.abort()  # a client that only talks and never listens

    async def _secure(
        self, transport: asyncio.Transport, reception: Reception, context: ServerContext
    ) -> None:
        try:
            secured = await self._loop.start_tls(transport, self, context, server_side=True)
        except BaseException as fault:
            reception.unsecured(getattr(fault, "reason", None) or str(fault) or type(fault).__name__)
            reception.take_output()
            transport.abort()
            self.connection_lost(None)  # which TLS does not pass on before it stands
            if isinstance(fault, OSError):
                return
            raise
        finally:
            self._handshake = None
        if secured is None:
            self.connection_lost(None)
            return
        self._transport = secured
        reception.secured(tls_version_of(secured))
        reception.take_output()
        early, self._early = self._early, b""
        if early:
            self.data_received(early)
