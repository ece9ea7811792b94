"""Compresses large answers (RFC 9110 section 8.4), where nobody can learn a secret from how well they are compressed.

An attacker who can have a browser ask, sees how long the answers are, and has his guesses stand in them, finds secrets beside his guesses letter by letter
(BREACH). He needs requests that a browser sends with somebody's cookie: so what is asked with a cookie is not compressed. Programs that bring a
key, and readers of the public description, get it compressed.
"""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING, Final, cast

from starlette.datastructures import Headers, MutableHeaders

from eilbote.api.api_paths import is_for_api

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAST_OCTETS: Final = 2048
"""Less is not worth it."""
_IN_A_THREAD: Final = 256 * 1024
_LEVEL: Final = 5
_KINDS: Final = ("application/json", "application/problem+json", "text/")


class Compression:
    """Compresses answers that are sent in one piece; what is sent bit by bit stays as it is.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if not is_for_api(scope):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if "cookie" in headers or "gzip" not in headers.get("accept-encoding", "").lower():
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def answer(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is None:
                await send(message)
                return
            first, start = start, None
            body = cast("bytes", message.get("body", b""))
            sent = MutableHeaders(scope=first)
            if not message.get("more_body") and len(body) >= LEAST_OCTETS and _is_worth_it(sent):
                body = await asyncio.to_thread(_packed, body) if len(body) > _IN_A_THREAD else _packed(body)
                sent["Content-Encoding"] = "gzip"
                sent["Content-Length"] = str(len(body))
                sent.add_vary_header("Accept-Encoding")
                message = {**message, "body": body}
            await send(first)
            await send(message)

        await self._app(scope, receive, answer)


def _is_worth_it(headers: MutableHeaders) -> bool:
    return "content-encoding" not in headers and headers.get("content-type", "").startswith(_KINDS)


def _packed(body: bytes) -> bytes:
    return gzip.compress(body, _LEVEL, mtime=0)
