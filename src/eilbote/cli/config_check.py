"""What ``eilbote config check`` does: everything is read as the program would read it, and every fault is told, not the first."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from eilbote.cli.at_desk import is_absent, read_settings
from eilbote.cli.complaint import error_object
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import counted, printable
from eilbote.cli.settings_view import notes_on
from eilbote.config.mail_environment import MailEnvironment
from eilbote.connections.repository import qualified_name
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import ConnectionDisabledError, EilboteError
from eilbote.settings.endpoints import Endpoint
from eilbote.settings.scope import HOST

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.config.config import Config


@dataclass(slots=True)
class _Found:
    """What was found, each with the part of the configuration it belongs to."""

    problems: list[tuple[str, EilboteError]] = field(default_factory=list[tuple[str, EilboteError]])
    warnings: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    parts: list[str] = field(default_factory=list[str])

    def problem(self, part: str, error: EilboteError) -> None:
        told = {str(each) for _, each in self.problems}
        if str(error) not in told:  # what is wrong in the environment is met again at every endpoint
            self.problems.append((part, error))

    def warn(self, part: str, *texts: str) -> None:
        known = {text for _, text in self.warnings}
        self.warnings += ((part, text) for text in texts if text not in known)


def check_config(screen: Screen, *, data_dir: Path | None) -> None:
    """Check everything.

    Raises:
        typer.Exit: Something cannot be used.
    """
    found = _Found()
    config = _check_program(found, screen, data_dir)
    _check_environment(found)
    if config is not None:
        asyncio.run(_check_kept(found, config))
    with outliving_lost_output():
        _tell(found, screen)
    if found.problems:
        raise typer.Exit(ExitCode.INVALID)


def _check_program(found: _Found, screen: Screen, data_dir: Path | None) -> Config | None:
    found.parts.append("program")
    try:
        return read_settings(data_dir, screen)
    except EilboteError as fault:
        found.problem("program", fault)
        return None


def _check_environment(found: _Found) -> None:
    found.parts.append("environment")
    environment = MailEnvironment(os.environ, clock=SystemClock())
    for endpoint in Endpoint:
        try:
            found.warn("environment", *environment.said(endpoint).notes)
        except EilboteError as fault:
            found.problem("environment", fault)


async def _check_kept(found: _Found, config: Config) -> None:
    from eilbote.app import Eilbote
    from eilbote.store.memory_outbox import MemoryOutbox

    store = MemoryOutbox() if is_absent(config) else None
    try:
        async with Eilbote(config=config, store=store) as eilbote:
            found.parts.append("keys")
            try:
                await eilbote.records.open()
            except EilboteError as fault:
                found.problem("keys", fault)
                return  # what is kept cannot be read without them
            await _check_connections(found, eilbote)
            await _check_settings(found, eilbote)
    except EilboteError as fault:
        found.problem("database", fault)


async def _check_connections(found: _Found, eilbote: Eilbote) -> None:
    found.parts.append("connections")
    try:
        names = await eilbote.connections.names()
    except EilboteError as fault:
        found.problem("connections", fault)
        return
    endpoints = await eilbote.settings.names()
    for name in names:
        if name in endpoints:
            continue
        part = f"connection {name}"
        try:
            found.warn(part, *(await eilbote.connections.get(name)).warnings)
        except ConnectionDisabledError:
            found.warn(part, "It is switched off: mail for it waits.")
        except EilboteError as fault:
            found.problem(part, fault)


async def _check_settings(found: _Found, eilbote: Eilbote) -> None:
    found.parts.append("settings")
    scopes = (HOST, *await eilbote.records.settings.organizations())
    wanted = [(Endpoint.NOTIFICATION, each) for each in scopes]
    if Endpoint.SYSTEM in await eilbote.settings.names():
        wanted.append((Endpoint.SYSTEM, HOST))
    for endpoint, organization in wanted:
        name = qualified_name(organization, endpoint.value)
        part = f"endpoint {name}"
        try:
            holds = await eilbote.settings.effective(endpoint, organization)
            found.warn(part, *notes_on(holds))
            if holds.is_empty:
                found.warn(part, "It is not configured yet: nothing is sent through it.")
            else:
                found.warn(part, *(await eilbote.settings.get(name)).warnings)
        except EilboteError as fault:
            found.problem(part, fault)


def _tell(found: _Found, screen: Screen) -> None:
    if screen.as_json:
        screen.data(
            {
                "ok": not found.problems,
                "checked": found.parts,
                "problems": [{"part": part, **error_object(error)} for part, error in found.problems],
                "warnings": [{"part": part, "text": text} for part, text in found.warnings],
            }
        )
        return
    for part, error in found.problems:
        where = f", {error.field}" if error.field and error.field != part else ""
        screen.text(typer.style(f"problem  {printable(part + where)}", bold=True))
        for text in (error.what, error.cause, error.remedy):
            if text:
                screen.text(f"         {printable(text)}")
    for part, text in found.warnings:
        screen.text(f"warning  {printable(part)}: {printable(text)}")
    checked = ", ".join(found.parts)
    screen.text(
        f"{counted(len(found.problems), 'problem')}, {counted(len(found.warnings), 'warning')}; checked: {checked}"
    )
