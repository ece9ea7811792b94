"""What ``eilbote user`` does once everything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from eilbote.accounts.user import UserState
from eilbote.cli.account_desk import link_of, note, shown_organization, this_principal, user_of
from eilbote.cli.as_given import as_given
from eilbote.cli.at_desk import at_desk
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import printable
from eilbote.cli.times import local_text, moment_text
from eilbote.errors import ConfigurationError
from eilbote.settings.endpoints import Endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eilbote.accounts.session import Session
    from eilbote.accounts.user import User
    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.engine.accounts.users import UserFields
    from eilbote.errors import EilboteError


def create(
    address: str,
    screen: Screen,
    *,
    organization: str,
    role: str,
    name: str,
    language: str,
    time_zone: str,
    shows_link: bool,
    data_dir: Path | None,
) -> None:
    """Invite somebody.

    Raises:
        EilboteError: A field cannot be used, somebody has the address, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> tuple[User, str, EilboteError | None]:
        invited = await eilbote.accounts.invitations.invite(
            address,
            organization=organization,
            by=this_principal(),
            name=name,
            role=role,
            language=language,
            time_zone=time_zone,
            is_mailed=not shows_link,
        )
        user = invited.user
        after = {"address": user.address, "role": user.role.value}
        await note(eilbote, "user.create", f"user:{user.id}", organization=organization, after=after)
        return await _sent(eilbote, user, invited.path)

    user, link, waits = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen, makes=True)
    _tell_sent(user, link, waits, screen)


def reset(who: str, screen: Screen, *, shows_link: bool, data_dir: Path | None) -> None:
    """Send somebody a link for a password.

    Raises:
        EilboteError: Nobody is known by this, they are locked out, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> tuple[User, str, EilboteError | None]:
        user, by = await user_of(eilbote, who), this_principal()
        accounts = eilbote.accounts
        if user.state is UserState.INVITED:
            path = (await accounts.invitations.again(user, by=by, is_mailed=not shows_link)).path
            action = "user.invite"
        else:
            path = await accounts.recovery.send(user, by=by, is_mailed=not shows_link)
            action = "user.recovery_sent"
        await note(eilbote, action, f"user:{user.id}", organization=user.organization)
        return await _sent(eilbote, user, path)

    user, link, waits = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    _tell_sent(user, link, waits, screen)


def list_users(screen: Screen, *, organization: str | None, limit: int, data_dir: Path | None) -> None:
    """Write people.

    Raises:
        EilboteError: The outbox cannot be opened.
    """
    found = at_desk(
        lambda eilbote: eilbote.accounts.users.page(organization, limit=limit),
        data_dir=data_dir,
        screen=screen,
    )
    with outliving_lost_output():
        for user in found:
            if screen.as_json:
                screen.line(user_data(user))
            else:
                screen.text(f"{user.id:<16}  {_words(user)}")
        if not found and not screen.as_json:
            screen.note("there is nobody yet; `eilbote user create ADDRESS` invites somebody")


def show(who: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Tell everything about somebody.

    Raises:
        EilboteError: Nobody is known by this, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> tuple[User, Sequence[Session]]:
        user = await user_of(eilbote, who)
        return user, await eilbote.accounts.sessions.of(user.id)

    user, sessions = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        if screen.as_json:
            screen.data({**user_data(user), "sessions": [_session_data(each) for each in sessions]})
            return
        screen.text(f"{user.id}  {_words(user)}")
        for each in sessions:
            screen.text(
                f"  signed in since {local_text(each.created)} from {printable(each.address or '?')}: "
                f"{printable(each.agent, longest=60) or '?'}"
            )


def change(who: str, screen: Screen, *, fields: Mapping[str, object], data_dir: Path | None) -> None:
    """Change somebody, and show them.

    Raises:
        EilboteError: Nobody is known by this, a field cannot be used, they are the last administrator, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> User:
        user = await user_of(eilbote, who)
        changed = await eilbote.accounts.users.change(user, by=this_principal(), **cast("UserFields", fields))
        before, after = user_data(user), user_data(changed)
        names = [name for name in after if after[name] != before[name] and name != "changed"]
        await note(
            eilbote,
            "user.update",
            f"user:{user.id}",
            organization=user.organization,
            before={name: before[name] for name in names},
            after={name: after[name] for name in names},
        )
        return changed

    user = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        if screen.as_json:
            screen.data(user_data(user))
        else:
            screen.text(f"{user.id}  {_words(user)}")


def delete(who: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Forget somebody.

    Raises:
        EilboteError: Nobody is known by this, they are the last administrator, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> User:
        user = await user_of(eilbote, who)
        await eilbote.accounts.users.delete(user, by=this_principal())
        before = {"address": user.address, "role": user.role.value}
        await note(eilbote, "user.delete", f"user:{user.id}", organization=user.organization, before=before)
        return user

    user = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        if screen.as_json:
            screen.data({"id": user.id, "removed": True})
        else:
            screen.text(f"{printable(user.address)} is forgotten")


def user_data(user: User) -> dict[str, object]:
    """Give somebody as JSON; without anything by which they come in."""
    return {
        "id": user.id,
        "organization": user.organization,
        "address": user.address,
        "name": user.name,
        "role": user.role.value,
        "state": user.state.value,
        "language": user.language,
        "time_zone": user.time_zone,
        "created": moment_text(user.created),
        "changed": moment_text(user.changed),
        "signed_in": moment_text(user.signed_in),
    }


def _session_data(session: Session) -> dict[str, object]:
    return {
        "created": moment_text(session.created),
        "seen": moment_text(session.seen),
        "expires": moment_text(session.expires),
        "address": session.address,
        "agent": session.agent,
    }


async def _sent(eilbote: Eilbote, user: User, path: str) -> tuple[User, str, EilboteError | None]:
    """Give a link as people open it, or, of one that is mailed, why its message has to wait for now."""
    if path:
        return user, link_of(eilbote, path), None
    try:
        await eilbote.connections.get(Endpoint.SYSTEM.value)
    except ConfigurationError as fault:
        return user, "", fault
    return user, "", None


def _tell_sent(user: User, link: str, waits: EilboteError | None, screen: Screen) -> None:
    with outliving_lost_output():
        if screen.as_json:
            screen.data({**user_data(user), "link": link})
        elif link:
            screen.text(link)
            screen.note(
                f"Give this link to {printable(user.address)} and to nobody else: whoever opens it comes in."
            )
        else:
            screen.text(f"{user.id}  {_words(user)}")
            if waits is None:
                screen.note(f"A link is on its way to {printable(user.address)}.")
        if waits is not None:
            screen.note(
                f"The link for {printable(user.address)} waits, and is mailed when this is mended: {printable(str(waits))}"
                f" To hand it over yourself: `eilbote user reset {printable(user.address)} --link`."
            )


def _words(user: User) -> str:
    name = f" ({printable(user.name)})" if user.name else ""
    at = shown_organization(user.organization)
    return f"{printable(user.address)}{name}: {user.role.value} of {printable(at)}, {user.state.value}"
