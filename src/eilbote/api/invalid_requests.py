"""What is wrong with a request that does not have the form it should have: each fault with its place, and the nearest name for a slip.

Nothing of what was in a field is repeated, for it may be a secret; the names of fields are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Final, Union, cast, get_args, get_origin

from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.status import HTTP_415_UNSUPPORTED_MEDIA_TYPE, HTTP_422_UNPROCESSABLE_CONTENT

from eilbote.api.field_faults import FieldFault, field_faults, place_of
from eilbote.api.field_words import Told, told_plainly
from eilbote.api.json_body import is_json
from eilbote.api.problems import FieldProblem, plain_problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi.exceptions import RequestValidationError
    from starlette.requests import Request
    from starlette.responses import Response

_UNKNOWN: Final = "extra_forbidden"
_SOURCES: Final = frozenset({"body", "query", "path", "header", "cookie"})
_MOST_NAMED: Final = 12
_LONGEST_SHOWN: Final = 60


def invalid_request(request: Request, fault: RequestValidationError) -> Response:
    """Answer with what is wrong."""
    said = cast("Sequence[Mapping[str, object]]", fault.errors())
    if any(place_of(each) == ("body",) for each in said):
        kind = request.headers.get("content-type", "")
        if getattr(request.state, "has_body", False) and not is_json(kind):
            return plain_problem(
                request,
                HTTP_415_UNSUPPORTED_MEDIA_TYPE,
                "The body is no JSON, or does not say that it is. Send it with Content-Type: application/json.",
                code="media_type",
                field="content-type",
            )
    body = _body_of(request)
    found = field_faults(said, fault.body) if said else [FieldFault(place=(), said=({},))]
    faults = [_problem(each, body) for each in found]
    more = f" ({len(faults) - 1} more below)" if len(faults) > 1 else ""
    name = faults[0].pointer.removeprefix("#").removeprefix("/").replace("/", ".")
    told = _told(found[0], body)
    return plain_problem(
        request,
        HTTP_422_UNPROCESSABLE_CONTENT,
        f"{name or 'request'}: {told.what}{more}. {_ended(told.remedy)}",
        code="validation",
        field=name,
        remedy=told.remedy,
        errors=faults,
    )


def field_problems(said: Iterable[Mapping[str, object]], body: object, given: object) -> list[FieldProblem]:
    """Give faults, each with its place.

    Args:
        said: What the check of the form says of them.
        body: What the body has to be.
        given: What it is.
    """
    within = [{**each, "loc": ("body", *place_of(each))} for each in said]
    return [_problem(each, body) for each in field_faults(within, given)]


def field_names(annotation: object, place: Iterable[str | int]) -> list[str]:
    """Give the names of the fields that may stand at a place of a body.

    Args:
        annotation: What the body has to be.
        place: Names and numbers that lead there; names of variants among them, where there are several.
    """
    here = list(_alternatives(annotation))
    for part in place:
        below = [each for one in here for each in _below(one, part)]
        here = below or here  # the name of a variant leads nowhere
    return sorted({name for one in here for name in _fields(one)})


# -- within ----------------------------------------------------------------------------------------------------


def _problem(fault: FieldFault, body: object) -> FieldProblem:
    where = [str(part).replace("~", "~0").replace("/", "~1") for part in fault.place]
    if where and where[0] in _SOURCES:
        where = where[1:]
    told = _told(fault, body)
    return FieldProblem(
        pointer="#/" + "/".join(where) if where else "#",
        detail=f"{told.what}. {told.remedy}",
        code=str(fault.said[0].get("type", "")),
    )


def _told(fault: FieldFault, body: object) -> Told:
    first = fault.said[0]
    if first.get("type") == _UNKNOWN and fault.place:
        what = f"there is no field {str(fault.place[-1])[:_LONGEST_SHOWN]!r} here"
        return Told(what, _remedy(place_of(first), body) or "Leave it out")
    return told_plainly(fault.said, is_whole=len(fault.place) <= 1)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else f"{sentence}."


def _remedy(place: tuple[str | int, ...], body: object) -> str:
    """Name the nearest field to one that is unknown, or those there are when they are few."""
    if not place or body is None:
        return ""
    known = field_names(body, place[1 if place[0] == "body" else 0 : -1])
    written = str(place[-1])
    plain = {_plain(name): name for name in known}
    alike = get_close_matches(_plain(written[:_LONGEST_SHOWN]), plain, n=1)
    if alike:
        return f"Did you mean {plain[alike[0]]!r}?"
    return f"There are {', '.join(known)}" if 0 < len(known) <= _MOST_NAMED else "Leave it out"


def _plain(name: str) -> str:
    """Give a name without what naming styles differ in: ``fromName`` is ``from_name``."""
    return "".join(each for each in name.casefold() if each.isalnum())


def _body_of(request: Request) -> object:
    route = request.scope.get("route")
    field = route.body_field if isinstance(route, APIRoute) else None
    return None if field is None else field.field_info.annotation


def _alternatives(annotation: object) -> Iterator[object]:
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        for each in get_args(annotation):
            yield from _alternatives(each)
    elif origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    else:
        yield annotation


def _below(kind: object, part: str | int) -> Iterator[object]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if part in {name, field.alias}:
                yield from _alternatives(field.annotation)
    elif get_origin(kind) in {list, tuple, set, frozenset} and isinstance(part, int):
        for each in get_args(kind)[:1]:
            yield from _alternatives(each)
    elif get_origin(kind) is dict:
        yield from _alternatives(get_args(kind)[1])


def _fields(kind: object) -> Iterator[str]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield field.alias or name
