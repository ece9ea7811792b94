"""Which routes of processes name which connections: shown beside one, and asked before it is removed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from eilbote.author.process.route.text import read_route
from eilbote.engine.flow_users import may_name
from eilbote.errors import EilboteError

if TYPE_CHECKING:
    from eilbote.author.process.route.route import StoredRoute
    from eilbote.engine.flow_users import Resolving
    from eilbote.engine.process.route_desk import RouteDesk


async def routes_of_connections(
    routes: RouteDesk, connections: Resolving, *, of: str | None = None
) -> dict[str, tuple[StoredRoute, ...]]:
    """Tell for each connection which routes name it; one that cannot be read names none.

    Args:
        routes: The routes.
        connections: The connections.
        of: The own name of the only connection that matters, without its organization; all of them when ``None``.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    found: dict[str, list[StoredRoute]] = {}
    for stored in await routes.list():
        if not may_name(stored.text, of):
            continue
        with suppress(EilboteError):
            said = read_route(stored.text).connection
            if said:
                name = await connections.resolve(said, stored.organization)
                found.setdefault(name, []).append(stored)
    return {name: tuple(each) for name, each in found.items()}
