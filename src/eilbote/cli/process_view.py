"""An instance as people see it: where it stands, what it waits for, what went wrong, and what became of its messages.

::

    order-ready version 1  order-4711  running  Customer told

    TOKENS
      Check the order  Check_order
    TASKS
      Check order 4711  Order 4711  since 2 h  due in 22 h
        eilbote process complete order-4711 Check_order
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from eilbote.author.process.instance import PassageKind
from eilbote.cli.flow_view import show_mail, show_values, wrapped
from eilbote.cli.printable import counted, printable
from eilbote.cli.table import show_table
from eilbote.cli.times import distance_text, local_text, span_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.author.process.instance import Incident, OpenTask
    from eilbote.cli.screen import Screen
    from eilbote.engine.process.instance_mails import ElementMail
    from eilbote.engine.process.process_view import ProcessInstance
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment

COLOURS: Final = {
    "running": typer.colors.BLUE,
    "completed": typer.colors.GREEN,
    "failed": typer.colors.RED,
    "cancelled": typer.colors.BRIGHT_BLACK,
}
_MOST_VISITS: Final = 30
_MARKS: Final = {
    PassageKind.ENTERED: ("…", typer.colors.YELLOW),
    PassageKind.LEFT: ("✓", typer.colors.GREEN),
    PassageKind.CANCELLED: ("✗", typer.colors.BRIGHT_BLACK),
}


def show_instance(
    instance: ProcessInstance, mails: Sequence[ElementMail], screen: Screen, *, now: Moment
) -> None:
    """Write everything about an instance."""
    names = element_names(instance)
    screen.text(headline(instance))
    began, changed = distance_text(instance.began, now), distance_text(instance.changed, now)
    correlation = f"correlation {printable(instance.correlation)}, " if instance.correlation else ""
    screen.text(f"  {correlation}began {began}, last changed {changed}")
    if instance.is_held_back:
        screen.text(wrapped("It was restored from a backup and stands still."))
        screen.text(wrapped(f"eilbote process resume {instance.id} lets it go on.", label="do"))
    if instance.error:
        _show_error(instance.error, names, screen)
    if instance.tokens:
        _head("TOKENS", screen)
        for element in instance.tokens:
            screen.text(f"  {_called(element, names)}")
    if instance.due is not None and instance.due > now:
        screen.text(f"  goes on by itself {distance_text(instance.due, now)}, at {local_text(instance.due)}")
    _show_tasks(instance, screen, now)
    if instance.messages:
        _head("WAITS FOR MESSAGES", screen)
        for awaited in instance.messages:
            key = f"  with the key {printable(awaited.correlation)}" if awaited.correlation else ""
            screen.text(f"  {printable(awaited.name)}  at {_called(awaited.element, names)}{key}")
    if instance.incidents:
        _head("INCIDENTS", screen)
        for incident in instance.incidents:
            _show_incident(incident, instance, names, screen)
    if mails:
        _head("E-MAILS", screen)
        for mail in mails:
            screen.text(f"  {_called(mail.element, names)}")
            show_mail(mail.entry, mail.waits_for, screen)
    _show_passages(instance, names, screen)
    show_values("DATA", instance.data, screen)


def headline(instance: ProcessInstance) -> str:
    """Say which instance it is and how it stands."""
    status = instance.status.value
    if instance.is_cancelled and not instance.has_ended:
        status = f"{status}, called back"
    coloured = typer.style(status, fg=COLOURS.get(instance.status.value), bold=True)
    whose = f" of {printable(instance.organization)}" if instance.organization else ""
    name = typer.style(printable(instance.process), bold=True)
    stage = f"  {printable(instance.stage)}" if instance.stage else ""
    return f"{name} version {instance.version}{whose}  {printable(instance.id)}  {coloured}{stage}"


def show_instances(instances: Sequence[ProcessInstance], screen: Screen, *, now: Moment) -> None:
    """Write a line for each instance."""
    show_table(
        ("INSTANCE", "STATUS", "PROCESS", "STATE", "BEGAN", "NOTE"),
        [
            (
                printable(each.id, longest=40),
                each.status.value,
                printable(
                    f"{each.organization}/{each.process}" if each.organization else each.process, longest=30
                ),
                printable(each.stage, longest=24),
                distance_text(each.began, now),
                _note(each, now),
            )
            for each in instances
        ],
        screen,
        coloured=1,
        colours=COLOURS,
    )


def show_tasks(
    rows: Sequence[tuple[str, str, str, str, Moment | None]], screen: Screen, *, now: Moment
) -> None:
    """Write a line for each open task: instance, element, title, record, due."""
    show_table(
        ("INSTANCE", "TASK", "TITLE", "RECORD", "DUE"),
        [
            (
                printable(instance, longest=40),
                printable(element, longest=30),
                printable(title, longest=40),
                printable(record, longest=24),
                distance_text(due, now) if due is not None else "",
            )
            for instance, element, title, record, due in rows
        ],
        screen,
    )


def element_names(instance: ProcessInstance) -> Mapping[str, str]:
    """Give the names of elements by their ids; none when its text cannot be read."""
    from eilbote.author.process.written.read_definition import read_definition
    from eilbote.errors import ProcessError

    try:
        definition = read_definition(instance.text)
    except ProcessError:
        return {}
    return {id_: element.name for id_, element in definition.diagram.elements.items() if element.name}


def _called(element: str, names: Mapping[str, str]) -> str:
    name = names.get(element, "")
    dim = typer.style(printable(element), dim=True)
    return f"{printable(name, longest=48)}  {dim}" if name else printable(element)


def _head(title: str, screen: Screen) -> None:
    screen.text()
    screen.text(typer.style(title, bold=True))


def _show_tasks(instance: ProcessInstance, screen: Screen, now: Moment) -> None:
    if not instance.tasks:
        return
    _head("TASKS", screen)
    for task in instance.tasks:
        screen.text(f"  {_task_line(task, now)}")
        choices = (
            f" --answer {'|'.join(value for value, _ in task.details.choices)}"
            if task.details.choices
            else ""
        )
        command = f"eilbote process complete {instance.id} {task.element}{choices}"
        screen.text(f"       {typer.style(printable(command), dim=True)}")


def _task_line(task: OpenTask, now: Moment) -> str:
    record = f"  {printable(task.record, longest=30)}" if task.record else ""
    due = ""
    if task.due is not None:
        due = f"  due {distance_text(task.due, now)}"
        if task.due <= now:
            due = typer.style(f"  overdue since {local_text(task.due)}", fg=typer.colors.RED)
    told = (
        f"  asked {printable(', '.join(task.details.recipients), longest=50)}"
        if task.details.recipients
        else ""
    )
    return f"{printable(task.title, longest=48)}{record}  since {local_text(task.since)}{due}{told}"


def _show_incident(
    incident: Incident, instance: ProcessInstance, names: Mapping[str, str], screen: Screen
) -> None:
    mark = typer.style("!", fg=typer.colors.RED, bold=True)
    said = incident.error.get("message") or incident.error.get("code") or "it failed"
    field = incident.error.get("field")
    screen.text(f"  {mark}  {_called(incident.element, names)}  {local_text(incident.at)}")
    screen.text(wrapped(str(said)))
    for label, text in (
        ("where", field),
        ("why", incident.error.get("cause")),
        ("do", incident.error.get("remedy")),
    ):
        if text:
            screen.text(wrapped(str(text), label=label))
    if incident.in_doubt:
        screen.text(wrapped("It may have been delivered all the same; trying again may then send it twice."))
    commands = " or ".join(
        f"'eilbote process {verb} {instance.id} {incident.element}'" for verb in ("retry", "skip")
    )
    screen.text(wrapped(f"{commands} decides it.", label="then"))


def _show_error(error: Mapping[str, Data], names: Mapping[str, str], screen: Screen) -> None:
    said = printable(str(error.get("message") or error.get("code") or "it failed"))
    screen.text()
    screen.text(typer.style(f"  {said}", fg=typer.colors.RED, bold=True))
    element = error.get("element")
    where = _called(str(element), names) if element else error.get("field")
    for label, text in (("where", where), ("why", error.get("cause")), ("do", error.get("remedy"))):
        if text:
            screen.text(wrapped(str(text), label=label))


def _show_passages(instance: ProcessInstance, names: Mapping[str, str], screen: Screen) -> None:
    """Write a line for each time that a token was at an element: since when, how long, and whether it is still there."""
    ends = {
        (each.element, each.iteration): each
        for each in instance.passages
        if each.kind is not PassageKind.ENTERED
    }
    visits = [each for each in instance.passages if each.kind is PassageKind.ENTERED]
    if not visits:
        return
    _head("HISTORY", screen)
    shown = visits[-_MOST_VISITS:]
    if len(visits) > len(shown):
        screen.text(f"  {counted(len(visits) - len(shown), 'element')} before; --json shows all")
    for visit in shown:
        end = ends.get((visit.element, visit.iteration))
        turn = f"  turn {visit.iteration + 1}" if visit.iteration else ""
        mark, colour = _MARKS[end.kind if end else PassageKind.ENTERED]
        took = f"  {span_text((end.at - visit.at) / 1000)}" if end and end.at - visit.at >= 1000 else ""  # noqa: PLR2004 - a second
        cancelled = "  cancelled" if end and end.kind is PassageKind.CANCELLED else ""
        screen.text(
            f"  {typer.style(mark, fg=colour)}  {local_text(visit.at)}  {_called(visit.element, names)}{turn}{took}{cancelled}"
        )


def _note(instance: ProcessInstance, now: Moment) -> str:
    if instance.has_ended:
        return ""
    if instance.open_incidents:
        return counted(instance.open_incidents, "incident")
    if instance.is_held_back:
        return "held back"
    if instance.is_cancelled:
        return "called back"
    if instance.due is not None and instance.due > now:
        return f"goes on {distance_text(instance.due, now)}"
    return ""
