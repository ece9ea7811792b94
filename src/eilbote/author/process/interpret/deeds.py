"""What an element wants done, and what it asks of people: its settings with the process data put in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from eilbote.author.process.details import Destination, FlowDetails, HttpDetails, MessageDetails, TaskDetails
from eilbote.author.process.instance import (
    Announce,
    CallHttp,
    OpenTask,
    RunFlow,
    SendMessage,
    SendOverRoute,
)
from eilbote.author.process.interpret.expression import data_of, table_of, text_of
from eilbote.author.process.interpret.timer import read_duration
from eilbote.model.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.process.diagram import Element
    from eilbote.author.process.instance import Deed
    from eilbote.model.data import Data

_EPOCH = Moment(0)


def deed_of(
    details: MessageDetails | HttpDetails | FlowDetails, element: Element, values: Mapping[str, object]
) -> Deed:
    """Give what an element wants done.

    Args:
        details: Its settings.
        element: The element.
        values: What its templates may name.

    Raises:
        ProcessError: A duration cannot be read.
        TemplateError: A template cannot be rendered.
    """
    match details:
        case MessageDetails():
            return _message(details, element, values)
        case HttpDetails():
            return CallHttp(
                details=replace(
                    details,
                    url=text_of(details.url, values, field=f"{element.id}.url"),
                    headers=_headers(details.headers, element, values),
                    body=data_of(details.body, values, field=f"{element.id}.body"),
                )
            )
        case FlowDetails():
            return RunFlow(
                details=replace(details, input=table_of(details.input, values, field=f"{element.id}.input"))
            )
        case _:
            assert_never(details)


def task_of(
    details: TaskDetails, element: Element, values: Mapping[str, object], *, key: str, now: Moment
) -> OpenTask:
    """Give what a person is to do.

    Raises:
        ProcessError: The time until it is overdue cannot be read.
        TemplateError: A template cannot be rendered.
    """

    def text(name: str, template: str) -> str:
        return text_of(template, values, field=f"{element.id}.{name}").strip()

    due = text("due", details.due)
    recipients = (text(f"recipients[{number}]", each) for number, each in enumerate(details.recipients))
    return OpenTask(
        key=key,
        element=element.id,
        title=text("title", details.title) or element.name or element.id,
        record=text("record", details.record),
        details=replace(details, recipients=tuple(each for each in recipients if each)),
        since=now,
        due=read_duration(due, field=f"{element.id}.due").after(now) if due else None,
    )


def _message(details: MessageDetails, element: Element, values: Mapping[str, object]) -> Deed:
    def text(name: str, template: str) -> str:
        return text_of(template, values, field=f"{element.id}.{name}").strip()

    mapping = table_of(details.mapping, values, field=f"{element.id}.mapping")
    match details.destination:
        case Destination.EXTERNAL:
            return SendOverRoute(route=details.route, values=mapping, on_failure=details.on_failure)
        case Destination.START | Destination.INTERMEDIATE:
            return SendMessage(
                name=details.message or element.message,
                begins=details.destination is Destination.START,
                instance=text("instance", details.instance),
                correlation=text("correlation", details.correlation),
                data=mapping,
            )
        case Destination.NOTIFICATION:
            duration = text("duration", details.duration)
            return Announce(
                title=text("title", details.title) or element.name or element.id,
                text=text("text", details.text),
                duration_seconds=_seconds(duration, element) if duration else None,
                importance=details.importance,
                data=mapping,
            )
        case _:
            assert_never(details.destination)


def _seconds(duration: str, element: Element) -> float:
    return read_duration(duration, field=f"{element.id}.duration").after(_EPOCH) / 1000


def _headers(said: Mapping[str, Data], element: Element, values: Mapping[str, object]) -> dict[str, Data]:
    """Put values into header fields: texts stay texts, a table that names a secret stays a table."""
    return {
        name: text_of(value, values, field=f"{element.id}.headers.{name}")
        if isinstance(value, str)
        else value
        for name, value in said.items()
    }
