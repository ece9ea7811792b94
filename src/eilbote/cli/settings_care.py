"""What ``eilbote settings show|set|reset|test`` do once everything is read; each change stands in the audit book."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import typer

from eilbote.cli.at_desk import at_connections, at_desk, read_settings
from eilbote.cli.egress_notes import egress_warnings
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.faults import NameNotValidError, UnreadableFileError
from eilbote.cli.known_organization import check_known
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.mail_setup_book import note_reset, note_settings
from eilbote.cli.settings_view import notes_on, settings_data, show_table
from eilbote.connections.repository import connection_name, qualified_name, split_name
from eilbote.errors import ConfigurationError, SettingsError
from eilbote.settings.endpoints import Endpoint
from eilbote.settings.inheritance import Level
from eilbote.settings.scope import HOST

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.cli.settings_input import Given
    from eilbote.connections.connection import Connection
    from eilbote.settings.change import Changed
    from eilbote.settings.inheritance import EffectiveSettings
    from eilbote.settings.scope import Remains, ScopeSettings


def show_settings(
    screen: Screen, *, org: str | None, system: bool, origin: bool, data_dir: Path | None
) -> None:
    """Show what holds.

    Raises:
        NotFoundError: There is no such organization.
        EilboteError: The environment, the keys or the database cannot be used.
    """
    organization, endpoint = _scope(org, system=system)
    name = qualified_name(organization, endpoint.value)

    async def work(
        eilbote: Eilbote,
    ) -> tuple[EffectiveSettings, ScopeSettings, Connection | ConfigurationError | None]:
        await check_known(eilbote, organization)
        found = await eilbote.settings.effective(endpoint, organization)
        scope = await eilbote.records.settings.read(organization)
        if found.is_empty:
            return found, scope, None
        try:
            return found, scope, await eilbote.settings.get(name)
        except ConfigurationError as fault:
            return found, scope, fault

    found, scope, made = at_connections(work, data_dir=data_dir, screen=screen)
    connection = None if isinstance(made, ConfigurationError) else made
    notes = [
        *notes_on(found),
        *(() if connection is None else connection.warnings),
        *_environment_notes(endpoint),
    ]
    if isinstance(made, ConfigurationError):
        notes.append(f"This makes no connection: {made}")
    if found.is_empty:
        notes.append(f"The endpoint {name!r} is not configured yet: nothing is sent through it.")
    if not scope.custom:
        notes.append(
            f"The values of {'the host' if organization == HOST else organization} are kept and do not hold: "
            "they are switched to default."
        )
    if screen.as_json:
        screen.data(settings_data(name, found, scope, connection) | {"warnings": notes})
        return
    show_table(found, connection, screen, origin=origin)
    for note in notes:
        screen.note(f"note: {note}")


def set_settings(
    given: Given, screen: Screen, *, org: str | None, data_dir: Path | None, check_sender: bool = False
) -> None:
    """Change what a scope says.

    Raises:
        ConfigurationError: The change cannot be made; nothing was changed.
        OutboxError: The database cannot be used.
    """
    from eilbote.cli.settings_input import read_change

    organization, _ = _scope(org, system=False)
    change = read_change(given, screen)

    async def work(eilbote: Eilbote) -> Changed:
        before = await eilbote.records.settings.read(organization)
        changed = await eilbote.settings.change(change, organization)
        if changed.is_new:
            await note_settings(eilbote, before, changed.settings)
            await _end_rests(eilbote, organization)
        return await _with_notes(eilbote, changed, organization, check_sender=check_sender)

    changed = at_desk(work, data_dir=data_dir, screen=screen, makes=True)
    with outliving_lost_output():
        if screen.as_json:
            screen.data(
                {
                    "organization": organization or None,
                    "changed": changed.is_new,
                    "configured": not changed.effective.is_empty,
                    "warnings": list(changed.warnings),
                }
            )
        else:
            whose = organization or "the host"
            screen.text(f"settings of {whose}: {'kept' if changed.is_new else 'nothing has changed'}")
    for warning in changed.warnings:
        screen.note(f"note: {warning}")


def reset_settings(screen: Screen, *, org: str | None, data_dir: Path | None, asks: bool) -> None:
    """Forget what a scope says, after a copy of what can be read of it.

    Raises:
        UnreadableFileError: The copy cannot be written; nothing was forgotten.
        OutboxError: The database cannot be used.
        typer.Exit: Somebody was asked, and did not want it.
    """
    organization, _ = _scope(org, system=False)
    whose = organization or "the host"

    async def look(eilbote: Eilbote) -> Remains | None:
        return await eilbote.settings.remains(organization)

    remains = at_connections(look, data_dir=data_dir, screen=screen)
    copy = None
    if remains is not None:
        # Asked outside the event loop, which would swallow a Ctrl-C.
        if asks and sys.stdin.isatty():
            _confirm(whose, screen)
        copy = _keep_copy(remains, read_settings(data_dir, screen).data_dir)

    async def work(eilbote: Eilbote) -> bool:
        found = await eilbote.settings.reset(organization)
        if found and remains is not None:
            await note_reset(eilbote, remains)
            await _end_rests(eilbote, organization)
        return found

    found = remains is not None and at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    with outliving_lost_output():
        if screen.as_json:
            place = None if copy is None else str(copy)
            screen.data({"organization": organization or None, "reset": found, "copy": place})
        else:
            screen.text(f"settings of {whose}: {'reset' if found else 'there are none'}")
    if copy is not None:
        screen.note(f"What could be read of them, without secrets, is in {copy}")


def _confirm(whose: str, screen: Screen) -> None:
    typer.echo(f"Forget all settings of {whose}, passwords included? [y/N] ", nl=False, err=True)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        screen.note("nothing was changed")
        raise typer.Exit(ExitCode.FAILED)


def _keep_copy(remains: Remains, folder: Path) -> Path:
    """Write what remains into a file that is not there yet and that nobody else may read.

    Raises:
        UnreadableFileError: That cannot be done.
    """
    data = {
        "organization": remains.organization or None,
        "custom": remains.custom,
        "fields": _parsed(remains.plain),
        "locked": _parsed(remains.locked),
        "secrets": list(remains.secrets),
    }
    try:
        for number in count(1):
            file = folder / f"settings-{remains.organization or 'host'}-{number}.json"
            with suppress(FileExistsError):
                file.touch(0o600, exist_ok=False)
                file.write_text(f"{json.dumps(data, indent=2, ensure_ascii=False)}\n", "utf-8")
                return file
    except OSError as fault:
        raise UnreadableFileError(
            f"no copy of the settings can be kept in {str(folder)!r}",
            cause=fault.strerror,
            remedy="Make room, or let this user write there; nothing was forgotten",
        ) from None
    raise AssertionError(folder)  # numbers do not end


def _parsed(text: str) -> object:
    """Give what a text says, or the text itself where something has damaged it."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def probe_settings(
    screen: Screen,
    *,
    org: str | None,
    system: bool,
    sender: str | None,
    to: str | None,
    suggest: bool,
    dialogue: bool,
    data_dir: Path | None,
) -> None:
    """Test what holds.

    Raises:
        NotFoundError: There is no such organization.
        ConnectionNotFoundError: Nothing is configured.
        ConfigurationError: What is configured cannot be used.
        typer.Exit: A step failed, or the test message was not accepted.
    """
    from eilbote.cli.authoring import read_addresses, read_mailbox
    from eilbote.cli.probing import Wanted, run_of

    organization, endpoint = _scope(org, system=system)
    wanted = Wanted(
        sender=read_mailbox(sender, field="from", given=screen.given),
        recipients=read_addresses([to] if to else (), field="to", given=screen.given),
        dialogue=dialogue,
        suggest=suggest,
    )
    name = qualified_name(organization, endpoint.value)
    policy = read_settings(data_dir, screen).egress.policy

    async def work(eilbote: Eilbote) -> None:
        await check_known(eilbote, organization)
        await run_of(eilbote, await eilbote.settings.get(name), screen, wanted, policy=policy)

    at_connections(work, data_dir=data_dir, screen=screen)


