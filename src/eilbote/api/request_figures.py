"""Counts requests by operation and status, and how long each took; an operation is named as in the description, never by its path."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from starlette.status import HTTP_500_INTERNAL_SERVER_ERROR

from eilbote.record.metrics import Durations

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NONE: Final = "none"
"""What was asked for leads nowhere; strangers must not choose the names of figures."""


@dataclass(slots=True)
class RequestFigures:
    """What was counted since the process began.

    Attributes:
        requests: How many were answered, by operation and status.
        durations: How long they took, by operation.
        under_way: How many are being answered now.
    """

    requests: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    durations: defaultdict[str, Durations] = field(default_factory=lambda: defaultdict(Durations))
    under_way: int = 0


class CountedRequests:
    """Counts requests when they are over.

    Args:
        app: The application.
        figures: Where to.
    """

    def __init__(self, app: ASGIApp, *, figures: RequestFigures) -> None:
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        figures, status, begun = self._figures, HTTP_500_INTERNAL_SERVER_ERROR, time.perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        figures.under_way += 1
        try:
            await self._app(scope, receive, answer)
        finally:
            figures.under_way -= 1
            operation = operation_of(scope)
            figures.requests[operation, status] += 1
            figures.durations[operation].add(time.perf_counter() - begun)


def operation_of(scope: Scope) -> str:
    """Name what was asked for: the id of its operation, or the pattern of its path."""
    route = scope.get("route")
    return str(getattr(route, "operation_id", None) or getattr(route, "path", None) or _NONE)
