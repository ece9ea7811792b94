"""The query of a request is read as strictly as a body: a name that an operation does not know is refused.

A filter that nobody hears gives the whole list, and ``DELETE /captured?to=anna@example.org`` would throw away everybody's mail.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from fastapi import Request
from fastapi.routing import APIRoute

from eilbote.errors import DraftError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.dependencies.models import Dependant

_OF_OTHERS: Final = frozenset({"finish_consent"})
"""Operations that others send browsers to, with a query that is theirs to fill."""
_SHOWN: Final = 100
_known: Final[dict[str, frozenset[str]]] = {}


async def check_query(request: Request) -> None:
    """Refuse a query that names what the operation does not know.

    Raises:
        DraftError: It does; the field is the first such name.
    """
    if not request.query_params:
        return
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or route.operation_id is None or route.operation_id in _OF_OTHERS:
        return
    known = _known.get(route.operation_id)
    if known is None:
        known = _known[route.operation_id] = frozenset(query_names(route.dependant))
    for name in request.query_params:
        if name not in known:
            raise _unknown(name, sorted(known))


def query_names(dependant: Dependant) -> Iterator[str]:
    """Give what an operation and all that it depends on read of the query."""
    yield from (each.alias for each in dependant.query_params)
    for below in dependant.dependencies:
        yield from query_names(below)


def _unknown(name: str, known: list[str]) -> DraftError:
    alike = get_close_matches(name, known, n=1)
    there_are = f"There are {', '.join(known)}" if known else "It takes none"
    return DraftError(
        f"this operation knows no {name[:_SHOWN]!r} in its query",
        field=name if name.isidentifier() and len(name) <= _SHOWN else "query",
        remedy=f"Did you mean {alike[0]!r}? {there_are}" if alike else there_are,
    )