async def _with_notes(
    eilbote: Eilbote, changed: Changed, organization: str, *, check_sender: bool
) -> Changed:
    """Add that nothing may be connected to, and what the name servers say of the sender that now holds; everything is kept already."""
    if changed.effective.is_empty:
        return changed
    try:
        connection = changed.effective.connection(qualified_name(organization, Endpoint.NOTIFICATION.value))
    except ConfigurationError:  # not complete yet, of which there is a warning already
        return changed
    notes = tuple(changed.warnings)
    if changed.effective.destination_level is Level.ORGANIZATION:
        notes += egress_warnings(connection.host, eilbote.config.egress.policy)
    if check_sender:
        from eilbote.cli.sender_notes import sender_warnings

        notes += tuple(await sender_warnings(connection))
    return replace(changed, warnings=notes)


async def _end_rests(eilbote: Eilbote, organization: str) -> None:
    """Let the endpoints that adopt these settings be tried at once, when they rest after failures."""
    for pause in await eilbote.pauses():
        owner, own = split_name(pause.connection)
        if own in set(Endpoint) and organization in {HOST, owner}:
            await eilbote.resume(pause.connection)


def _scope(org: str | None, *, system: bool) -> tuple[str, Endpoint]:
    """Read which settings are meant.

    Raises:
        NameNotValidError: The organization's name cannot be one, or an organization has no such settings.
    """
    if org is None:
        return HOST, Endpoint.SYSTEM if system else Endpoint.NOTIFICATION
    if system:
        raise NameNotValidError(
            "mails about accounts are the host's", field="organization", remedy="Leave out --org or --system"
        )
    try:
        return connection_name(org, field="organization"), Endpoint.NOTIFICATION
    except SettingsError as fault:
        raise NameNotValidError(fault.what, field="organization", remedy=fault.remedy) from None


def _environment_notes(endpoint: Endpoint) -> tuple[str, ...]:
    from eilbote.config.mail_environment import MailEnvironment
    from eilbote.engine.system_clock import SystemClock

    return MailEnvironment(os.environ, clock=SystemClock()).said(endpoint).notes
