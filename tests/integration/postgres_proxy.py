"""A line to PostgreSQL that a test can cut where it hurts most: at a COMMIT."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from enum import Enum, auto
from pathlib import Path

_SOCKET = ".s.PGSQL.5432"
_COMMIT = b"COMMIT\0"


class Cut(Enum):
    """What becomes of a COMMIT."""

    REPLY_LOST = auto()
    """The server does it, and nobody hears of it."""
    NEVER_ARRIVES = auto()
    """The server waits for it, and never learns that its client is gone."""


class PostgresProxy:
    """Passes everything on, but for as many commits as the test wants to lose."""

    def __init__(self, server: Path) -> None:
        self._server = server / _SOCKET
        self.folder = Path(tempfile.mkdtemp(prefix="eilbote-line-"))
        self.cuts: list[Cut] = []
        self.commits = 0
        self._listening: asyncio.Server | None = None
        self._all_cut = asyncio.Event()
        self._left_open: list[asyncio.StreamWriter] = []

    def url(self, database_url: str) -> str:
        """Give the address of a database at this end of the line."""
        return database_url.replace(str(self._server.parent), str(self.folder))

    async def start(self) -> None:
        """Begin to listen."""
        self._listening = await asyncio.start_unix_server(self._serve, self.folder / _SOCKET)

    async def wait_for_cut(self) -> None:
        """Wait until the last of the cuts was made."""
        await self._all_cut.wait()
        self._all_cut.clear()

    async def stop(self) -> None:
        """Let go of everything."""
        assert self._listening is not None
        self._listening.close()
        await self._listening.wait_closed()
        for writer in self._left_open:
            await _close(writer)
        (self.folder / _SOCKET).unlink(missing_ok=True)
        self.folder.rmdir()

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_unix_connection(self._server)
        back = asyncio.create_task(_copy(server, to_client))
        try:
            await self._forward(client, server, to_server, back)
        except ConnectionError:
            await _close(to_server)
        finally:
            back.cancel()
            await _close(to_client)

    async def _forward(
        self,
        client: asyncio.StreamReader,
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
        back: asyncio.Task[None],
    ) -> None:
        while octets := await client.read(65536):
            cut = self._cut_of(octets)
            if cut is None:
                to_server.write(octets)
                await to_server.drain()
                continue
            back.cancel()
            await asyncio.wait([back])
            if cut is Cut.NEVER_ARRIVES:
                self._left_open.append(to_server)
            else:
                to_server.write(octets)
                await server.read(1)  # it has been done
                await _close(to_server)
            if not self.cuts:
                self._all_cut.set()
            return
        await _close(to_server)

    def _cut_of(self, octets: bytes) -> Cut | None:
        if _COMMIT not in octets:
            return None
        self.commits += 1
        return self.cuts.pop(0) if self.cuts else None


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while octets := await reader.read(65536):
            writer.write(octets)
            await writer.drain()
        await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


@asynccontextmanager
async def line_to(server: Path) -> AsyncIterator[PostgresProxy]:
    """Run a line to a server."""
    async with AsyncExitStack() as stack:
        proxy = PostgresProxy(server)
        await proxy.start()
        stack.push_async_callback(proxy.stop)
        yield proxy
