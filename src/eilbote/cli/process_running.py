"""What ``eilbote process start``, ``resume``, ``message`` and ``reply`` do: set instances going, and stay with one."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from eilbote.author.process.instance import InstanceStatus
from eilbote.cli.at_desk import at_desk
from eilbote.cli.delivering import deliveries, is_worked
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.faults import CommandLineError
from eilbote.cli.flow_texts import read_input
from eilbote.cli.flow_wish import quiet_log
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import printable
from eilbote.cli.process_data import instance_data
from eilbote.cli.process_missing import no_process
from eilbote.cli.process_texts import is_diagram, read_octets
from eilbote.cli.process_view import show_instance, show_instances
from eilbote.engine.process.instance_mails import mails_of
from eilbote.errors import ProcessNotFoundError
from eilbote.model.moment import moment_of
from eilbote.model.status import EntryState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen
    from eilbote.engine.process.instance_mails import ElementMail
    from eilbote.engine.process.process_view import ProcessInstance
    from eilbote.model.data import Data

_CHANGE: Final = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*=")
_GOING: Final = frozenset({EntryState.QUEUED, EntryState.ACTIVE})
_DELIVERY_SECONDS: Final = 10.0
"""How long messages are delivered that the instance itself does not wait for."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """What was asked for.

    Attributes:
        process: The name of a published process.
        data: What each ``--data`` said.
        sets: What each ``--set`` said.
        organization: On whose behalf.
        instance_id: The caller's own name for the instance.
        correlation: The correlation key.
        version: Of the process.
        waits: Whether to stay with it.
    """

    process: str
    data: Sequence[str] = ()
    sets: Sequence[str] = ()
    organization: str = ""
    instance_id: str | None = None
    correlation: str | None = None
    version: int | None = None
    waits: bool = False


def read_data(data: Sequence[str], sets: Sequence[str]) -> dict[str, Data]:
    """Give the data that ``--data`` and ``--set`` make together.

    Args:
        data: Each JSON that begins with a brace, ``-`` for stdin, a file with JSON or YAML, or ``key=value``.
        sets: Each ``key=value``; they go over the others.

    Raises:
        InputError: It is not JSON, or no table.
        CommandLineError: There are two tables, or ``--set`` has no key.
        UnreadableFileError: A file cannot be read.
    """
    changes = [each for each in data if _CHANGE.match(each) and not Path(each).exists()]
    tables = [each for each in data if each not in changes]
    if len(tables) > 1:
        raise CommandLineError(
            "the data is given twice",
            field="data",
            remedy="Give one file or JSON object, and single values as key=value",
        )
    return read_input(tables[0] if tables else None, [*changes, *sets], field="data") or {}


def start_instance(begin: Begin, screen: Screen, *, data_dir: Path | None) -> None:
    """Begin an instance.

    Raises:
        ProcessNotFoundError: There is no such process.
        EilboteError: The data cannot be used, or the database not be opened.
        typer.Exit: It was stayed with, and has failed (1).
    """
    if is_diagram(begin.process):
        raise CommandLineError(
            "an instance is one of a published process, not of a file",
            field="name",
            remedy=f"Run: eilbote process publish {begin.process}, then start it by its name",
        )
    data = read_data(begin.data, begin.sets)

    async def work(eilbote: Eilbote) -> ProcessInstance:
        before = moment_of(eilbote.clock.now())
        try:
            instance = await eilbote.processes.start(
                begin.process,
                data,
                organization=begin.organization,
                instance_id=begin.instance_id,
                correlation=begin.correlation,
                version=begin.version,
                author="cli",
            )
        except ProcessNotFoundError:
            kept = await eilbote.processes.processes()
            if any((each.organization, each.name) == (begin.organization, begin.process) for each in kept):
                raise
            raise no_process(begin.process, kept, begin.organization) from None
        if instance.began < before:
            screen.note(
                f"eilbote: an instance {printable(instance.id)} was begun before; no other one was begun. "
                "For one more give another --id"
            )
        if begin.waits:
            return await stay_with(eilbote, instance.id, screen)
        screen.data(instance_data(instance)) if screen.as_json else screen.text(instance.id)
        if not await is_worked(eilbote):
            screen.note("A courier works it: 'eilbote courier', or 'eilbote process resume'.")
        return instance

    _conclude(_stayed(work, screen, data_dir))


def resume_instances(instance_id: str | None, screen: Screen, *, data_dir: Path | None) -> None:
    """Go on with instances, and tell how they stand.

    Raises:
        InstanceNotFoundError: There is no such instance.
        typer.Exit: The one instance has failed (1).
    """

    async def work(eilbote: Eilbote) -> ProcessInstance | None:
        if instance_id is not None:
            return await stay_with(eilbote, instance_id, screen)
        worked = await eilbote.processes.resume()
        await eilbote.deliver_due()
        instances = [await eilbote.processes.get(each.id) for each in worked]
        if screen.as_json:
            for instance in instances:
                screen.line(instance_data(instance, in_full=False))
        elif instances:
            show_instances(instances, screen, now=moment_of(eilbote.clock.now()))
        else:
            screen.note("no instance is due")
        return None

    _conclude(_stayed(work, screen, data_dir))


async def stay_with(eilbote: Eilbote, instance_id: str, screen: Screen) -> ProcessInstance:
    """Work an instance until it has ended or waits for something that may take long, deliver its messages, and show it."""
    async with deliveries(eilbote):
        await eilbote.processes.resume(instance_id)
        instance, mails = await _delivered(eilbote, instance_id)
    with outliving_lost_output():
        if screen.as_json:
            screen.data(instance_data(instance, mails))
        else:
            show_instance(instance, mails, screen, now=moment_of(eilbote.clock.now()))
            screen.note(f"eilbote process diagram {printable(instance.id)} draws it")
    return instance


async def _delivered(eilbote: Eilbote, instance_id: str) -> tuple[ProcessInstance, Sequence[ElementMail]]:
    """Give an instance once none of its messages is on its way any more, or after some seconds."""
    end, pause = eilbote.clock.monotonic() + _DELIVERY_SECONDS, _FIRST_PAUSE
    while True:
        instance = await eilbote.processes.get(instance_id)
        mails = await mails_of(eilbote, instance)
        now = moment_of(eilbote.clock.now())
        going = [
            mail
            for mail in mails
            if mail.entry.state in _GOING and mail.entry.due <= now and not mail.waits_for
        ]
        if not going or eilbote.clock.monotonic() >= end:
            return instance, mails
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


# -- messages ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A message, as it was given.

    Attributes:
        name: Of the message.
        data: What each ``--data`` said.
        sets: What each ``--set`` said.
        organization: Whose processes.
        correlation: The key by which it finds its instance.
        instance: The instance, in place of a key.
        message_id: The caller's own name for it.
    """

    name: str
    data: Sequence[str] = ()
    sets: Sequence[str] = ()
    organization: str = ""
    correlation: str = ""
    instance: str = ""
    message_id: str | None = None


