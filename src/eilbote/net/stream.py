"""Octets in both directions over TCP, with or without TLS: the one place where eilbote holds a connection.

A stream owns no time: whoever uses it sets the deadlines. It reads into one buffer that is used again at each
wake-up (``asyncio.BufferedProtocol``), so receiving allocates no more than the octets received, and it hands
them on synchronously, so that a wake-up, the thought about it, and the answer are one step of the loop.

Rules it keeps:

* It connects to addresses that were resolved once and checked (:mod:`eilbote.net.egress`); a name is never
  resolved a second time.
* The receiver hears nothing before :meth:`Stream.connect` has returned.
* A peer that closes its sending half is lost (RFC 5321 §3.8 knows no half-closed session).
* :meth:`Stream.start_tls` stops reading before anything else, so octets that arrive in clear behind the
  server's 220 reach the TLS layer, where they are a fault, and never the receiver (RFC 3207 §6).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING, Protocol, cast

from eilbote.errors import DisconnectedError
from eilbote.net import faults
from eilbote.net.channel_binding import channel_binding
from eilbote.net.happy_eyeballs import connect_first
from eilbote.net.resolve import resolve
from eilbote.net.socket_options import tune

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.errors import DeliveryError
    from eilbote.net.egress import EgressPolicy

# Replies are a few hundred octets; a pipelined wake-up holds some dozens of them.
_BUFFER_OCTETS = 16 * 1024
# A pump of large content runs this far ahead of the socket, and is woken again at the low mark.
_HIGH_WATER_OCTETS = 256 * 1024
_LOW_WATER_OCTETS = 64 * 1024


class Receiver(Protocol):
    """Who hears what the peer says."""

    def octets_received(self, data: bytes) -> None:
        """Take the octets of one wake-up; must not raise."""
        ...

    def stream_lost(self, error: DeliveryError | None) -> None:
        """Learn, once, that nothing more will come.

        Args:
            error: What broke the stream, explained; ``None`` when the peer closed it in order, or
                :meth:`Stream.close` did.
        """
        ...


class _Antechamber:
    """Keeps what the peer says while the stream is not yet in the hands of its receiver.

    Pausing the transport would not do: uvloop begins to read behind ``connection_made``, paused or not.
    """

    __slots__ = ("error", "octets")

    def __init__(self) -> None:
        self.octets = b""
        self.error: DeliveryError | None = None

    def octets_received(self, data: bytes) -> None:
        self.octets += data

    def stream_lost(self, error: DeliveryError | None) -> None:
        self.error = error


class Stream(asyncio.BufferedProtocol):
    """One connection; made by :meth:`connect`.

    Attributes:
        peer: ``host:port`` as asked for.
        address: The IP address in use.
        local_address: The IP address of this end.
        tls_version: For instance ``TLSv1.3``; empty without TLS.
        paused: Whether the send buffer is above its high mark; :meth:`drain` waits until it is not.
        lost: Whether the stream is over; writing to it then does nothing.
    """

    __slots__ = (
        "_buffer",
        "_closed",
        "_closing",
        "_drained",
        "_receiver",
        "_transport",
        "_view",
        "address",
        "host",
        "local_address",
        "lost",
        "paused",
        "peer",
        "port",
        "tls_version",
    )

    def __init__(self, *, host: str, port: int) -> None:
        self._receiver: Receiver = _Antechamber()
        self._buffer = bytearray(_BUFFER_OCTETS)
        self._view = memoryview(self._buffer)
        self._transport: asyncio.Transport | None = None
        self._drained: asyncio.Future[None] | None = None
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.host = host
        self.port = port
        self.peer = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.address = ""
        self.local_address = ""
        self.tls_version = ""
        self.paused = False
        self.lost = False
        self._closing = False

    # -- opening ------------------------------------------------------------------------------------------

    @classmethod
    async def connect(
        cls,
        host: str,
        port: int,
        *,
        receiver: Receiver,
        ssl_context: ssl.SSLContext | None = None,
        server_name: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - a deadline over three phases, told apart in the error
        egress: EgressPolicy | None = None,
        local_address: str | None = None,
        on_step: Callable[[str, str], None] | None = None,
    ) -> Stream:
        """Resolve, check, connect to the first address that answers (RFC 8305), and speak TLS if asked.

        Args:
            host: Name or IP literal.
            port: TCP port.
            receiver: Who hears the peer, from the moment this has returned.
            ssl_context: For implicit TLS (RFC 8314); ``None`` stays in clear until :meth:`start_tls`.
            server_name: The name expected in the certificate; ``host`` when ``None``.
            timeout: Seconds for everything together; ``None`` waits as long as the system does.
            egress: Which addresses may be connected to; ``None`` allows any.
            local_address: The IP address to connect from.
            on_step: Told the name of each step when it is done (dns, connect, tls), and what was found.

        Raises:
            ConnectError: The name is not known, the address is not allowed, or nobody answers there.
            TLSError: The handshake failed, with its reason by name.
            DeliveryTimeoutError: ``timeout`` passed.
        """
        progress = faults.Progress(host=host, port=port, implicit_tls=ssl_context is not None)
        try:
            async with asyncio.timeout(timeout):
                endpoints = await resolve(host, port, egress=egress)
                if on_step is not None:
                    on_step("dns", ", ".join(endpoint.address for endpoint in endpoints))
                progress.stage = "connect"
                connected = await connect_first(endpoints, local_address=local_address)
                if on_step is not None:
                    on_step("connect", str(connected.getpeername()[0]))
                progress.stage = "tls"
                stream = await cls._over(
                    connected, receiver, host, port, ssl_context=ssl_context, server_name=server_name
                )
                if on_step is not None and ssl_context is not None:
                    on_step("tls", stream.tls)
                return stream
        except (OSError, ssl.CertificateError) as error:
            # TimeoutError, socket.gaierror and ssl.SSLError are OSErrors too.
            raise faults.explain(error, progress, timeout=timeout) from error

    @classmethod
    async def _over(
        cls,
        connected: socket.socket,
        receiver: Receiver,
        host: str,
        port: int,
        *,
        ssl_context: ssl.SSLContext | None,
        server_name: str | None,
    ) -> Stream:
        loop = asyncio.get_running_loop()
        stream = cls(host=host, port=port)
        try:
            stream.address = str(connected.getpeername()[0])
            stream.local_address = str(connected.getsockname()[0])
            tune(connected)
            await loop.create_connection(
                lambda: stream,
                sock=connected,
                ssl=ssl_context,
                server_hostname=(server_name or host) if ssl_context is not None else None,
            )
        except BaseException:
            stream.abort()
            connected.close()
            raise
        stream._adopt(stream._transport)
        loop.call_soon(stream._admit, receiver)
        return stream

    def _admit(self, receiver: Receiver) -> None:
        """Let the receiver hear the peer, from its first octet."""
        early, self._receiver = cast("_Antechamber", self._receiver), receiver
        if early.octets:
            receiver.octets_received(early.octets)
        if self.lost:
            receiver.stream_lost(early.error)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_name: str | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - named in the error
    ) -> None:
        """Go on in TLS (RFC 3207); the caller has checked that nothing unread is left of the clear text.

        Raises:
            TLSError: The handshake failed, with its reason by name; the stream is closed.
            DeliveryTimeoutError: ``timeout`` passed; the stream is closed.
            DisconnectedError: The peer went away.
        """
        transport = self._live()
        loop = asyncio.get_running_loop()
        progress = faults.Progress(host=self.host, port=self.port, stage="tls")
        try:
            async with asyncio.timeout(timeout):
                secured = await loop.start_tls(
                    transport, self, ssl_context, server_hostname=server_name or self.host
                )
        except BaseException as error:
            self.abort()
            self._lose(None)
            self._settle()
            if isinstance(error, OSError | ssl.CertificateError):
                raise faults.explain(error, progress, timeout=timeout) from error
            raise
        self._adopt(secured)

    def _adopt(self, transport: asyncio.Transport | None) -> None:
        if transport is None:
            raise ConnectionAbortedError("the connection was closed while it was being opened")
        self._transport = transport
        transport.set_write_buffer_limits(high=_HIGH_WATER_OCTETS, low=_LOW_WATER_OCTETS)
        secured: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        self.tls_version = (secured.version() or "") if secured is not None else ""

    def _live(self) -> asyncio.Transport:
        if self._transport is None or self.lost or self._closing:
            raise DisconnectedError("the connection is closed", server=self.peer)
        return self._transport

    # -- sending ------------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send octets, at once when the socket has room; never blocks."""
        if self._transport is not None and not self.lost:
            self._transport.write(data)

    def write_many(self, pieces: Sequence[bytes]) -> None:
        """Send several pieces in one go."""
        if self._transport is not None and not self.lost:
            self._transport.writelines(pieces)

    async def drain(self) -> None:
        """Wait until the send buffer is below its low mark again.

        Raises:
            DisconnectedError: The stream was lost.
        """
        if self.lost:
            raise DisconnectedError("the connection is closed", server=self.peer)
        if not self.paused:
            return
        if self._drained is None:
            self._drained = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._drained)
        if self.lost:
            raise DisconnectedError("the connection was lost while sending", server=self.peer)

    # -- ending -------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Send what is buffered, then close."""
        self._closing = True
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close now; what is buffered is dropped."""
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    async def wait_closed(self) -> None:
        """Wait until the socket is closed, after :meth:`close` or :meth:`abort`."""
        await asyncio.shield(self._closed)

    @property
    def tls(self) -> str:
        """TLS version and cipher suite, such as ``TLSv1.3 with TLS_AES_256_GCM_SHA384``; empty without TLS."""
        cipher: tuple[str, str, int] | None = (
            None if self._transport is None else self._transport.get_extra_info("cipher")
        )
        return f"{self.tls_version} with {cipher[0]}" if cipher else ""

    def channel_binding(self) -> tuple[str, bytes] | None:
        """Give name and data that tie an authentication to this TLS session, for SCRAM-PLUS (RFC 5929).

        Gives ``tls-unique`` on TLS 1.2, ``tls-server-end-point`` on TLS 1.3 (which has no ``tls-unique``), and
        ``None`` without TLS.
        """
        if self._transport is None:
            return None
        return channel_binding(self._transport.get_extra_info("ssl_object"))

    def certificate(self) -> bytes | None:
        """Give the certificate that the peer has shown, in DER, checked or not; ``None`` without TLS."""
        secured: ssl.SSLObject | None = (
            None if self._transport is None else self._transport.get_extra_info("ssl_object")
        )
        return None if secured is None else secured.getpeercert(binary_form=True)

    # -- what the loop calls ------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - one buffer, whatever the hint
        """Lend the one buffer to the loop."""
        # As a view: asyncio's TLS fills it by slices, and a slice of a bytearray is a copy that nobody reads.
        return self._view

    def buffer_updated(self, nbytes: int) -> None:
        """Pass on a copy of what was received; the buffer is used again."""
        self._receiver.octets_received(self._view[:nbytes].tobytes())

    def eof_received(self) -> bool:
        """Treat a half-close as the end."""
        self._lose(None)
        self.abort()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the receiver, unless it knows."""
        self._lose(None if exc is None else self._explain(exc))
        self._settle()

    def pause_writing(self) -> None:
        """Note that the send buffer is full."""
        self.paused = True

    def resume_writing(self) -> None:
        """Wake whoever waits for room."""
        self.paused = False
        self._release()

    def _release(self) -> None:
        waiter, self._drained = self._drained, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _lose(self, error: DeliveryError | None) -> None:
        if self.lost:
            return
        self.lost = True
        self._release()
        self._receiver.stream_lost(error)

    def _settle(self) -> None:
        if not self._closed.done():
            self._closed.set_result(None)

    def _explain(self, error: Exception) -> DeliveryError:
        if isinstance(error, ssl.SSLError):
            return faults.tls_fault(error, faults.Progress(host=self.host, port=self.port, stage="tls"))
        return faults.lost(error, self.peer)
