"""Whom a user and a key stand for, once it is certain that they are the ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.accounts.organization import HOST
from eilbote.accounts.principal import Principal, PrincipalKind
from eilbote.accounts.role import GRANTS, HOST_ONLY, Permission

if TYPE_CHECKING:
    from eilbote.accounts.api_key import ApiKey
    from eilbote.accounts.user import User

ANONYMOUS: Final = Principal(
    kind=PrincipalKind.ANONYMOUS, id="", name="", organization=HOST, permissions=frozenset()
)
"""Nobody has said who it is."""


def principal_of_user(user: User, *, csrf: str = "") -> Principal:
    """Give whom a user stands for."""
    return Principal(
        kind=PrincipalKind.USER,
        id=user.id,
        name=user.address,
        organization=user.organization,
        permissions=_within(GRANTS[user.role], user.organization),
        csrf=csrf,
    )


def principal_of_key(key: ApiKey) -> Principal:
    """Give whom a key stands for."""
    return Principal(
        kind=PrincipalKind.API_KEY,
        id=key.id,
        name=key.name,
        organization=key.organization,
        permissions=_within(key.permissions, key.organization),
        senders=key.senders,
    )


def command_of(name: str) -> Principal:
    """Give whom a command stands for: whoever works at the machine can read and write everything there anyway.

    Args:
        name: What the operating system calls them.
    """
    return Principal(
        kind=PrincipalKind.COMMAND,
        id=name,
        name=name,
        organization=HOST,
        permissions=frozenset(Permission),
    )


def _within(permissions: frozenset[Permission], organization: str) -> frozenset[Permission]:
    return permissions if organization == HOST else permissions - HOST_ONLY
