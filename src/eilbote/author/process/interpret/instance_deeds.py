"""Deeds and open tasks as JSON: part of an instance's state."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, assert_never, cast

from eilbote.author.plain.data_text import as_json, of_json
from eilbote.author.process.details import FlowDetails, HttpDetails, Importance, OnFailure, TaskDetails
from eilbote.author.process.instance import (
    Announce,
    CallHttp,
    OpenTask,
    RunFlow,
    SendMessage,
    SendOverRoute,
)
from eilbote.author.process.interpret.stay import listed, number_of, table, text_of
from eilbote.model.moment import Moment

if TYPE_CHECKING:
    from eilbote.author.plain.data_text import Json
    from eilbote.author.process.definition import Definition
    from eilbote.author.process.instance import Deed
    from eilbote.model.data import Data


def deed_data(deed: Deed) -> Json:
    """Write a deed.

    Raises:
        UnkeepableError: It holds a value that cannot be kept.
    """
    match deed:
        case SendOverRoute():
            return {
                "kind": "send_over_route",
                "route": deed.route,
                "values": as_json(deed.values, field="mapping"),
                "on_failure": deed.on_failure.value,
            }
        case SendMessage():
            return {
                "kind": "send_message",
                "name": deed.name,
                "begins": deed.begins,
                "instance": deed.instance,
                "correlation": deed.correlation,
                "data": as_json(deed.data, field="mapping"),
            }
        case Announce():
            return {
                "kind": "announce",
                "title": deed.title,
                "text": deed.text,
                "duration_seconds": None if deed.duration_seconds is None else str(deed.duration_seconds),
                "importance": deed.importance.value,
                "data": as_json(deed.data, field="mapping"),
            }
        case CallHttp(details=http):
            return {
                "kind": "call_http",
                "method": http.method,
                "url": http.url,
                "headers": as_json(http.headers, field="headers"),
                "body": as_json(http.body, field="body"),
                "result": http.result,
                "seconds": str(http.seconds),
            }
        case RunFlow(details=flow):
            return {
                "kind": "run_flow",
                "flow": flow.flow,
                "input": as_json(flow.input, field="input"),
                "result": flow.result,
            }
        case _:
            assert_never(deed)


def read_deed(data: dict[str, object]) -> Deed:
    """Read what :func:`deed_data` wrote.

    Raises:
        KeyError: Something is missing.
        TypeError: Something is of another kind.
        ValueError: Something means nothing.
    """
    match data["kind"]:
        case "send_over_route":
            return SendOverRoute(
                route=text_of(data["route"]),
                values=_values(data["values"]),
                on_failure=OnFailure(text_of(data["on_failure"])),
            )
        case "send_message":
            return SendMessage(
                name=text_of(data["name"]),
                begins=bool(data["begins"]),
                instance=text_of(data["instance"]),
                correlation=text_of(data["correlation"]),
                data=_values(data["data"]),
            )
        case "announce":
            seconds = data["duration_seconds"]
            return Announce(
                title=text_of(data["title"]),
                text=text_of(data["text"]),
                duration_seconds=None if seconds is None else float(text_of(seconds)),
                importance=Importance(text_of(data["importance"])),
                data=_values(data["data"]),
            )
        case "call_http":
            return CallHttp(
                details=HttpDetails(
                    method=text_of(data["method"]),
                    url=text_of(data["url"]),
                    headers=_values(data["headers"]),
                    body=of_json(data["body"]),
                    result=text_of(data["result"]),
                    seconds=float(Decimal(text_of(data["seconds"]))),
                )
            )
        case "run_flow":
            return RunFlow(
                details=FlowDetails(
                    flow=text_of(data["flow"]),
                    input=_values(data["input"]),
                    result=text_of(data["result"]),
                )
            )
        case kind:
            raise ValueError(f"a deed of the kind {kind!r:.40}")


def task_data(task: OpenTask) -> Json:
    """Write an open task; of its settings only the recipients, who were worked out."""
    return {
        "key": task.key,
        "element": task.element,
        "title": task.title,
        "record": task.record,
        "recipients": list(task.details.recipients),
        "since": task.since,
        "due": task.due,
    }


def read_task(found: object, definition: Definition) -> OpenTask:
    """Read what :func:`task_data` wrote.

    Raises:
        KeyError: Something is missing.
        TypeError: Something is of another kind.
    """
    data = table(found)
    element, due = text_of(data["element"]), data["due"]
    details = definition.details.get(element)
    return OpenTask(
        key=text_of(data["key"]),
        element=element,
        title=text_of(data["title"]),
        record=text_of(data["record"]),
        details=replace(
            details if isinstance(details, TaskDetails) else TaskDetails(),
            recipients=tuple(text_of(each) for each in listed(data["recipients"])),
        ),
        since=Moment(number_of(data["since"])),
        due=None if due is None else Moment(number_of(due)),
    )


def _values(found: object) -> dict[str, Data]:
    return cast("dict[str, Data]", of_json(table(found)))
