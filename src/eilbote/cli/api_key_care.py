"""What ``eilbote api-key`` does once everything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.accounts.role import read_permissions
from eilbote.cli.account_desk import note, shown_organization, this_principal
from eilbote.cli.as_given import as_given
from eilbote.cli.at_desk import at_desk
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import printable
from eilbote.cli.times import local_text, moment_text, read_time
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eilbote.accounts.api_key import ApiKey
    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.engine.accounts.keys import NewKey


def create(
    name: str,
    screen: Screen,
    *,
    organization: str,
    permissions: Sequence[str],
    senders: Sequence[str],
    expires: str | None,
    data_dir: Path | None,
) -> None:
    """Make a key, and show its text.

    Raises:
        EilboteError: A field cannot be used, there is no such organization, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> NewKey:
        allowed, end = read_permissions(permissions), None
        if expires is not None:
            end = moment_of(read_time(expires, field="expires", now=eilbote.clock.now()))
        made = await eilbote.accounts.keys.create(
            name,
            organization=organization,
            permissions=allowed,
            by=this_principal(),
            senders=senders,
            expires=end,
        )
        after: dict[str, object] = {"name": made.key.name, "permissions": sorted(made.key.permissions)}
        await note(
            eilbote, "api_key.create", f"api_key:{made.key.id}", organization=organization, after=after
        )
        return made

    _show_new(at_desk(as_given(work, screen), data_dir=data_dir, screen=screen, makes=True), screen)


def rotate(id_: str, screen: Screen, *, overlap: str, data_dir: Path | None) -> None:
    """Give a key another text, and show it.

    Raises:
        EilboteError: There is none of that id, it was revoked, the span cannot be used, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> NewKey:
        now = eilbote.clock.now()
        seconds = (read_time(overlap, field="overlap_seconds", now=now) - now).total_seconds()
        key = await eilbote.accounts.keys.get(id_)
        made = await eilbote.accounts.keys.rotate(key, by=this_principal(), overlap_seconds=seconds)
        await note(
            eilbote,
            "api_key.rotate",
            f"api_key:{key.id}",
            organization=key.organization,
            after={"key": "***", "overlap_seconds": seconds},
        )
        return made

    _show_new(at_desk(as_given(work, screen), data_dir=data_dir, screen=screen), screen)


def revoke(id_: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Call a key back.

    Raises:
        EilboteError: There is none of that id, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> ApiKey:
        key = await eilbote.accounts.keys.get(id_)
        revoked = await eilbote.accounts.keys.revoke(key)
        await note(eilbote, "api_key.revoke", f"api_key:{key.id}", organization=key.organization)
        return revoked

    key = at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        if screen.as_json:
            screen.data(_data(key))
        else:
            screen.text(_words(key))


def list_keys(screen: Screen, *, organization: str | None, limit: int, data_dir: Path | None) -> None:
    """Write keys.

    Raises:
        EilboteError: The outbox cannot be opened.
    """
    found = at_desk(
        lambda eilbote: eilbote.accounts.keys.page(organization, limit=limit),
        data_dir=data_dir,
        screen=screen,
    )
    with outliving_lost_output():
        for key in found:
            if screen.as_json:
                screen.line(_data(key))
            else:
                screen.text(_words(key))
        if not found and not screen.as_json:
            screen.note("there is none yet; `eilbote api-key create NAME --allow messages:submit` makes one")


def _show_new(made: NewKey, screen: Screen) -> None:
    with outliving_lost_output():
        if screen.as_json:
            screen.data({**_data(made.key), "key": made.text})
        else:
            screen.text(made.text)
            screen.note("Keep it now: it is not shown again.")


def _data(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "organization": key.organization,
        "name": key.name,
        "permissions": sorted(key.permissions),
        "senders": list(key.senders),
        "created_by": key.created_by,
        "created": moment_text(key.created),
        "expires": moment_text(key.expires),
        "used": moment_text(key.used),
        "is_revoked": key.is_revoked,
        "former_until": moment_text(key.former_until),
    }


def _words(key: ApiKey) -> str:
    parts = [", ".join(sorted(key.permissions))]
    if key.senders:
        parts.append(f"from {', '.join(key.senders)}")
    if key.is_revoked:
        parts.append("revoked")
    elif key.expires is not None:
        parts.append(f"until {local_text(key.expires)}")
    parts.append(f"used {local_text(key.used)}" if key.used is not None else "never used")
    return f"{key.id}  {printable(key.name)} of {shown_organization(key.organization)}: {'; '.join(parts)}"
