"""How much a request may bring along, and how long it may take to do so, before any route sees it.

Most requests are small. Operations to which files are handed in have more room (:class:`Room`); of the API's bodies more than a little is read
only from somebody who is let in, so nobody else makes this machine hold it. What a request says about its own size is not believed, a body that
breaks off is nobody's request (RFC 9112 section 8), and what is packed (``Content-Encoding``) is not unpacked: it may hold anything.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.status import (
    HTTP_408_REQUEST_TIMEOUT,
    HTTP_413_CONTENT_TOO_LARGE,
    HTTP_415_UNSUPPORTED_MEDIA_TYPE,
    HTTP_503_SERVICE_UNAVAILABLE,
)

from eilbote.api.api_paths import API
from eilbote.api.error_places import keep_for_errors
from eilbote.api.problems import plain_problem, problem_response
from eilbote.errors import EilboteError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MEBIBYTE: Final = 1024 * 1024
MOST_OCTETS: Final = 256 * 1024
"""Of a form's body: ten thousand characters of any script, each octet of them escaped, and some room."""
UNCOUNTED_OCTETS: Final = 64 * 1024
"""Of a body, that anybody may have held for himself; a sign-in, an answer and nearly every message is smaller."""
BODY_SECONDS: Final = 20.0
_SLOWEST: Final = 64 * 1024
"""Octets a second by which large bodies may take longer."""
_PATIENCE: Final = 16
"""How many times as much as a small body is thrown away before the connection is cut off in mid-sentence."""
_LINGERING_SECONDS: Final = 5.0
"""For how long."""
_CODES: Final = {408: "request_timeout", 413: "too_large", 415: "media_type", 503: "busy"}


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
        Room(paths=re.compile(API), octets=_MEBIBYTE),
    )


class RequestLimits:
    """Reads a request's body before the application is asked, and refuses one that is too much, or too slow.

    Args:
        app: The application.
        most_octets: Of the body, where no room says otherwise.
        seconds: For the first mebibyte of it, and for all of a smaller one.
        rooms: Where there may be more; the first that matches.
        check_door: Tells for whom somebody brings more than :data:`UNCOUNTED_OCTETS` to the API; raises when they are not let in. Of the room for
            large bodies nobody is given more than half, so that one organization does not take that of the others.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        most_octets: int = MOST_OCTETS,
        seconds: float = BODY_SECONDS,
        rooms: Sequence[Room] = (),
        check_door: Callable[[Request], Awaitable[str]] | None = None,
    ) -> None:
        self._app = app
        self._most = most_octets
        self._seconds = seconds
        self._rooms = rooms
        self._check_door = check_door
        self._held: Counter[str] = Counter()
        self._holdable = 4 * max([most_octets, *(room.octets for room in rooms)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = next((room.octets for room in self._rooms if room.paths.match(scope["path"])), self._most)
        reading = _Reading(self, scope, receive, most=most, seconds=self._seconds)
        response: Response
        try:
            _check_coding(scope)
            body = await reading.body()
            scope.setdefault("state", {})["has_body"] = bool(body)
            keep_for_errors(scope, body)
            await self._app(scope, _once(body, receive), send)
            return
        except _GoneError:
            return
        except _RefusedError as fault:
            response, lingers = _answer_to(fault, scope), fault.status != HTTP_408_REQUEST_TIMEOUT
        except _NotLetInError as fault:
            response, lingers = problem_response(Request(scope), fault.error), True
        finally:
            self._held.subtract({reading.whose: reading.held})
            if not self._held[reading.whose]:
                del self._held[reading.whose]
        await _refuse(response, scope, reading if lingers else None, send)

    def hold(self, octets: int, whose: str) -> bool:
        """Take room for some of a large body; says whether there was any."""
        most = self._holdable // 2 if whose else self._holdable
        if self._held.total() + octets > self._holdable or self._held[whose] + octets > most:
            return False
        self._held[whose] += octets
        return True

    async def check_door(self, scope: Scope) -> str:
        """Tell whose a large body is, empty where everybody may bring one; refuse those who may not.

        Raises:
            EilboteError: They are not let in.
        """
        if self._check_door is None or not scope["path"].startswith(API):
            return ""
        return await self._check_door(Request(scope))


class _RefusedError(Exception):
    """A body is not taken."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class _NotLetInError(Exception):
    """Whoever brings a body is not let in."""

    def __init__(self, error: EilboteError) -> None:
        super().__init__(str(error))
        self.error = error


