"""What the exercises are played with: a store that is empty at first, organizations, people, keys and deeds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.accounts.api_key import ApiKey, digest_of_secret
from eilbote.accounts.audit import Deed
from eilbote.accounts.organization import Organization, Quota
from eilbote.accounts.principal import PrincipalKind
from eilbote.accounts.role import Permission, Role
from eilbote.accounts.session import LinkPurpose, OneTimeLink, Session
from eilbote.accounts.user import User, UserState
from eilbote.model.moment import Moment, later, moment_of
from eilbote.testing.manual_clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.accounts.store import AccountStore

Kept: TypeAlias = "Callable[[], AccountStore]"
"""Gives handles on the same store, which is empty at first."""

Exercise: TypeAlias = Callable[[Kept], Awaitable[None]]
"""Raises :class:`AssertionError`, naming the rule, when the store does not keep it."""

NOW: Final = moment_of(ManualClock().now())


def at(seconds: float) -> Moment:
    """Give the moment some seconds after :data:`NOW`."""
    return later(NOW, seconds)


def organization(name: str = "acme") -> Organization:
    """Give one, new, with something in every field."""
    return Organization(
        name=name,
        title="Böhm & Söhne \N{SPARKLES}",
        language="de",
        time_zone="Europe/Berlin",
        is_enabled=False,
        quota=Quota(messages_per_hour=100, messages_per_day=2**40, waiting=7),
        created=NOW,
        changed=at(1),
    )


def user(id_: str = "u1", address: str = "anna@example.org", *, of: str = "", subject: str = "") -> User:
    """Give one, new, with something in every field."""
    return User(
        id=id_,
        organization=of,
        address=address,
        name="Anna Bähr",
        role=Role.OPERATOR,
        state=UserState.ACTIVE,
        language="de",
        time_zone="Europe/Berlin",
        password="$argon2id$v=19$...",  # noqa: S106 - no hash of anything
        subject=subject,
        created=NOW,
        changed=at(1),
        signed_in=at(2),
    )


def session(digest: str, of: str = "u1", *, begun: float = 0, expires: float = 3600) -> Session:
    """Give one."""
    return Session(
        digest=digest,
        user=of,
        csrf=f"csrf of {digest}",
        created=at(begun),
        seen=at(begun + 1),
        expires=at(expires),
        address="192.0.2.7",
        agent="Browser/1.0",
    )


def link(
    digest: str, purpose: LinkPurpose = LinkPurpose.INVITATION, of: str = "u1", *, expires: float = 3600
) -> OneTimeLink:
    """Give one."""
    return OneTimeLink(digest=digest, purpose=purpose, user=of, created=NOW, expires=at(expires))


def key(id_: str = "k1", of: str = "") -> ApiKey:
    """Give one, new, with something in every field."""
    return ApiKey(
        id=id_,
        organization=of,
        name="Rechnungsdruck",
        permissions=frozenset({Permission.MESSAGES_SUBMIT, Permission.MESSAGES_READ}),
        senders=("billing@example.org", "example.com"),
        digest=digest_of_secret("one"),
        former_digest=digest_of_secret("two"),
        former_until=at(60),
        created_by="u1",
        created=NOW,
        expires=at(3600),
        used=at(5),
    )


def deed(
    action: str = "connection.update",
    *,
    when: float = 0,
    organization: str = "",
    who: str = "u1",
    name: str = "anna@example.org",
    thing: str = "connection:office",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> Deed:
    """Give one."""
    return Deed(
        at=at(when),
        organization=organization,
        kind=PrincipalKind.USER,
        who=who,
        name=name,
        action=action,
        thing=thing,
        before=before or {},
        after=after or {},
        door="api",
        address="192.0.2.7",
        request="r1",
    )
