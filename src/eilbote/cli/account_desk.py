"""What the commands about accounts share: who acts, what is written into the audit book, and how somebody is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.accounts.organization import HOST
from eilbote.accounts.principal import Origin
from eilbote.cli.this_user import this_user
from eilbote.engine.accounts.principals import command_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.accounts.principal import Principal
    from eilbote.accounts.user import User
    from eilbote.app import Eilbote

LOCAL_URL = "http://127.0.0.1:8025"
"""Where `eilbote serve` listens unless it is told otherwise."""


def this_principal() -> Principal:
    """Give who runs the command: somebody at the machine, who may do everything there."""
    return command_of(this_user())


async def note(
    eilbote: Eilbote,
    action: str,
    thing: str,
    *,
    organization: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Write down what a command did.

    Raises:
        OutboxUnavailableError: The database does not answer.
    """
    await eilbote.audit.note(
        this_principal(),
        Origin(door="cli"),
        action,
        thing,
        organization=organization,
        before=before or {},
        after=after or {},
    )


async def user_of(eilbote: Eilbote, text: str) -> User:
    """Give somebody by their address or their id.

    Raises:
        NotFoundError: Nobody is known by it.
        OutboxUnavailableError: The database does not answer.
    """
    users = eilbote.accounts.users
    return await users.at(text) if "@" in text else await users.get(text)


def link_of(eilbote: Eilbote, path: str) -> str:
    """Give the address of a link, as people open it."""
    return (eilbote.config.public_url.rstrip("/") or LOCAL_URL) + path


def shown_organization(name: str) -> str:
    """Say where somebody belongs."""
    return "the host" if name == HOST else name