class _GoneError(Exception):
    """The client has gone before it had said everything."""


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
        self.whose = ""
        self.is_more = True

    async def body(self) -> bytes:
        """Give it.

        Raises:
            _RefusedError: It is too much, or too slow.
            _GoneError: It has no end.
            _NotLetInError: Whoever brings it is not let in.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        parts: list[bytes] = []
        octets = 0
        try:
            async with asyncio.timeout_at(begun + self._seconds) as deadline:
                while self.is_more:
                    part = await self._next()
                    octets += len(part)
                    if octets > self._most:
                        raise _RefusedError(
                            HTTP_413_CONTENT_TOO_LARGE, f"The request has more than {self._most:,} octets."
                        )
                    parts.append(part)
                    if octets > UNCOUNTED_OCTETS:
                        await self._take_room(octets - self.held)
                    if octets > _MEBIBYTE:
                        deadline.reschedule(begun + self._seconds + octets / _SLOWEST)
        except TimeoutError:
            raise _RefusedError(HTTP_408_REQUEST_TIMEOUT, "The request took too long.") from None
        return b"".join(parts)

    async def throw_away(self) -> None:
        """Read what still comes, for a while, and forget it."""
        octets = 0
        with suppress(TimeoutError, _GoneError):
            async with asyncio.timeout(_LINGERING_SECONDS):
                while self.is_more and octets <= min(self._most, _MEBIBYTE) * _PATIENCE:
                    octets += len(await self._next())

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] != "http.request":
            raise _GoneError
        self.is_more = bool(message.get("more_body", False))
        return cast("bytes", message.get("body", b""))

    async def _take_room(self, octets: int) -> None:
        if not self.held:
            try:
                self.whose = await self._limits.check_door(self._scope)
            except EilboteError as error:
                raise _NotLetInError(error) from error
        if not self._limits.hold(octets, self.whose):
            raise _RefusedError(
                HTTP_503_SERVICE_UNAVAILABLE, "Others are handing in large requests; come again in a moment."
            )
        self.held += octets


def _check_coding(scope: Scope) -> None:
    """Refuse a body that is packed: a kilobyte may hold a gigabyte.

    Raises:
        _RefusedError: It is.
    """
    codings = Headers(scope=scope).getlist("content-encoding")
    if any(each.strip().lower() not in {"", "identity"} for each in codings):
        raise _RefusedError(
            HTTP_415_UNSUPPORTED_MEDIA_TYPE,
            "A body that is packed is not read; send it without Content-Encoding.",
        )


def _once(body: bytes, receive: Receive) -> Receive:
    is_given = False

    async def given() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return given


def _answer_to(fault: _RefusedError, scope: Scope) -> Response:
    headers: dict[str, str] = {}
    if fault.status == HTTP_503_SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "5"
    if fault.status == HTTP_415_UNSUPPORTED_MEDIA_TYPE:
        headers["Accept-Encoding"] = "identity"  # RFC 9110 section 12.5.3
    if scope["path"].startswith(API):
        return plain_problem(
            Request(scope), fault.status, fault.text, code=_CODES[fault.status], headers=headers
        )
    return PlainTextResponse(fault.text, status_code=fault.status, headers=headers)


async def _refuse(response: Response, scope: Scope, reading: _Reading | None, send: Send) -> None:
    """Answer, and end the connection, for what was not read would be taken for the next request.

    Most clients listen when they have said everything, and a connection that is closed over octets that nobody has read takes its answer along
    (RFC 9112 section 9.6). So what still comes is thrown away for a while behind the answer, where there is anything to wait for.
    """

    async def sent(message: Message) -> None:
        if reading and message["type"] == "http.response.body" and not message.get("more_body", False):
            await send({**message, "more_body": True})
            await reading.throw_away()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await send(message)

    response.headers["Connection"] = "close"
    await response(scope, _nothing_more, sent)


async def _nothing_more() -> Message:
    return {"type": "http.disconnect"}
