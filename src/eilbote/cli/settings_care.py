"""What ``eilbote settings show|set|test`` do once everything is read."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.cli.at_desk import at_connections, at_desk, read_settings
from eilbote.cli.faults import NameNotValidError
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.settings_view import notes_on, settings_data, show_table
from eilbote.connections.repository import connection_name, qualified_name, split_name
from eilbote.errors import ConfigurationError, SettingsError
from eilbote.settings.endpoints import Endpoint
from eilbote.settings.scope import HOST

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.cli.settings_input import Given
    from eilbote.connections.connection import Connection
    from eilbote.settings.change import Changed
    from eilbote.settings.inheritance import EffectiveSettings
    from eilbote.settings.scope import ScopeSettings


def show_settings(
    screen: Screen, *, org: str | None, system: bool, origin: bool, data_dir: Path | None
) -> None:
    """Show what holds.

    Raises:
        EilboteError: The environment, the keys or the database cannot be used.
    """
    organization, endpoint = _scope(org, system=system)
    name = qualified_name(organization, endpoint.value)

    async def work(
        eilbote: Eilbote,
    ) -> tuple[EffectiveSettings, ScopeSettings, Connection | ConfigurationError | None]:
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
        changed = await eilbote.settings.change(change, organization)
        if changed.is_new:
            await _end_rests(eilbote, organization)
        if not check_sender:
            return changed
        return await _with_sender(changed, qualified_name(organization, Endpoint.NOTIFICATION.value))

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
        await run_of(eilbote, await eilbote.settings.get(name), screen, wanted, policy=policy)

    at_connections(work, data_dir=data_dir, screen=screen)


async def _with_sender(changed: Changed, name: str) -> Changed:
    """Add what the name servers say of the sender that now holds; everything is kept already."""
    from eilbote.cli.sender_notes import sender_warnings

    if changed.effective.is_empty:
        return changed
    try:
        connection = changed.effective.connection(name)
    except ConfigurationError:  # not complete yet, of which there is a warning already
        return changed
    return replace(changed, warnings=(*changed.warnings, *await sender_warnings(connection)))


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
