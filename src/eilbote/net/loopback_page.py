"""A page of this machine that a browser is sent back to (RFC 8252 §7.3): it is asked for once, and says thank you.

It listens on 127.0.0.1 at a port that the system chooses, while somebody waits for the visit and no longer. Whoever else knocks
(other paths, other methods, other machines' names in Host) is sent away without an effect.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs

from eilbote.errors import ConnectError

if TYPE_CHECKING:
    from types import TracebackType

HOST = "127.0.0.1"
_MOST_OCTETS = 16 * 1024
_REQUEST_SECONDS = 10.0
_HEAD = (
    "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n"
    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\r\n"
)
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>eilbote</title>'
    '<body style="font: 1.1rem system-ui; margin: 20vh auto; max-width: 30rem; padding: 0 1rem">'
    "<h1>{title}</h1><p>{text}</p></body></html>"
)


class LoopbackPage:
    """The page; use it as a context manager.

    Args:
        path: What it is called; other paths do not exist.
        port: The TCP port; 0 takes any that is free.
    """

    def __init__(self, path: str = "/callback", *, port: int = 0) -> None:
        self._path = path
        self._port = port
        self._server: asyncio.Server | None = None
        self._target: asyncio.Future[str] | None = None
        self._state = ""

    def expect(self, state: str) -> None:
        """Take only a visit that brings this ``state`` in its query (RFC 6749 §10.12).

        Any page that a browser shows can send it here; without this it could end the wait for the real visit.
        """
        self._state = state

    async def __aenter__(self) -> Self:
        """Begin to listen.

        Raises:
            ConnectError: The port is taken.
        """
        self._target = asyncio.get_running_loop().create_future()
        try:
            self._server = await asyncio.start_server(self._serve, HOST, self._port, limit=_MOST_OCTETS)
        except OSError as fault:
            raise ConnectError(
                f"the browser cannot be sent back to port {self._port} of this machine",
                field="port",
                cause=fault.strerror,
                remedy="Choose another port, or none to take any that is free",
            ) from fault
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        """Where the browser is to be sent, by address: a name may be somebody else's (RFC 8252 §8.3)."""
        return f"http://{HOST}:{self._port}{self._path}"

    async def visited(self) -> str:
        """Wait for the visit; gives path and query as the browser asked for them."""
        if self._target is None:
            msg = "the page is not open"
            raise RuntimeError(msg)
        return await asyncio.shield(self._target)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(head.decode("latin-1")))
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # somebody knocked and said nothing that makes sense
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _answer(self, head: str) -> bytes:
        request, *fields = head.split("\r\n")
        method, _, rest = request.partition(" ")
        target = rest.partition(" ")[0]
        hosts = [
            value.strip()
            for name, _, value in (field.partition(":") for field in fields)
            if name.lower() == "host"
        ]
        path, _, query = target.partition("?")
        is_expected = not self._state or parse_qs(query).get("state") == [self._state]
        if method != "GET" or path != self._path or hosts != [f"{HOST}:{self._port}"] or not is_expected:
            return _page("404 Not Found", "Nothing is here", "This page is not meant for you.")
        if self._target is not None and not self._target.done():
            self._target.set_result(target)
        return _page(
            "200 OK", "Thank you", "The answer has arrived. You can close this page and go back to eilbote."
        )


def _page(status: str, title: str, text: str) -> bytes:
    body = _PAGE.format(title=title, text=text).encode()
    return _HEAD.format(status=status, length=len(body)).encode() + body
