"""One line of the log for each request: what was asked, by whom, how it was answered, how long it took.

The path itself is left out, as is what stands in the query: they may hold tokens of links, addresses, and what somebody looks for. What is
told is which operation it was, ``/api/v1/messages/{id}``; the id of the request leads to its records in the audit book.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from starlette.status import HTTP_500_INTERNAL_SERVER_ERROR

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOG: Final = logging.getLogger("eilbote.access")


class AccessLog:
    """Writes down requests when they are over.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or not _LOG.isEnabledFor(logging.INFO):
            await self._app(scope, receive, send)
            return
        method, begun = scope["method"], time.monotonic()
        status, octets = HTTP_500_INTERNAL_SERVER_ERROR, 0

        async def answer(message: Message) -> None:
            nonlocal status, octets
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                octets += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            state = scope.get("state", {})
            principal = state.get("principal")
            fields: dict[str, object] = {
                "request": state.get("request_id", ""),
                "method": method,
                "operation": _operation(scope),
                "status": status,
                "seconds": round(time.monotonic() - begun, 4),
                "octets": octets,
                "who": "" if principal is None else principal.id,
                "organization": "" if principal is None else principal.organization,
            }
            _LOG.info(
                "%s",
                " ".join(f"{name}={value}" for name, value in fields.items() if value != ""),
                extra={"eilbote": fields},
            )


def _operation(scope: Scope) -> str:
    """Name what was asked for, as it stands in the description; nothing where there is nothing."""
    route = scope.get("route")
    name = getattr(route, "operation_id", None) or getattr(route, "path", "")
    return str(name)
