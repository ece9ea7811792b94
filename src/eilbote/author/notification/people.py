"""Who is meant by a subscription: addresses as they are, ``role:operator`` everybody with a role, ``user:ID`` one person.

Roles and people are looked up when an event is raised, so whoever joins, leaves or changes a role is told what is theirs from then on. Somebody
with an account is told in their language and time zone, else in those of their organization, else in those of the subscription.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.accounts.role import Role
from eilbote.author.notification.recipients import ROLE, USER

if TYPE_CHECKING:
    from eilbote.author.notification.event import SystemEvent
    from eilbote.author.notification.subscription import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account who can be told.

    Attributes:
        id: Of the account.
        address: Where to.
        organization: Where they belong; empty for the host.
        role: What they are.
        language: Theirs, or their organization's; empty when neither says one.
        time_zone: The same way.
    """

    id: str
    address: str
    organization: str
    role: Role
    language: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Somebody to be told, and how to speak to them.

    Attributes:
        address: Where to.
        language: In which language.
        time_zone: In which zone times are told.
    """

    address: str
    language: str
    time_zone: str


_NONE: Final[Mapping[str, Person]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody with an account who can be told of an event: the host's people and those of the event's organization.

    Attributes:
        by_id: By the ids of their accounts.
    """

    by_id: Mapping[str, Person] = field(default_factory=lambda: _NONE)

    def with_role(self, role: Role, organization: str) -> Sequence[Person]:
        """Give everybody of an organization with a role; system administrators are the host's, whichever is asked."""
        where = "" if role is Role.SYSTEM_ADMINISTRATOR else organization
        return [one for one in self.by_id.values() if one.role is role and one.organization == where]


NOBODY: Final = People()


def people_of(persons: Sequence[Person]) -> People:
    """Give people in the order of their ids."""
    return People(by_id=MappingProxyType({one.id: one for one in sorted(persons, key=lambda one: one.id)}))


def addressees(
    subscription: Subscription, event: SystemEvent, people: People, *, heeds_leaving: bool = True
) -> list[Addressee]:
    """Give who is meant by a subscription, each once.

    Args:
        subscription: Whose recipients.
        event: Of what they are told; a role means the people of its organization.
        people: Who has an account.
        heeds_leaving: Whether those are left out who have unsubscribed.
    """
    left = {address.lower() for address in subscription.left} if heeds_leaving else set[str]()
    found: dict[str, Addressee] = {}
    for recipient in subscription.recipients:
        for one in _meant(recipient, subscription, event, people):
            if one.address.lower() not in left:
                found.setdefault(one.address.lower(), one)
    return list(found.values())


def _meant(recipient: str, subscription: Subscription, event: SystemEvent, people: People) -> list[Addressee]:
    if recipient.startswith(ROLE):
        persons = people.with_role(Role(recipient.removeprefix(ROLE)), event.organization)
    elif recipient.startswith(USER):
        one = people.by_id.get(recipient.removeprefix(USER))
        is_theirs = one is not None and one.organization in {"", event.organization}
        persons = [one] if one is not None and is_theirs else []
    else:
        return [
            Addressee(address=recipient, language=subscription.language, time_zone=subscription.time_zone)
        ]
    return [
        Addressee(
            address=person.address,
            language=person.language or subscription.language,
            time_zone=person.time_zone or subscription.time_zone,
        )
        for person in persons
    ]
