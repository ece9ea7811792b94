"""What httpcore2 connects with: addresses that were looked up once and checked, TLS by our policy.

TLS is done while connecting, so that its faults are named as everywhere (:mod:`eilbote.net.faults`); the pool's own
request for it finds it done.
"""

from __future__ import annotations

import asyncio
import ssl
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import httpcore2

from eilbote.errors import ConnectError, DeliveryError, Durability
from eilbote.net import faults
from eilbote.net.happy_eyeballs import connect_first
from eilbote.net.resolve import resolve
from eilbote.net.socket_options import tune

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.model.tls import TlsPolicy
    from eilbote.net.egress import EgressPolicy

_BUFFER_OCTETS: Final = 64 * 1024


class Backend(httpcore2.AsyncNetworkBackend):
    """Opens connections.

    Args:
        egress: Which addresses may be connected to.
        tls: Under which name the server is to prove itself.
        ssl_context: For TLS from the first octet; ``None`` speaks in clear.
        anywhere: Whether that may be done to other machines than this one.
    """

    def __init__(
        self,
        *,
        egress: EgressPolicy | None,
        tls: TlsPolicy,
        ssl_context: ssl.SSLContext | None,
        anywhere: bool = False,
    ) -> None:
        self._egress = egress
        self._tls = tls
        self._ssl_context = ssl_context
        self._anywhere = anywhere

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore2's word; the transport has a deadline
        local_address: str | None = None,  # noqa: ARG002 - as above, and never set
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002 - as above
    ) -> Connection:
        """Look up, check, connect to the first address that answers (RFC 8305), speak TLS.

        Raises:
            ConnectError: The name is not known, an address is not allowed, or nobody answers there.
            TLSError: The handshake failed, with its reason by name.
        """
        progress = faults.Progress(host=host, port=port, implicit_tls=self._ssl_context is not None)
        try:
            endpoints = await resolve(host, port, egress=self._egress)
            if self._ssl_context is None and not self._anywhere:
                _keep_here([endpoint.address for endpoint in endpoints], progress)
            progress.stage = "connect"
            connected = await connect_first(endpoints)
            progress.stage = "tls"
            tune(connected)
            try:
                reader, writer = await asyncio.open_connection(
                    sock=connected,
                    limit=_BUFFER_OCTETS,
                    ssl=self._ssl_context,
                    server_hostname=None if self._ssl_context is None else self._tls.server_name or host,
                )
            except BaseException:
                connected.close()
                raise
        except (OSError, ssl.CertificateError) as error:
            raise faults.explain(error, progress) from error
        return Connection(reader, writer, progress)


class Connection(httpcore2.AsyncNetworkStream):
    """One connection to a web server."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, progress: faults.Progress
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._progress = progress

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109
        """Give what has come; nothing when the server has closed.

        Raises:
            DeliveryError: The connection broke.
        """
        try:
            return await self._reader.read(max_bytes)
        except OSError as error:
            raise self._explained(error) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109
        """Send octets.

        Raises:
            httpcore2.WriteError: The connection broke. httpcore2 then reads what the server may have said before.
        """
        try:
            self._writer.write(buffer)
            await self._writer.drain()
        except OSError as error:
            raise httpcore2.WriteError(self._progress.server) from error

    async def aclose(self) -> None:
        """Close; there is nothing left to be said that matters."""
        self._writer.transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,  # noqa: ARG002 - the pool's, which is not ours
        server_hostname: str | None = None,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
    ) -> Connection:
        """Be in TLS already."""
        return self

    def get_extra_info(self, info: str) -> object:
        """Tell whether an idle connection has something to read, which can only be its end."""
        if info == "is_readable":
            return self._reader.at_eof() or self._writer.is_closing()
        return None

    def _explained(self, error: OSError) -> DeliveryError:
        if isinstance(error, ssl.SSLError):
            return faults.tls_fault(error, self._progress)
        return faults.lost(error, self._progress.server)


def _keep_here(addresses: list[str], progress: faults.Progress) -> None:
    """Refuse to speak in clear to another machine, whatever a name server calls localhost."""
    if not all(ip_address(address).is_loopback for address in addresses):
        raise ConnectError(
            f"connecting to {progress.server} without TLS is not allowed",
            field="host",
            stage="dns",
            server=progress.server,
            durability=Durability.PERMANENT,
            cause="it is another machine",
            remedy="Write https://",
        )
