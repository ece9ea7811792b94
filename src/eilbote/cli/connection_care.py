"""What ``eilbote connection add|update|remove|enable|disable|default|resume`` do once everything is read.

Each change stands in the audit book.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.cli.at_desk import at_desk
from eilbote.cli.connection_fields import Given, fields_given
from eilbote.cli.egress_notes import egress_warnings
from eilbote.cli.mail_setup_book import note_connection, note_kept, note_removed, stored_before
from eilbote.cli.named_connection import read_qualified
from eilbote.cli.printable import counted
from eilbote.connections.repository import split_name
from eilbote.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.connections.change import ChangedConnection

_MOST_FLOWS: Final = 5


def add(
    name: str,
    given: Given,
    screen: Screen,
    *,
    data_dir: Path | None,
    org: str | None,
    is_default: bool,
    enabled: bool,
    check_sender: bool = False,
) -> None:
    """Keep a connection.

    Raises:
        ConfigurationError: The name or a field cannot be used, or the secrets cannot be encrypted.
        OutboxError: The database cannot be used.
    """
    known = read_qualified(name, org)
    fields = fields_given(given, screen, name=known, asks=True)

    async def work(eilbote: Eilbote) -> tuple[ChangedConnection, bool]:
        book = eilbote.connections
        await book.check_free(known)
        before = await stored_before(eilbote, known)
        changed = await book.stored.add(known, fields, replace_known=True)
        if changed.is_new:
            await note_kept(eilbote, known, before, changed.stored)
        switched = not enabled and await _switched(eilbote, known, enabled=False)
        switched |= is_default and await _made_default(eilbote, known)
        if changed.is_new:
            await eilbote.resume(known)
        told = await _with_notes(eilbote, known, changed, check_sender=check_sender)
        return told, changed.is_new or switched

    changed, is_new = at_desk(work, data_dir=data_dir, screen=screen, makes=True)
    _tell(known, changed, screen, is_new=is_new, word="kept")


def update(
    name: str,
    given: Given,
    screen: Screen,
    *,
    data_dir: Path | None,
    org: str | None,
    check_sender: bool = False,
) -> None:
    """Change a connection.

    Raises:
        ConnectionNotFoundError: There is none.
        ConfigurationError: A field cannot be used, or a secret has to be entered again.
        OutboxError: The database cannot be used.
    """
    known = read_qualified(name, org)
    fields = fields_given(given, screen, name=known, asks=False)

    async def work(eilbote: Eilbote) -> ChangedConnection:
        await eilbote.connections.check_free(known)
        before = await stored_before(eilbote, known)
        changed = await eilbote.connections.stored.change(known, fields)
        if changed.is_new:
            await note_kept(eilbote, known, before, changed.stored)
            await eilbote.resume(known)
        return await _with_notes(eilbote, known, changed, check_sender=check_sender)

    changed = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    _tell(known, changed, screen, is_new=changed.is_new, word="changed")


def remove(name: str, screen: Screen, *, data_dir: Path | None, org: str | None, force: bool) -> None:
    """Forget a connection.

    Raises:
        ConnectionNotFoundError: There is none.
        SettingsError: It is given by the environment, or stands in a file.
        ConfigurationError: Mail waits for it, or flows name it.
    """
    known = read_qualified(name, org)

    async def work(eilbote: Eilbote) -> tuple[int, list[str]]:
        waiting = (await eilbote.figures()).by_connection.get(known, 0)
        if waiting and not force and known in await eilbote.connections.names():
            raise ConfigurationError(
                f"{counted(waiting, 'message')} still to be delivered {'waits' if waiting == 1 else 'wait'} for {known}",
                field="connection",
                remedy=f"Wait, `eilbote outbox cancel --connection {known}`, or --force: then it rests until {known} is back",
            )
        users = await _flows_that_name(known, eilbote)
        if users and not force and known in await eilbote.connections.names():
            raise ConfigurationError(
                f"{counted(len(users), 'flow')} {'names' if len(users) == 1 else 'name'} {known}",
                field="connection",
                cause=f"It stands in {', '.join(users[:_MOST_FLOWS])}{f' and {len(users) - _MOST_FLOWS:,} more' * (len(users) > _MOST_FLOWS)}",
                remedy="Publish them with another connection, or --force: then no mail of theirs goes out until it is back",
            )
        before = await stored_before(eilbote, known)
        await eilbote.connections.remove(known)
        await note_removed(eilbote, known, before)
        return waiting, users

    waiting, users = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data({"name": known, "removed": True, "waiting": waiting, "flows": users})
    else:
        screen.text(f"{known}: forgotten")


def switch(name: str, screen: Screen, *, data_dir: Path | None, org: str | None, enabled: bool) -> None:
    """Let mail go through a connection, or wait.

    Raises:
        ConnectionNotFoundError: There is no stored connection of that name.
    """
    known = read_qualified(name, org)

    async def work(eilbote: Eilbote) -> tuple[bool, int]:
        await eilbote.connections.check_free(known)
        changed = await _switched(eilbote, known, enabled=enabled)
        if enabled:
            await eilbote.resume(known)
        return changed, (await eilbote.figures()).by_connection.get(known, 0)

    changed, waiting = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data({"name": known, "enabled": enabled, "changed": changed, "waiting": waiting})
        return
    already = "" if changed else " already"
    screen.text(f"{known}: {'enabled' if enabled else 'disabled'}{already}")
    if waiting and not enabled:
        screen.note(f"{counted(waiting, 'message')} {'waits' if waiting == 1 else 'wait'} for it")


def make_default(name: str, screen: Screen, *, data_dir: Path | None, org: str | None) -> None:
    """Use a connection for messages that name none.

    Raises:
        ConnectionNotFoundError: There is no stored connection of that name.
    """
    known = read_qualified(name, org)

    async def work(eilbote: Eilbote) -> bool:
        await eilbote.connections.check_free(known)
        return await _made_default(eilbote, known)

    changed = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data({"name": known, "default": True, "changed": changed})
    else:
        screen.text(f"{known}: the default{'' if changed else ' already'}")


def resume(name: str, screen: Screen, *, data_dir: Path | None, org: str | None) -> None:
    """End the rest of a connection.

    Raises:
        ConnectionNotFoundError: It is not known, and does not rest.
    """
    known = read_qualified(name, org)

    async def work(eilbote: Eilbote) -> bool:
        resumed = await eilbote.resume(known)
        if resumed:
            await note_connection(eilbote, "resume", known)
        try:
            connection = await eilbote.connections.find(known)
        except ConfigurationError:
            if not resumed:
                raise
        else:
            # What the token endpoint refused for good may be mended as well.
            from eilbote.engine.token_sources import TokenSources

            await TokenSources(clock=eilbote.clock, store=eilbote.records.tokens).ask_again(connection)
        return resumed

    resumed = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data({"name": known, "resumed": resumed})
    else:
        screen.text(f"{known}: {'is used again' if resumed else 'did not rest'}")


async def _switched(eilbote: Eilbote, known: str, *, enabled: bool) -> bool:
    """Switch a connection, and write it down when it was not so already."""
    changed = await eilbote.connections.stored.switch(known, enabled=enabled)
    if changed:
        verb = "enable" if enabled else "disable"
        await note_connection(
            eilbote, verb, known, before={"enabled": not enabled}, after={"enabled": enabled}
        )
    return changed


async def _made_default(eilbote: Eilbote, known: str) -> bool:
    """Make a connection the default, and write it down when it was not so already."""
    changed = await eilbote.connections.stored.make_default(known)
    if changed:
        await note_connection(eilbote, "make_default", known, after={"is_default": True})
    return changed


async def _flows_that_name(known: str, eilbote: Eilbote) -> list[str]:
    from eilbote.engine.flow_users import users_of_connections

    found = await users_of_connections(eilbote.flow_store, eilbote.connections, of=split_name(known)[1])
    return [str(each) for each in found.get(known, ())]


async def _with_notes(
    eilbote: Eilbote, known: str, changed: ChangedConnection, *, check_sender: bool
) -> ChangedConnection:
    """Add that nothing may be connected to, and what the name servers say of the sender when that was asked for; it is kept already."""
    notes = changed.warnings
    if split_name(known)[0]:
        notes += egress_warnings(changed.connection.host, eilbote.config.egress.policy)
    if check_sender:
        from eilbote.cli.sender_notes import sender_warnings

        notes += tuple(await sender_warnings(changed.connection))
    return replace(changed, warnings=notes)


def _tell(name: str, changed: ChangedConnection, screen: Screen, *, is_new: bool, word: str) -> None:
    if screen.as_json:
        screen.data({"name": name, "changed": is_new, "warnings": list(changed.warnings)})
    elif is_new:
        screen.text(f"{name}: {word}")
    else:
        screen.text(f"{name}: nothing has changed")
    for warning in changed.warnings:
        screen.note(f"note: {warning}")
