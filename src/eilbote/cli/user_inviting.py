"""What ``eilbote user invitations`` and ``revoke`` do once everything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.cli.account_desk import note, shown_organization, this_principal, user_of
from eilbote.cli.as_given import as_given
from eilbote.cli.at_desk import at_desk
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import printable
from eilbote.cli.times import local_text, moment_text

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.accounts.user import User
    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.engine.accounts.invitations import OpenInvitation


def list_invitations(screen: Screen, *, organization: str | None, limit: int, data_dir: Path | None) -> None:
    """Write who was invited and has not come yet.

    Raises:
        EilboteError: The outbox cannot be opened.
    """
    found = at_desk(
        lambda eilbote: eilbote.accounts.invitations.page(organization, limit=limit),
        data_dir=data_dir,
        screen=screen,
    )
    with outliving_lost_output():
        for each in found:
            if screen.as_json:
                screen.line(_data(each))
            else:
                screen.text(f"{each.user.id:<16}  {_words(each)}")
        if not found and not screen.as_json:
            screen.note("nobody is invited who has not come")


def revoke(who: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Take an invitation back.

    Raises:
        EilboteError: Nobody is known by this, they have come already, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> User:
        user = await user_of(eilbote, who)
        await eilbote.accounts.invitations.revoke(user, by=this_principal())
        before = {"address": user.address, "role": user.role.value}
        await note(
            eilbote,
            "user.revoke_invitation",
            f"user:{user.id}",
            organization=user.organization,
            before=before,
        )
        return user

    user = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        if screen.as_json:
            screen.data({"id": user.id, "revoked": True})
        else:
            screen.text(f"The invitation of {printable(user.address)} is taken back; its link leads nowhere")


def _data(invitation: OpenInvitation) -> dict[str, object]:
    user = invitation.user
    return {
        "user": user.id,
        "address": user.address,
        "name": user.name,
        "organization": user.organization,
        "role": user.role.value,
        "status": "open" if invitation.is_good else "expired",
        "sent": moment_text(invitation.sent),
        "expires": moment_text(invitation.expires),
    }


def _words(invitation: OpenInvitation) -> str:
    user = invitation.user
    until = "the link has expired"
    if invitation.is_good and invitation.expires is not None:
        until = f"the link is good until {local_text(invitation.expires)}"
    at = shown_organization(user.organization)
    return f"{printable(user.address)}: {user.role.value} of {printable(at)}, {until}"
