"""A server that does exactly what a test says, however wrong: conversations are coroutines over one peer.

A conversation is called for every connection with a :class:`Peer` and says its lines; whatever the client sent
stays readable in ``peer.heard``, so that a test can prove what was *not* said. When a conversation returns, the
connection stays open until the client leaves; it ends earlier only by :meth:`Peer.hang_up` and :meth:`Peer.reset`.
"""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET

HOST = "127.0.0.1"


class GoneError(Exception):
    """The client closed the connection."""


class Peer:
    """One connection as the server sees it."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self.heard = bytearray()
        self.in_tls = False
        self._reader = reader
        self._writer = writer

    def say(self, *lines: str) -> None:
        """Send lines."""
        self.send("".join(f"{line}\r\n" for line in lines).encode())

    def send(self, octets: bytes) -> None:
        """Send octets as they are."""
        self._writer.write(octets)

    async def hear(self) -> str:
        """Give the client's next line."""
        line = await self._reader.readline()
        if not line:
            raise GoneError
        self.heard += line
        return line.decode("utf-8", "surrogateescape").rstrip("\r\n")

    async def hear_octets(self, count: int) -> bytes:
        """Give that many octets of the client."""
        try:
            octets = await self._reader.readexactly(count)
        except asyncio.IncompleteReadError as error:
            self.heard += error.partial
            raise GoneError from error
        self.heard += octets
        return octets

    async def hear_content(self) -> bytes:
        """Give everything up to the final dot, without it."""
        try:
            content = await self._reader.readuntil(b"\r\n.\r\n")
        except asyncio.IncompleteReadError as error:
            self.heard += error.partial
            raise GoneError from error
        self.heard += content
        return content[:-3]

    async def answer(self, *replies: str) -> list[str]:
        """Answer the client's next lines, one reply each; gives the lines."""
        lines = []
        for reply in replies:
            lines.append(await self.hear())
            self.say(reply)
        return lines

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands as a server."""
        await self._writer.drain()
        await self._writer.start_tls(context)
        self.in_tls = True

    async def welcome(self, *extensions: str) -> str:
        """Greet, hear EHLO and announce extensions; gives the EHLO line."""
        self.say("220 hostile.example ESMTP")
        return await self.announce(*extensions)

    async def announce(self, *extensions: str) -> str:
        """Hear EHLO and announce extensions."""
        line = await self.hear()
        keywords = ["hostile.example", *extensions]
        self.say(*(f"250-{keyword}" for keyword in keywords[:-1]), f"250 {keywords[-1]}")
        return line

    async def take_message(self, verdict: str = "250 2.0.0 taken") -> bytes:
        """Take one message for everybody by DATA, and decide upon it; gives its content."""
        while (line := await self.hear()).upper() != "DATA":
            if line.upper() == "QUIT":
                await self.bye()
            self.say("250 2.1.0 ok")
        self.say("354 go ahead")
        content = await self.hear_content()
        self.say(verdict)
        return content

    async def take_mail(self) -> None:
        """Be an ordinary server until the client leaves."""
        while True:
            await self.take_message()

    async def bye(self) -> None:
        """Answer QUIT and close."""
        self.say("221 2.0.0 bye")
        await self.hang_up()
        raise GoneError

    async def silence(self) -> None:
        """Say nothing more; listen until the client leaves."""
        while octets := await self._reader.read(65536):
            self.heard += octets
        raise GoneError

    async def stop_reading(self) -> None:
        """Read nothing more, so that the client's octets pile up on the way; until it leaves."""
        self._writer.transport.pause_reading()
        await self._writer.wait_closed()

    async def hang_up(self) -> None:
        """Close in order (FIN)."""
        self._writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await self._writer.wait_closed()

    async def half_close(self) -> None:
        """Say that nothing more will be said, and go on listening."""
        self._writer.write_eof()
        await self.silence()

    async def reset(self) -> None:
        """Close with a reset (RST)."""
        handle = self._writer.get_extra_info("socket")
        handle.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
        await asyncio.sleep(0)

    async def flush(self) -> None:
        """Wait until the client has been given what was said, or has gone."""
        await self._writer.drain()


Conversation = Callable[[Peer], Awaitable[object]]


@dataclass
class HostileServer:
    """A listening server, and everybody who called."""

    port: int = 0
    peers: list[Peer] = field(default_factory=list)

    @property
    def connections(self) -> int:
        """How many clients have called."""
        return len(self.peers)

    @property
    def heard(self) -> bytes:
        """Everything all clients have said."""
        return b"".join(bytes(peer.heard) for peer in self.peers)

    def count(self, command: str) -> int:
        """How often a command was heard."""
        return self.heard.upper().count(command.upper().encode())


@asynccontextmanager
async def hostile(
    *conversations: Conversation, tls: ssl.SSLContext | None = None
) -> AsyncIterator[HostileServer]:
    """Serve each connection with the next conversation; the last one serves all that follow."""
    server = HostileServer()
    tasks: set[asyncio.Task[None]] = set()

    async def converse(peer: Peer, writer: asyncio.StreamWriter) -> None:
        try:
            await conversations[min(peer.number, len(conversations) - 1)](peer)
            await peer.silence()
        except (GoneError, ConnectionError, ssl.SSLError):
            pass  # the client left, which ends every conversation
        finally:
            writer.transport.abort()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(len(server.peers), reader, writer)
        peer.in_tls = tls is not None
        server.peers.append(peer)
        tasks.add(asyncio.create_task(converse(peer, writer)))

    listener = await asyncio.start_server(serve, HOST, 0, ssl=tls, limit=1 << 26)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        await listener.wait_closed()
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome  # a mistake in a conversation, such as a failed assertion
