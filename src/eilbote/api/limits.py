"""How much a request may bring along, and how long it may take to do so, before any route sees it.

Most requests are small. Operations to which files are handed in have more room (:class:`Room`); more than a mebibyte is read only from somebody
who is let in, so nobody else makes this machine hold it. What a request says about its own size is not believed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.status import (
    HTTP_408_REQUEST_TIMEOUT,
    HTTP_413_CONTENT_TOO_LARGE,
    HTTP_503_SERVICE_UNAVAILABLE,
)

from eilbote.api.problems import plain_problem, problem_response
from eilbote.errors import EilboteError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MEBIBYTE: Final = 1024 * 1024
MOST_OCTETS: Final = 256 * 1024
"""Of a form's body: ten thousand characters of any script, each octet of them escaped, and some room."""
BODY_SECONDS: Final = 20.0
_SLOWEST: Final = 64 * 1024
"""Octets a second by which large bodies may take longer."""
_PATIENCE: Final = 16
"""How many times as much of a small body is read before the connection is cut off in mid-sentence."""
_API: Final = "/api/"
_CODES: Final = {408: "request_timeout", 413: "too_large", 503: "busy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much may be handed in at some paths.

    Attributes:
        paths: Matches them.
        octets: Of a body.
    """

    paths: re.Pattern[str]
    octets: int


def api_rooms(*, largest_request: int) -> tuple[Room, ...]:
    """Give how much may be handed in where, the first that matches.

    Args:
        largest_request: Octets for messages with their attachments, and for whole snapshots.
    """
    return (
        Room(
            paths=re.compile(r"/api/v1/(?:messages|captured|snapshots|bounces)(?:/|\Z)"),
            octets=largest_request,
        ),
        Room(paths=re.compile(r"/api/v1/processes(?:/|\Z)"), octets=8 * _MEBIBYTE),
        Room(
            paths=re.compile(
                r"/api/v1/(?:flows|routes|runs|instances|conversations|templates|suppressions)(?:/|\Z)"
            ),
            octets=4 * _MEBIBYTE,
        ),
        Room(paths=re.compile(_API), octets=_MEBIBYTE),
    )


class RequestLimits:
    """Reads a request's body before the application is asked, and refuses one that is too much, or too slow.

    Args:
        app: The application.
        most_octets: Of the body, where no room says otherwise.
        seconds: For the first mebibyte of it, and for all of a smaller one.
        rooms: Where there may be more; the first that matches.
        check_door: Raises when whoever brings more than a mebibyte is not let in.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        most_octets: int = MOST_OCTETS,
        seconds: float = BODY_SECONDS,
        rooms: Sequence[Room] = (),
        check_door: Callable[[Request], Awaitable[object]] | None = None,
    ) -> None:
        self._app = app
        self._most = most_octets
        self._seconds = seconds
        self._rooms = rooms
        self._check_door = check_door
        self._held = 0
        self._holdable = 4 * max([most_octets, *(room.octets for room in rooms)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = next((room.octets for room in self._rooms if room.paths.match(scope["path"])), self._most)
        reading = _Reading(self, scope, receive, most=most, seconds=self._seconds)
        try:
            try:
                body = await reading.body()
            except _RefusedError as fault:
                await _refuse(fault.status, fault.text, scope, receive, send)
                return
            except EilboteError as fault:
                response = problem_response(Request(scope), fault)
                response.headers["Connection"] = "close"
                await response(scope, receive, send)
                return
            scope.setdefault("state", {})["has_body"] = bool(body)
            await self._app(scope, _once(body, receive), send)
        finally:
            self._held -= reading.held

    def hold(self, octets: int) -> bool:
        """Take room for some of a large body; says whether there was any."""
        if self._held + octets > self._holdable:
            return False
        self._held += octets
        return True

    async def check_door(self, scope: Scope) -> None:
        """Refuse those who may not hand in more than a little.

        Raises:
            EilboteError: They are not let in.
        """
        if self._check_door is not None:
            await self._check_door(Request(scope))


class _RefusedError(Exception):
    """A body is not taken."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class _Reading:
    """One body while it comes in."""

    def __init__(
        self, limits: RequestLimits, scope: Scope, receive: Receive, *, most: int, seconds: float
    ) -> None:
        self._limits = limits
        self._scope = scope
        self._receive = receive
        self._most = most
        self._seconds = seconds
        self.held = 0

    async def body(self) -> bytes:
        """Give it.

        Raises:
            _RefusedError: It is too much, or too slow.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            async with asyncio.timeout_at(begun + self._seconds) as deadline:
                parts: list[bytes] = []
                octets, is_more = 0, True
                while is_more:
                    message = await self._receive()
                    if message["type"] != "http.request":
                        break  # the client has gone
                    part = cast("bytes", message.get("body", b""))
                    octets += len(part)
                    if octets <= self._most:
                        parts.append(part)
                    # Of one that is too large some more is read and thrown away: a client hears nothing while it is still talking.
                    is_more = message.get("more_body", False) and octets <= max(
                        self._most, min(self._most, _MEBIBYTE) * _PATIENCE
                    )
                    if octets > _MEBIBYTE and octets <= self._most:
                        await self._take_room(len(part))
                        deadline.reschedule(begun + self._seconds + octets / _SLOWEST)
        except TimeoutError:
            raise _RefusedError(HTTP_408_REQUEST_TIMEOUT, "The request took too long.") from None
        if octets > self._most:
            raise _RefusedError(
                HTTP_413_CONTENT_TOO_LARGE, f"The request has more than {self._most:,} octets."
            )
        return b"".join(parts)

    async def _take_room(self, octets: int) -> None:
        if not self.held:
            await self._limits.check_door(self._scope)
        if not self._limits.hold(octets):
            raise _RefusedError(
                HTTP_503_SERVICE_UNAVAILABLE, "Others are handing in large requests; come again in a moment."
            )
        self.held += octets


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
    headers = {"Connection": "close"}
    if status == HTTP_503_SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    response: Response
    if scope["path"].startswith(_API):
        response = plain_problem(Request(scope), status, text, code=_CODES[status], headers=headers)
    else:
        response = PlainTextResponse(text, status_code=status, headers=headers)
    await response(scope, receive, send)
