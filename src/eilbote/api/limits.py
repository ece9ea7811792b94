"""How much a request may bring along, and how long it may take to do so, before any route sees it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from starlette.responses import PlainTextResponse
from starlette.status import HTTP_408_REQUEST_TIMEOUT, HTTP_413_CONTENT_TOO_LARGE

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_OCTETS: Final = 256 * 1024
"""Of a request's body: ten thousand characters of any script, each octet of them escaped, and some room."""
BODY_SECONDS: Final = 20.0
_PATIENCE: Final = 16
"""How many times as much is read before the connection is cut off in mid-sentence."""


class RequestLimits:
    """Reads a request's body before the application is asked, and refuses one that is too much, or too slow.

    Args:
        app: The application.
        most_octets: Of the body.
        seconds: For all of it.
    """

    def __init__(
        self, app: ASGIApp, *, most_octets: int = MOST_OCTETS, seconds: float = BODY_SECONDS
    ) -> None:
        self._app = app
        self._most = most_octets
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                body = await self._body(receive)
        except TimeoutError:
            await _refuse(HTTP_408_REQUEST_TIMEOUT, "The request took too long.", scope, receive, send)
            return
        if body is None:
            text = f"The request has more than {self._most:,} octets."
            await _refuse(HTTP_413_CONTENT_TOO_LARGE, text, scope, receive, send)
            return
        await self._app(scope, _once(body, receive), send)

    async def _body(self, receive: Receive) -> bytes | None:
        """Give the body; ``None`` when it is too large. What is announced about its size is not believed.

        Of one that is too large some more is read and thrown away: a client hears nothing while it is still talking.
        """
        parts: list[bytes] = []
        octets, is_more = 0, True
        while is_more:
            message = await receive()
            if message["type"] != "http.request":
                break  # the client has gone
            part = message.get("body", b"")
            octets += len(part)
            if octets <= self._most:
                parts.append(part)
            is_more = message.get("more_body", False) and octets <= self._most * _PATIENCE
        return b"".join(parts) if octets <= self._most else None


def _once(body: bytes, receive: Receive) -> Receive:
    is_given = False

    async def given() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return given


async def _refuse(status: int, text: str, scope: Scope, receive: Receive, send: Send) -> None:
    # What was not read would be taken for the next request, so the connection ends here.
    response = PlainTextResponse(text, status_code=status, headers={"Connection": "close"})
    await response(scope, receive, send)
