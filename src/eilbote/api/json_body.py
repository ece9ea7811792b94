"""Reads JSON (RFC 8259) more strictly than the grammar asks, so that no two programs understand a request differently.

Two members of one name, numbers that are none, halves of characters and NUL are refused, and so is what costs more to read than to send:
deep nesting, very many members, very long numbers. What is wrong is told with its place. This happens before any operation sees the body,
and for all of them.
"""

from __future__ import annotations

import json
import math
import re
from collections import deque
from typing import TYPE_CHECKING, Final, NoReturn, cast

from starlette.requests import Request

from eilbote.api.api_paths import is_for_api
from eilbote.api.problems import FieldProblem, plain_problem
from eilbote.api.short_way import keep_said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

DEEPEST: Final = 64
"""How many arrays and objects may stand in one another."""
MOST_MEMBERS: Final = 100_000
"""How many values there may be in all."""
LONGEST_NUMBER: Final = 20
"""Digits of an integer; those of 64 bits have 20."""
_LONGEST_FLOAT: Final = 40
_STRINGS: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BRACKETS: Final = re.compile(r"[^\[\]{}]++")
_UNUSUAL: Final = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)
_SHOWN: Final = 60
_KINDS: Final = re.compile(r"application/(?:[a-z0-9.-]+\+)?json\s*(?:;|\Z)", re.IGNORECASE)


class JsonFault(Exception):  # noqa: N818 - a fault of somebody else's text
    """Why a body is not read.

    Args:
        what: What is wrong, a sentence without its full stop.
        pointer: Where, as a JSON pointer (RFC 6901), as far as that is known.
    """

    def __init__(self, what: str, pointer: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.pointer = pointer


def read_json(octets: bytes) -> object:
    """Give what a body says.

    Raises:
        JsonFault: It says nothing, or not clearly.
    """
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise JsonFault(f"octet {fault.start + 1:,} is not UTF-8") from None
    _check_size(text)
    try:
        said: object = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_int=_integer,
            parse_float=_float,
        )
    except json.JSONDecodeError as fault:
        raise JsonFault(
            f"it is not JSON: {fault.msg[:1].lower()}{fault.msg[1:]} in line {fault.lineno}, column {fault.colno}"
        ) from None
    except RecursionError:
        raise _too_deep() from None
    if _UNUSUAL.search(text):
        _check_texts(said)
    return said


def is_json(content_type: str) -> bool:
    """Tell whether a Content-Type means JSON."""
    return _KINDS.match(content_type.strip()) is not None


class StrictJson:
    """Refuses bodies that are not strictly JSON and say they are, before the application is asked.

    It stands behind :class:`~eilbote.api.limits.RequestLimits`, which hands on a body in one piece.

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
        request = Request(scope)
        if not is_json(request.headers.get("content-type", "")):
            await self._app(scope, receive, send)
            return
        message = await receive()
        body = cast("bytes", message.get("body", b""))
        if body:
            try:
                keep_said(scope, read_json(body), octets=len(body))
            except JsonFault as fault:
                response = plain_problem(
                    request,
                    400,
                    f"The body cannot be read: {fault.what}.",
                    code="json",
                    field=fault.pointer.removeprefix("#/").replace("/", "."),
                    errors=(FieldProblem(pointer=fault.pointer or "#", detail=fault.what, code="json"),),
                )
                await response(scope, receive, send)
                return
        is_given = False

        async def again() -> object:
            nonlocal is_given
            if is_given:
                return await receive()
            is_given = True
            return message

        await self._app(scope, cast("Receive", again), send)


# -- within ----------------------------------------------------------------------------------------------------


def _check_size(text: str) -> None:
    """Refuse what is too deep or too much before anything is built of it."""
    openings = text.count("[") + text.count("{")
    if openings <= DEEPEST and openings + text.count(",") <= MOST_MEMBERS:
        return  # nearly all: brackets and commas within strings are counted as well, so this errs on one side only
    bare = _STRINGS.sub("", text)
    if bare.count(",") + bare.count("[") + bare.count("{") > MOST_MEMBERS:
        raise JsonFault(f"it has more than {MOST_MEMBERS:,} values")
    depth = 0
    for bracket in _BRACKETS.sub("", bare):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST:
            raise _too_deep()


def _too_deep() -> JsonFault:
    return JsonFault(f"more than {DEEPEST} arrays and objects stand in one another")


def _object(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise JsonFault(f"the member {_shown(name)} stands twice in one object")
            seen.add(name)
    return made


def _refuse_constant(text: str) -> NoReturn:
    raise JsonFault(f"{text} is no number in JSON")


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > LONGEST_NUMBER:
        raise JsonFault(
            f"the number {text[:30]}... has {len(text.lstrip('-')):,} digits, more than {LONGEST_NUMBER}"
        )
    return int(text)


def _float(text: str) -> float:
    number = float(text) if len(text) <= _LONGEST_FLOAT else math.inf
    if not math.isfinite(number):
        raise JsonFault(f"the number {text[:_LONGEST_FLOAT]} is beyond what can be kept")
    return number


def _check_texts(said: object) -> None:
    """Refuse halves of characters, and NUL, wherever they are."""
    waiting: deque[tuple[str, object]] = deque([("#", said)])
    while waiting:
        pointer, value = waiting.popleft()
        if isinstance(value, str):
            _check_text(value, pointer)
        elif isinstance(value, dict):
            for name, inner in cast("dict[str, object]", value).items():
                _check_text(name, pointer)
                waiting.append((f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}", inner))
        elif isinstance(value, list):
            items = cast("list[object]", value)
            waiting.extend((f"{pointer}/{number}", inner) for number, inner in enumerate(items))


def _check_text(text: str, pointer: str) -> None:
    if "\0" in text:
        raise JsonFault(
            f"the text at {pointer[:_SHOWN]} holds the character NUL, which no text does", pointer
        )
    try:
        text.encode()
    except UnicodeEncodeError:
        raise JsonFault(
            f"the text at {pointer[:_SHOWN]} holds half of a character (a lone surrogate)", pointer
        ) from None


def _shown(name: str) -> str:
    return json.dumps(name[:_SHOWN])