def give_message(given: Given, screen: Screen, *, data_dir: Path | None) -> None:
    """Give a message to the instance that waits for it, or begin one with it.

    Raises:
        ProcessError: Nobody waits for it.
        EilboteError: The data cannot be used, or the database not be opened.
    """
    data = read_data(given.data, given.sets)

    async def work(eilbote: Eilbote) -> None:
        found = await eilbote.processes.message(
            given.name,
            data,
            organization=given.organization,
            correlation=given.correlation,
            instance=given.instance,
            id=given.message_id,
            author="cli",
        )
        if screen.as_json:
            screen.data({"instance": found.instance, "begun": found.begun, "is_new": found.is_new})
            return
        has = "has begun" if found.begun else "has it"
        before = "" if found.is_new else ", as it had before; nothing is changed"
        screen.text(f"{printable(found.instance)} {has}{before}")
        if not await is_worked(eilbote):
            screen.note("A courier goes on with it, or 'eilbote process resume'.")

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


def hand_in(file: str, screen: Screen, *, data_dir: Path | None, organization: str | None) -> None:
    """Give an e-mail that was received to the instance that it answers.

    Raises:
        UnreadableFileError: The file cannot be read.
        typer.Exit: It changed nothing (1).
    """
    octets = read_octets(file, is_drawn=False)

    async def work(eilbote: Eilbote) -> bool:
        found = await eilbote.processes.hand_in(octets, organization=organization)
        # What a filter pipes in must not bounce for having been written by a program, or for coming twice.
        is_taken = found.state.value in {"taken", "decided", "automatic", "already"}
        if screen.as_json:
            screen.data(
                {
                    "state": found.state.value,
                    "instance": found.instance or None,
                    "element": found.element or None,
                    "answer": found.answer or None,
                    "text": found.text or None,
                    "reason": found.reason or None,
                }
            )
        else:
            where = f"  {printable(found.instance)}" if found.instance else ""
            element = f"  {printable(found.element)}" if found.element else ""
            screen.text(f"{_REPLIES.get(found.state.value, found.state.value)}{where}{element}")
            if found.reason:
                screen.note(printable(found.reason))
        return is_taken

    if not at_desk(work, data_dir=data_dir, screen=screen, quietly=True):
        raise typer.Exit(ExitCode.FAILED)


_REPLIES: Final[Mapping[str, str]] = {
    "taken": "the instance has it",
    "decided": "it has decided a task",
    "automatic": "a program has written it; nothing was done",
    "unknown": "it answers no message of a process",
    "ended": "the instance has ended; nothing was done",
    "not_expected": "nothing in the instance waits for a reply",
    "unclear": "nobody can tell what it decides; nothing was done",
    "not_asked": "its sender was not asked; nothing was done",
    "already": "that was decided before; nothing is changed",
}


def _stayed(
    work: Callable[[Eilbote], Awaitable[ProcessInstance | None]], screen: Screen, data_dir: Path | None
) -> ProcessInstance | None:
    try:
        with quiet_log(screen):
            return at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    except KeyboardInterrupt:
        screen.note("The instance is kept; 'eilbote courier' or 'eilbote process resume' goes on with it.")
        raise typer.Exit(ExitCode.INTERRUPTED) from None


def _conclude(instance: ProcessInstance | None) -> None:
    if instance is not None and instance.status in {InstanceStatus.FAILED, InstanceStatus.CANCELLED}:
        raise typer.Exit(ExitCode.FAILED)
