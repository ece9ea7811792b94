"""What the commands for instances that have begun do: list and show them, do tasks, decide incidents, call them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import typer

from eilbote.author.process.instance import InstanceStatus
from eilbote.author.process.kept import InstanceFilter
from eilbote.cli.at_desk import at_desk
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.listed import write_listed
from eilbote.cli.printable import counted, printable
from eilbote.cli.process_data import instance_data
from eilbote.cli.process_running import read_data
from eilbote.cli.process_view import show_instance, show_instances, show_tasks
from eilbote.cli.this_user import this_user
from eilbote.cli.times import moment_text
from eilbote.engine.process.instance_mails import mails_of
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.author.process.kept import FoundWait
    from eilbote.cli.screen import Screen

_MOST_TASKS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which instances are listed; each field that is given narrows the choice."""

    process: str | None = None
    status: str | None = None
    correlation: str | None = None
    has_incident: bool | None = None
    held_back: bool | None = None
    organization: str | None = None

    def filter(self) -> InstanceFilter:
        """Give it as the store understands it."""
        return InstanceFilter(
            organization=self.organization,
            process=self.process,
            status=None if self.status is None else InstanceStatus(self.status),
            correlation=self.correlation,
            has_incident=self.has_incident,
            held_back=self.held_back,
        )


def list_instances(chosen: Chosen, screen: Screen, *, data_dir: Path | None, limit: int | None) -> None:
    """Write the instances that were chosen, page by page.

    Raises:
        EilboteError: The database cannot be opened.
    """
    which = chosen.filter()

    async def work(eilbote: Eilbote) -> None:
        now = moment_of(eilbote.clock.now())
        await write_listed(
            lambda most, after: eilbote.processes.instances(which, limit=most, after=after),
            screen,
            limit=limit,
            line=lambda each: {**instance_data(each, in_full=False), "incidents": each.open_incidents},
            show=lambda found: show_instances(found, screen, now=now),
            nothing="no instance is like this" if which != InstanceFilter() else "no instance was begun yet",
        )

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


def show_in_full(instance_ids: Sequence[str], screen: Screen, *, data_dir: Path | None) -> None:
    """Write everything about some instances.

    Raises:
        InstanceNotFoundError: One of them is not there.
    """

    async def work(eilbote: Eilbote) -> None:
        for number, instance_id in enumerate(instance_ids):
            instance = await eilbote.processes.get(instance_id)
            mails = await mails_of(eilbote, instance)
            if screen.as_json:
                data = instance_data(instance, mails)
                screen.line(data) if len(instance_ids) > 1 else screen.data(data)
                continue
            if number:
                screen.text()
            show_instance(instance, mails, screen, now=moment_of(eilbote.clock.now()))

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


# -- what people decide --------------------------------------------------------------------------------------------


def list_tasks(
    screen: Screen,
    *,
    data_dir: Path | None,
    organization: str | None,
    title: str | None,
    limit: int | None,
) -> None:
    """Write a line for each task that waits for somebody, what has waited longest on top.

    Raises:
        EilboteError: The database cannot be opened.
    """

    async def work(eilbote: Eilbote) -> None:
        most = limit or _MOST_TASKS
        found = await eilbote.processes.tasks(organization, title=title, limit=most)
        now = moment_of(eilbote.clock.now())
        if screen.as_json:
            for each in found:
                screen.line(
                    {
                        "key": each.wait.key,
                        "instance": each.instance,
                        "process": each.process,
                        "organization": each.organization or None,
                        "element": element_of(each),
                        "title": each.wait.name,
                        "record": each.wait.correlation or None,
                        "due_at": moment_text(each.wait.due),
                        "is_overdue": each.wait.due is not None and each.wait.due <= now,
                    }
                )
        elif not found:
            screen.note("no task is open")
        else:
            rows = [
                (each.instance, element_of(each), each.wait.name, each.wait.correlation, each.wait.due)
                for each in found
            ]
            show_tasks(rows, screen, now=now)
            screen.note("'eilbote process complete INSTANCE TASK' does one")
            if len(found) == most:
                screen.note(f"these are the first {most}; there may be more: --limit NUMBER")

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


def element_of(found: FoundWait) -> str:
    """Give the element of a task, which stands in its key between the instance and the iteration."""
    inside = found.wait.key.removeprefix(f"{found.instance}/")
    return inside.rpartition("/")[0] or inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a task was done.

    Attributes:
        instance: Whose task.
        task: Its element or key; the only one that is open when empty.
        answer: What was chosen.
        text: Words of their own.
        by: Who has done it; this user when ``None``.
        data: What each ``--data`` said.
        sets: What each ``--set`` said.
    """

    instance: str
    task: str = ""
    answer: str = ""
    text: str = ""
    by: str | None = None
    data: Sequence[str] = ()
    sets: Sequence[str] = ()


def complete_task(done: Done, screen: Screen, *, data_dir: Path | None) -> None:
    """Say that a task is done.

    Raises:
        InstanceNotFoundError: There is no such instance.
        ProcessError: It has no such task, somebody was faster, or the answer is none of the choices.
    """
    data = read_data(done.data, done.sets)

    async def work(eilbote: Eilbote) -> None:
        await eilbote.processes.complete(
            done.instance,
            done.task,
            by=done.by or this_user(),
            answer=done.answer,
            text=done.text,
            data=data,
        )
        if screen.as_json:
            screen.data({"instance": done.instance, "task": done.task or None, "completed": True})
            return
        task = f" {printable(done.task)}" if done.task else ""
        screen.text(f"{printable(done.instance)}{task}: done")
        screen.note("A courier goes on with it, or 'eilbote process resume'.")

    at_desk(work, data_dir=data_dir, screen=screen, quietly=True)


def decide(
    instance_id: str, element: str, screen: Screen, *, data_dir: Path | None, retries: bool, by: str | None
) -> None:
    """Decide incidents: have it done again, or let the tokens go on.

    Raises:
        InstanceNotFoundError: There is no such instance.
        ProcessError: It has no such incident.
    """

    async def work(eilbote: Eilbote) -> int:
        who = by or this_user()
        if retries:
            return await eilbote.processes.retry(instance_id, element, by=who)
        return await eilbote.processes.skip(instance_id, element, by=who)

    count = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data({"instance": instance_id, "decided": count, "retried": retries})
        return
    said = "is tried again" if retries else "is passed over"
    many = counted(count, "incident")
    screen.text(f"{printable(instance_id)}: {many} decided; {'what failed' if count == 1 else 'each'} {said}")
    screen.note("A courier goes on with it, or 'eilbote process resume'.")


def cancel_instances(instance_ids: Sequence[str], screen: Screen, *, data_dir: Path | None) -> None:
    """Call instances back.

    Raises:
        InstanceNotFoundError: One of them is not there; those before it were called back.
        typer.Exit: One had ended already (1).
    """

    async def work(eilbote: Eilbote) -> dict[str, bool]:
        return {each: await eilbote.processes.cancel(each) for each in instance_ids}

    called_back = at_desk(work, data_dir=data_dir, screen=screen, quietly=True)
    if screen.as_json:
        screen.data([{"id": each, "cancelled": found} for each, found in called_back.items()])
    else:
        for each, found in called_back.items():
            said = "called back; it ends before its next step" if found else "had ended already"
            screen.text(f"{printable(each)}: {said}")
    if not all(called_back.values()):
        raise typer.Exit(ExitCode.FAILED)
