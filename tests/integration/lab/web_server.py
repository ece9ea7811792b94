"""A web server that answers as its script says, down to the octet."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import parse_qsl

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client asked."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


Script: TypeAlias = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


class Client(asyncio.StreamReaderProtocol):
    """A connection, remembered from its first moment, before anybody begins to serve it."""

    def __init__(self, server: WebServer) -> None:
        super().__init__(asyncio.StreamReader(), server.serve)
        self.connection: asyncio.BaseTransport | None = None
        self.is_lost = asyncio.Event()
        server.clients.append(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.connection = transport
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.is_lost.set()

    async def end(self) -> None:
        """End it, though its client may have stopped reading what is still to be written."""
        await asyncio.sleep(0)  # one that was just taken gets its transport
        if self.connection is not None:
            self.connection.close()
            if isinstance(self.connection, asyncio.WriteTransport):
                self.connection.abort()
            await self.is_lost.wait()


@dataclass(slots=True)
class WebServer:
    """Counts the connections, keeps the requests."""

    script: Script
    scheme: str
    port: int = 0
    connections: int = 0
    tasks: set[asyncio.Task[object]] = field(default_factory=set)
    clients: list[Client] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://{HOST}:{self.port}/token"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one connection with one request."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *fields = head.rstrip("\r\n").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (each.partition(":") for each in fields)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            request = Request(line=line, headers=headers, body=body)
            self.requests.append(request)
            await self.script(request, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # The client has gone, or the test is over: nobody waits for what is still to be written.
            writer.transport.abort()
        finally:
            writer.close()
            self.tasks.discard(task)


@asynccontextmanager
async def web_server(script: Script, context: ssl.SSLContext | None = None) -> AsyncIterator[WebServer]:
    """Run a server on a free port of this machine until the block ends."""
    made = WebServer(script, "http" if context is None else "https")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Client(made), HOST, 0, ssl=context)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        unfinished = list(made.tasks)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        await asyncio.gather(*(client.end() for client in made.clients))
        if isinstance(server, asyncio.Server) and sys.version_info >= (3, 13):
            server.abort_clients()  # those that were still shaking hands; uvloop ends them with the loop


def answer(
    body: bytes, *, status: str = "200 OK", kind: str = "application/json", headers: tuple[str, ...] = ()
) -> bytes:
    """Give the octets of an answer."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


def says(octets: bytes) -> Script:
    """Always answer the same octets."""

    async def script(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(octets)

    return script
