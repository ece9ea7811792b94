"""Refuses an organization of which nothing is known, before the host's things are taken for its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.connections.repository import split_name
from eilbote.errors import NotFoundError
from eilbote.settings.scope import HOST

if TYPE_CHECKING:
    from eilbote.app import Eilbote


async def check_known(eilbote: Eilbote, organization: str) -> None:
    """Refuse an organization that nobody has made, and that has neither settings nor connections of its own.

    Raises:
        NotFoundError: It is one.
        OutboxUnavailableError: The database does not answer.
    """
    if organization == HOST or organization in await eilbote.records.settings.organizations():
        return
    if any(split_name(each)[0] == organization for each in await eilbote.connections.names()):
        return
    if await eilbote.services.account_store.organization(organization) is None:
        raise NotFoundError(
            f"there is no organization {organization!r}",
            field="organization",
            remedy="`eilbote organization list` tells which there are; `eilbote settings set --org NAME` begins with one",
        )
