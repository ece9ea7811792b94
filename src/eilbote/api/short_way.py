"""A shorter way for everyday requests of an operation that is asked very often; all others go the way of the framework.

What FastAPI does for every parameter of a request it does at every request: that takes longer than composing a message. An operation
may say how it answers a request with a small JSON object and no query (:func:`short_way`). Whatever is unusual about one is left to the
framework, which also tells what is wrong; so there is one place for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from fastapi.routing import APIRoute

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from fastapi import Request, Response
    from starlette.types import Scope

    ShortWay = Callable[[Request, dict[str, object]], Awaitable[Response | None]]

_LARGEST: Final = 64 * 1024
_SAID: Final = "said"
_ways: Final[dict[Callable[..., Any], ShortWay]] = {}


def short_way(endpoint: Callable[..., Any]) -> Callable[[ShortWay], ShortWay]:
    """Say how an endpoint of a :class:`ShortRoute` answers everyday requests: a decorator.

    The function is given the request and what its body says. It does everything that the endpoint's parameters ask for, and gives
    ``None``, before it has changed anything, where the framework is to go on.

    Args:
        endpoint: Of the operation.
    """

    def note(way: ShortWay) -> ShortWay:
        _ways[endpoint] = way
        return way

    return note


def keep_said(scope: Scope, said: object, *, octets: int) -> None:
    """Keep what the body of a request says for the shorter way, unless it is large, or no object.

    Args:
        scope: Of the request.
        said: What was read.
        octets: Of which it was read.
    """
    if octets <= _LARGEST and isinstance(said, dict):
        scope.setdefault("state", {})[_SAID] = said


class ShortRoute(APIRoute):
    """An operation that answers everyday requests by a shorter way, if one is known."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give what answers requests."""
        whole = super().get_route_handler()
        endpoint = self.endpoint
        if endpoint not in _ways:
            return whole
        short = _ways[endpoint]

        async def answer(request: Request) -> Response:
            scope = request.scope
            said = cast("dict[str, object] | None", scope.get("state", {}).get(_SAID))
            if said is not None and not scope["query_string"]:
                response = await short(request, said)
                if response is not None:
                    return response
            return await whole(request)

        return answer
