"""Answers of a kind that nobody asked for: ``406`` to whoever reads something and takes other kinds only (RFC 9110 section 12.5.1).

What changes something is answered whatever is accepted: it has been done by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.status import HTTP_400_BAD_REQUEST

from eilbote.api.api_paths import is_for_api
from eilbote.api.problems import plain_problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LONGEST: Final = 1000
_ANYTHING: Final = "*/*"


class Acceptable:
    """Refuses to send what a client does not take.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if not is_for_api(scope) or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        accepted = ", ".join(Headers(scope=scope).getlist("accept"))
        if not accepted or _ANYTHING in accepted:
            await self._app(scope, receive, send)
            return
        is_refused = False

        async def answer(message: Message) -> None:
            nonlocal is_refused
            if is_refused:
                if message.get("more_body"):
                    msg = "nobody takes this"
                    raise OSError(msg)  # as a server does when the client has gone: a stream has no other end
                return
            if message["type"] == "http.response.start" and message["status"] < HTTP_400_BAD_REQUEST:
                kind = Headers(raw=message["headers"]).get("content-type", "")
                if kind and not accepts(accepted, kind):
                    is_refused = True
                    response = plain_problem(
                        Request(scope),
                        406,
                        f"This is answered as {kind.partition(';')[0]} only.",
                        code="not_acceptable",
                        field="accept",
                    )
                    await response(scope, receive, send)
                    return
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception:
            if not is_refused:
                raise


def accepts(accepted: str, kind: str) -> bool:
    """Tell whether a client that sends an Accept header takes answers of a kind.

    Args:
        accepted: The header.
        kind: A media type; its parameters are not looked at.
    """
    wanted = kind.partition(";")[0].strip().lower()
    family = wanted.partition("/")[0] + "/*"
    best, found = -1, False
    for part in accepted[:_LONGEST].split(","):
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        nearness = {wanted: 2, family: 1, _ANYTHING: 0}.get(name, -1)
        if nearness > best:
            best, found = nearness, not any(_is_zero(each) for each in parameters)
    return found


def _is_zero(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return name.strip() == "q" and value.strip().rstrip("0") in {"", "."} and value.strip() != ""
