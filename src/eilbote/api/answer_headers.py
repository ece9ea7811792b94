"""What every answer of the API has: an id, and headers that keep browsers from making more of it than it is.

No other site is given anything (there is no CORS), nothing is kept in caches, nothing is shown in frames or taken for a page. ``HEAD`` is answered as
``GET`` without its body (RFC 9110 section 9.3.2).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from starlette.requests import Request

from eilbote.api.api_paths import is_for_api
from eilbote.api.problems import plain_problem
from eilbote.engine.random_ids import RandomIds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
)
"""Where an operation says nothing else: the preview of a message has a policy of its own."""
REQUEST_ID: Final = "X-Request-Id"
_REQUEST_ID: Final = REQUEST_ID.lower().encode()
_ID_DIGITS: Final = 16
_YEAR: Final = 31_536_000


class ApiAnswers:
    """Gives requests an id, and answers their headers.

    Args:
        app: The application.
        is_https: Whether people reach it by https, so that browsers may be told to come no other way (RFC 6797).
    """

    def __init__(self, app: ASGIApp, *, is_https: bool = False) -> None:
        self._app = app
        self._ids = RandomIds()
        told = dict(HEADERS)
        if is_https:
            told["Strict-Transport-Security"] = f"max-age={_YEAR}"
        self._headers = [(name.lower().encode(), value.encode()) for name, value in told.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if not is_for_api(scope):
            await self._app(scope, receive, send)
            return
        known = self._ids.token()[:_ID_DIGITS]
        scope.setdefault("state", {})["request_id"] = known
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope["method"] = "GET"

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = [each for each in message["headers"] if each[0] != _REQUEST_ID]
                names = {name for name, _ in said}
                said += [each for each in self._headers if each[0] not in names]
                message["headers"] = [*said, (_REQUEST_ID, known.encode())]
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        if _has_nul(scope):
            response = plain_problem(
                Request(scope),
                400,
                "The address holds the character NUL, which no name does.",
                code="address",
            )
            await response(scope, receive, answer)
            return
        await self._app(scope, receive, answer)


def _has_nul(scope: Scope) -> bool:
    return "\0" in scope["path"] or b"%00" in scope["query_string"] or b"\0" in scope["query_string"]
