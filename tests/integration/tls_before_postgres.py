"""TLS before a PostgreSQL server that knows none: what a client sees is a server with a certificate.

A client asks for TLS with an SSLRequest, eight octets before anything else; one octet answers whether it may begin
(PostgreSQL protocol, section 54.2.11).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.integration.lab.certificates import Certified
from tests.postgres_server import PostgresServer

_SSL_REQUEST = (8).to_bytes(4) + (80877103).to_bytes(4)


class TlsBeforePostgres:
    """Listens on 127.0.0.1 and hands everything on.

    Attributes:
        port: Where it listens.
        versions: Of each line that was encrypted, the version of TLS.
    """

    def __init__(self, server: PostgresServer, certified: Certified | None) -> None:
        self.port = 0
        self.versions: list[str | None] = []
        self._socket = server.folder / ".s.PGSQL.5432"
        self._context: ssl.SSLContext | None = None
        if certified is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(certified.chain, certified.key)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        with suppress(OSError, asyncio.IncompleteReadError):
            first = await reader.readexactly(8)
            if first == _SSL_REQUEST:
                writer.write(b"N" if self._context is None else b"S")
                if self._context is not None:
                    await writer.start_tls(self._context)
                    self.versions.append(writer.get_extra_info("ssl_object").version())
                first = b""
            await _between(reader, writer, self._socket, first)
        writer.close()


async def _between(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: Path, first: bytes
) -> None:
    behind, before = await asyncio.open_unix_connection(path)
    before.write(first)
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(_hand_on(reader, before))
            both.create_task(_hand_on(behind, writer))
    finally:
        before.close()


async def _hand_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while octets := await source.read(65536):
            target.write(octets)
            await target.drain()
    target.close()


@asynccontextmanager
async def tls_before(
    server: PostgresServer, certified: Certified | None
) -> AsyncGenerator[TlsBeforePostgres, None]:
    """Listen while the block lasts; without a certificate TLS is refused."""
    before = TlsBeforePostgres(server, certified)
    listening = await asyncio.start_server(before.serve, "127.0.0.1", 0)
    before.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield before
