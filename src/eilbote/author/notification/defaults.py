"""Who is told of what when nobody has said anything: subscriptions of the host's that are there from the beginning.

They mean roles, so they tell nobody until somebody has an account. A host changes one by keeping a subscription under the same id; an
organization replaces one for its own people by a subscription that names it (``replaces``). Events that are mandatory reach administrators
whatever anybody has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.accounts.role import Role
from eilbote.author.notification.recipients import ROLE
from eilbote.author.notification.subscription import Cadence, Subscription
from eilbote.model.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.author.notification.event import SystemEvent

DEFAULTS: Final = (
    Subscription(
        id="default-host",
        least=Severity.WARNING,
        recipients=(f"{ROLE}{Role.SYSTEM_ADMINISTRATOR.value}",),
    ),
    Subscription(
        id="default-organization",
        everywhere=True,
        least=Severity.ERROR,
        recipients=(f"{ROLE}{Role.ORGANIZATION_ADMINISTRATOR.value}",),
        cadence=Cadence.TEN_MINUTES,
    ),
    Subscription(
        id="default-connections",
        everywhere=True,
        pattern="connection.*",
        least=Severity.WARNING,
        recipients=(f"{ROLE}{Role.OPERATOR.value}",),
    ),
    Subscription(
        id="default-flows",
        everywhere=True,
        pattern="flow.*",
        least=Severity.ERROR,
        recipients=(f"{ROLE}{Role.AUTHOR.value}",),
        cadence=Cadence.TEN_MINUTES,
    ),
    Subscription(
        id="default-processes",
        everywhere=True,
        pattern="process.*",
        least=Severity.ERROR,
        recipients=(f"{ROLE}{Role.AUTHOR.value}", f"{ROLE}{Role.OPERATOR.value}"),
        cadence=Cadence.TEN_MINUTES,
    ),
)
"""The subscriptions that are there from the beginning."""
MANDATORY: Final = "mandatory"
"""The id by which administrators are told of what is mandatory."""


def default_subscription(id_: str) -> Subscription | None:
    """Give a default; ``None`` when there is none of that id."""
    return next((one for one in DEFAULTS if one.id == id_), None)


def with_defaults(kept: Iterable[Subscription]) -> list[Subscription]:
    """Give what is kept, and the defaults that nobody has changed."""
    found = list(kept)
    known = {one.id for one in found if not one.organization}
    return [*found, *(one for one in DEFAULTS if one.id not in known)]


def mandatory(event: SystemEvent) -> Subscription:
    """Give who hears of a mandatory event in any case: the administrators of its organization, or of the host."""
    role = Role.ORGANIZATION_ADMINISTRATOR if event.organization else Role.SYSTEM_ADMINISTRATOR
    return Subscription(id=MANDATORY, everywhere=True, recipients=(f"{ROLE}{role.value}",))
