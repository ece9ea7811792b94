"""The transport behind :class:`eilbote.net.http.HttpDoor`: httpcore2's pool over connections of our own.

The pool speaks HTTP/1.1; addresses, TLS, time and size are decided here and in :mod:`eilbote.net.http_connection`.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import TYPE_CHECKING, Final, Protocol, cast

import httpcore2
import httpx2

from eilbote.net.http_body import Decoder
from eilbote.net.http_connection import Backend
from eilbote.net.http_faults import Circumstances, told
from eilbote.net.http_url import check_port, check_scheme
from eilbote.net.tls import context

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Mapping

    from eilbote.model.tls import TlsPolicy
    from eilbote.net.egress import EgressPolicy

DEADLINE: Final = "deadline"
"""The name under which a request carries the loop's time at which it ends."""
_IDLE_SECONDS: Final = (
    5.0  # a connection idle for longer may be closed by the server just as a request leaves
)
_CONNECTIONS: Final = 8
_DIGITS: Final = 18  # enough for any size; int() of very many digits is refused
# httpcore2 tells of its steps under these names.
_STAGES: Final = {
    "connection.connect_tcp.started": "connect",
    "http11.send_request_headers.started": "request",
    "http11.receive_response_headers.started": "answer",
}

# The library writes whole heads of answers into the log of whoever logs everything, and a server may repeat in them what
# it was told. Who wants to see them all the same can turn these loggers on by their names.
for _name in ("connection", "http11"):
    logging.getLogger(f"httpcore2.{_name}").setLevel(logging.INFO)
# And it writes the first line of each answer, with the whole address that was asked, into the log of whoever logs more than
# warnings.
logging.getLogger("httpx2").setLevel(logging.WARNING)


class GatedTransport(httpx2.AsyncBaseTransport):
    """Carries requests to where they may go.

    Args:
        egress: Which addresses may be connected to.
        tls: Whom to trust.
        seconds: For a request with its whole answer.
        octets: Of an answer's body, decoded.
        field: The setting that holds the URL, for errors.
        plain: Whether http may be spoken to other machines too.
        ports: The only ports that requests may go to; ``None`` allows any.

    Raises:
        SettingsError: A file of the TLS policy cannot be used.
    """

    def __init__(
        self,
        *,
        egress: EgressPolicy | None,
        tls: TlsPolicy,
        seconds: float,
        octets: int,
        field: str,
        plain: bool,
        ports: frozenset[int] | None,
    ) -> None:
        self._seconds = seconds
        self._octets = octets
        self._field = field
        self._plain = plain
        self._ports = ports
        secure = Backend(egress=egress, tls=tls, ssl_context=context(tls))
        clear = Backend(egress=egress, tls=tls, ssl_context=None, anywhere=plain)
        self._pools = {"https": _pool(secure), "http": _pool(clear)}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry one; the answer's body is read by whoever gets it, within the same deadline.

        Where several requests have one deadline together, it is the extension :data:`DEADLINE` of each.
        """
        url = request.url
        check_scheme(url.scheme, url.host, field=self._field, plain=self._plain)
        check_port(url.scheme, url.port, self._ports, field=self._field)
        request.headers["Accept-Encoding"] = "identity"
        faults = Circumstances(
            field=self._field,
            server=f"{url.host}:{url.port or (443 if url.scheme == 'https' else 80)}",
            seconds=self._seconds,
            octets=self._octets,
        )
        deadline = request.extensions.get(DEADLINE)
        if not isinstance(deadline, float):
            deadline = asyncio.get_running_loop().time() + self._seconds
        carried = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions={"trace": _watch(faults)},
        )
        with told(faults):
            async with asyncio.timeout_at(deadline):
                answer = await self._pools[url.scheme].handle_async_request(carried)
        headers = httpx2.Headers(answer.headers)
        try:
            body = _Body(answer, headers, deadline, faults)
        except BaseException:
            await answer.aclose()
            raise
        # What is handed on is decoded, and as long as it turns out to be.
        headers.pop("Content-Encoding", None)
        headers.pop("Content-Length", None)
        return httpx2.Response(
            status_code=answer.status,
            headers=headers,
            stream=body,
            extensions={"reason_phrase": _extensions(answer).get("reason_phrase", b"")},
        )

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            await pool.aclose()


class _Extended(Protocol):
    """An answer, with the type of its extensions, which httpcore2 leaves open."""

    @property
    def extensions(self) -> Mapping[str, object]: ...


def _extensions(answer: _Extended) -> Mapping[str, object]:
    return answer.extensions


class _Body(httpx2.AsyncByteStream):
    """An answer's body, bounded in time and size."""

    def __init__(
        self,
        answer: httpcore2.Response,
        headers: httpx2.Headers,
        deadline: float,
        faults: Circumstances,
    ) -> None:
        announced = headers.get("Content-Length", "")
        if announced.isascii() and announced.isdecimal() and int(announced[:_DIGITS]) > faults.octets:
            raise faults.too_large()
        self._answer = answer
        self._deadline = deadline
        self._faults = faults
        self._decoder = Decoder(headers.get("Content-Encoding", ""), faults)

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        chunks = aiter(cast("AsyncIterable[bytes]", self._answer.stream))
        more = True
        while more:
            with told(self._faults):
                async with asyncio.timeout_at(self._deadline):
                    try:
                        chunk = await anext(chunks)
                    except StopAsyncIteration:
                        chunk, more = b"", False
            decoded = self._decoder.feed(chunk) if more else self._decoder.finish()
            if decoded:
                yield decoded

    async def aclose(self) -> None:
        await self._answer.aclose()


def _pool(backend: Backend) -> httpcore2.AsyncConnectionPool:
    return httpcore2.AsyncConnectionPool(
        # Never used, for the backend has done TLS by then; the pool would write its protocols into the context, and
        # ours are shared with sessions that do not speak HTTP.
        ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        max_connections=_CONNECTIONS,
        keepalive_expiry=_IDLE_SECONDS,
        network_backend=backend,
    )


def _watch(faults: Circumstances) -> Callable[[str, object], Awaitable[None]]:
    async def watch(step: str, details: object) -> None:  # noqa: ARG001 - what httpcore2 calls it with
        faults.stage = _STAGES.get(step, faults.stage)

    return watch
