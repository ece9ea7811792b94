"""A session as its pool sees it: how it is opened, and what is remembered about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from eilbote.deliver.pool_plan import SessionView

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from eilbote.deliver.client import Client
    from eilbote.deliver.delivery import Delivery
    from eilbote.errors import DeliveryError


class OpenSession(Protocol):
    """How the pool gets a session; :meth:`eilbote.deliver.client.Client.open` with its options filled in."""

    def __call__(
        self,
        *,
        on_done: Callable[[Client, list[Delivery]], None],
        on_room: Callable[[Client], None],
        on_lost: Callable[[Client, DeliveryError], None],
    ) -> Coroutine[None, None, Client]:
        """Open one session, ready for mail."""
        ...


class Session:
    """What the pool remembers about one client."""

    __slots__ = ("checking", "client", "idle_since", "number", "opened_at", "submitted")

    def __init__(self, client: Client, number: int, now: float) -> None:
        self.client = client
        self.number = number
        self.opened_at = now
        self.idle_since = now
        self.submitted = 0
        self.checking = False

    def view(self) -> SessionView:
        """Give what the plan needs to know."""
        in_flight = self.client.in_flight
        return SessionView(
            number=self.number,
            delivered=self.submitted - in_flight,
            in_flight=in_flight or int(self.checking),
            opened_at=self.opened_at,
            idle_since=self.idle_since,
        )


def by_load(session: Session) -> tuple[int, float]:
    """Prefer a session that does nothing, and of those the one used last: the others may fall idle and close."""
    return session.client.in_flight, -session.idle_since
