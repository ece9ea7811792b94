"""What stores of processes refuse, in the same words whether they keep things in memory or in a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.errors import RouteError
from eilbote.store.draft_kinds import qualified

if TYPE_CHECKING:
    from eilbote.author.process.route.route import StoredRoute


def route_changed_meanwhile(route: StoredRoute, revision: int) -> RouteError:
    """Say that a route cannot be kept in place of the revision that was read; ``revision`` is there now, 0 when it is gone."""
    name = qualified(route.organization, route.message_name)
    if not route.revision:
        return RouteError(
            f"there is a route {name!r} already",
            field="message_name",
            remedy="Change that one, or give another name",
        )
    return RouteError(
        f"somebody has changed the route {name!r} meanwhile",
        field="revision",
        cause=f"Revision {route.revision} was read, and "
        + (f"revision {revision} is there by now" if revision else "it is gone by now"),
        remedy="Read it again, then change it",
    )
