"""What ``eilbote organization`` does once everything is read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from eilbote.accounts.organization import Quota
from eilbote.cli.account_desk import note
from eilbote.cli.as_given import as_given
from eilbote.cli.at_desk import at_desk
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import printable
from eilbote.cli.times import moment_text
from eilbote.engine.accounts.organizations import OrganizationFields

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.accounts.organization import Organization
    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen


class Said(NamedTuple):
    """What the options say; ``None`` where nothing is said."""

    title: str | None
    language: str | None
    time_zone: str | None
    is_enabled: bool | None
    per_hour: int | None
    per_day: int | None
    waiting: int | None


def create(name: str, said: Said, screen: Screen, *, data_dir: Path | None) -> None:
    """Make an organization, and show it.

    Raises:
        EilboteError: The name is taken, a field cannot be used, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> Organization:
        made = await eilbote.accounts.organizations.create(name, **_fields(said, Quota()))
        after = {"title": made.title}
        await note(
            eilbote,
            "organization.create",
            f"organization:{made.name}",
            organization=made.name,
            after=after,
        )
        return made

    _show(at_desk(as_given(work, screen), data_dir=data_dir, screen=screen, makes=True), screen)


def update(name: str, said: Said, screen: Screen, *, data_dir: Path | None) -> None:
    """Change an organization, and show it.

    Raises:
        EilboteError: There is none of that name, a field cannot be used, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> Organization:
        known = await eilbote.accounts.organizations.get(name)
        changed = await eilbote.accounts.organizations.change(name, **_fields(said, known.quota))
        before, after = _data(known), _data(changed)
        names = [each for each in after if after[each] != before[each] and each != "changed"]
        await note(
            eilbote,
            "organization.update",
            f"organization:{name}",
            organization=name,
            before={each: before[each] for each in names},
            after={each: after[each] for each in names},
        )
        return changed

    _show(at_desk(as_given(work, screen), data_dir=data_dir, screen=screen), screen)


def show(name: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Tell everything about an organization.

    Raises:
        EilboteError: There is none of that name, or the outbox cannot be opened.
    """
    _show(
        at_desk(lambda eilbote: eilbote.accounts.organizations.get(name), data_dir=data_dir, screen=screen),
        screen,
    )


def list_organizations(screen: Screen, *, limit: int, data_dir: Path | None) -> None:
    """Write organizations.

    Raises:
        EilboteError: The outbox cannot be opened.
    """
    found = at_desk(
        lambda eilbote: eilbote.accounts.organizations.page(limit=limit), data_dir=data_dir, screen=screen
    )
    with outliving_lost_output():
        for one in found:
            if screen.as_json:
                screen.line(_data(one))
            else:
                screen.text(_words(one))
        if not found and not screen.as_json:
            screen.note("there is none yet; `eilbote organization create NAME` makes one")


def delete(name: str, screen: Screen, *, data_dir: Path | None) -> None:
    """Forget an organization.

    Raises:
        EilboteError: There is none of that name, it is in use, or the outbox cannot be opened.
    """

    async def work(eilbote: Eilbote) -> None:
        await eilbote.accounts.organizations.delete(name)
        await note(eilbote, "organization.delete", f"organization:{name}", organization=name)

    at_desk(as_given(work, screen), data_dir=data_dir, screen=screen)
    with outliving_lost_output():
        if screen.as_json:
            screen.data({"name": name, "removed": True})
        else:
            screen.text(f"{printable(name)} is forgotten")


def _fields(said: Said, quota: Quota) -> OrganizationFields:
    fields = OrganizationFields()
    if said.title is not None:
        fields["title"] = said.title
    if said.language is not None:
        fields["language"] = said.language
    if said.time_zone is not None:
        fields["time_zone"] = said.time_zone
    if said.is_enabled is not None:
        fields["is_enabled"] = said.is_enabled
    fields["quota"] = replace(
        quota,
        messages_per_hour=quota.messages_per_hour if said.per_hour is None else said.per_hour,
        messages_per_day=quota.messages_per_day if said.per_day is None else said.per_day,
        waiting=quota.waiting if said.waiting is None else said.waiting,
    )
    return fields


def _show(organization: Organization, screen: Screen) -> None:
    with outliving_lost_output():
        if screen.as_json:
            screen.data(_data(organization))
        else:
            screen.text(_words(organization))


def _data(one: Organization) -> dict[str, object]:
    return {
        "name": one.name,
        "title": one.title,
        "language": one.language,
        "time_zone": one.time_zone,
        "is_enabled": one.is_enabled,
        "quota": {
            "messages_per_hour": one.quota.messages_per_hour,
            "messages_per_day": one.quota.messages_per_day,
            "waiting": one.quota.waiting,
        },
        "created": moment_text(one.created),
        "changed": moment_text(one.changed),
    }


def _words(one: Organization) -> str:
    limits = [
        f"{number:,} {what}"
        for number, what in (
            (one.quota.messages_per_hour, "messages an hour"),
            (one.quota.messages_per_day, "messages a day"),
            (one.quota.waiting, "waiting"),
        )
        if number
    ]
    title = f" ({printable(one.title)})" if one.title else ""
    state = "" if one.is_enabled else ", disabled"
    quota = f", at most {', '.join(limits)}" if limits else ""
    return f"{one.name}{title}: {one.language}, {one.time_zone}{quota}{state}"
