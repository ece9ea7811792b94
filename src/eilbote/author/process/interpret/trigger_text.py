"""What happens to an instance as it is kept until the instance has taken it in: JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never, cast

from eilbote.author.plain.data_text import UnkeepableError, as_json, of_json
from eilbote.author.process.instance import DataChanged, IncidentDecided, MessageArrived, TaskCompleted
from eilbote.author.process.interpret.stay import table, text_of
from eilbote.errors import ProcessError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.plain.data_text import Json
    from eilbote.author.process.instance import Trigger
    from eilbote.model.data import Data


def trigger_data(trigger: Trigger) -> dict[str, Data]:
    """Write what happens.

    Raises:
        ProcessError: It carries a value that cannot be kept; ``field`` leads to it.
    """
    try:
        return cast("dict[str, Data]", _data(trigger))
    except UnkeepableError as fault:
        raise ProcessError(fault.what, field=fault.field, cause=fault.cause, remedy=fault.remedy) from None


def read_trigger(data: Mapping[str, Data]) -> Trigger:
    """Read what :func:`trigger_data` wrote.

    Raises:
        ProcessError: It was not written by that, or is damaged.
    """
    try:
        return _read(table(dict(data)))
    except (KeyError, TypeError, ValueError, RecursionError) as fault:
        raise ProcessError(
            "what happened to the instance cannot be read",
            field="trigger",
            cause=f"its part {fault.args[0]!r} is missing"
            if isinstance(fault, KeyError)
            else str(fault)[:300],
            remedy="Look the database over with `eilbote db check`, and let it happen again",
        ) from fault


def _data(trigger: Trigger) -> dict[str, Json]:
    match trigger:
        case MessageArrived():
            return {
                "kind": "message",
                "name": trigger.name,
                "correlation": trigger.correlation,
                "data": as_json(trigger.data, field="data"),
                "key": trigger.key,
            }
        case TaskCompleted():
            return {
                "kind": "task",
                "key": trigger.key,
                "by": trigger.by,
                "answer": trigger.answer,
                "text": trigger.text,
                "data": as_json(trigger.data, field="data"),
            }
        case IncidentDecided():
            return {"kind": "incident", "key": trigger.key, "retries": trigger.retries, "by": trigger.by}
        case DataChanged():
            return {"kind": "data", "changes": as_json(trigger.changes, field="data"), "by": trigger.by}
        case _:
            assert_never(trigger)


def _read(data: dict[str, object]) -> Trigger:
    match data["kind"]:
        case "message":
            return MessageArrived(
                name=text_of(data["name"]),
                correlation=text_of(data["correlation"]),
                data=_values(data["data"]),
                key=text_of(data["key"]),
            )
        case "task":
            return TaskCompleted(
                key=text_of(data["key"]),
                by=text_of(data["by"]),
                answer=text_of(data["answer"]),
                text=text_of(data["text"]),
                data=_values(data["data"]),
            )
        case "incident":
            return IncidentDecided(
                key=text_of(data["key"]), retries=bool(data["retries"]), by=text_of(data["by"])
            )
        case "data":
            return DataChanged(changes=_values(data["changes"]), by=text_of(data["by"]))
        case kind:
            raise ValueError(f"something of the kind {kind!r:.40}")


def _values(found: object) -> dict[str, Data]:
    return cast("dict[str, Data]", of_json(table(found)))
