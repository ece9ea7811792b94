"""How an instance is written down, and taken up again: as JSON, without anything of the definition that it runs.

What an instance wants is written as it was worked out, so that it is the same when it is taken up: a deed is done once under its key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from eilbote.author.plain.data_text import UnkeepableError, as_json, of_json
from eilbote.author.process.instance import (
    Incident,
    Instance,
    InstanceStatus,
    Passage,
    PassageKind,
    Waits,
    Wanted,
)
from eilbote.author.process.interpret.instance_deeds import deed_data, read_deed, read_task, task_data
from eilbote.author.process.interpret.plan import plan_of
from eilbote.author.process.interpret.state import with_tokens
from eilbote.author.process.interpret.stay import listed, number_of, table, text_of
from eilbote.author.process.kept import UNREADABLE
from eilbote.errors import ProcessError
from eilbote.model.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.plain.data_text import Json
    from eilbote.author.process.definition import Definition
    from eilbote.model.data import Data

FORM: Final = 1
"""The form of what is written; one that reads another way gets another number."""
_KINDS: Final = {PassageKind.ENTERED: "e", PassageKind.LEFT: "l", PassageKind.CANCELLED: "c"}
_OF_KINDS: Final = {mark: kind for kind, mark in _KINDS.items()}


def instance_data(instance: Instance) -> dict[str, Data]:
    """Write an instance.

    Raises:
        ProcessError: It holds a value that cannot be kept; ``field`` leads to it.
    """
    try:
        return cast("dict[str, Data]", _data(instance))
    except UnkeepableError as fault:
        raise ProcessError(fault.what, field=fault.field, cause=fault.cause, remedy=fault.remedy) from None


def read_instance(definition: Definition, data: Mapping[str, Data]) -> Instance:
    """Take an instance up again.

    Args:
        definition: The process that it runs.
        data: What :func:`instance_data` wrote.

    Raises:
        ProcessError: The state is damaged, of a form that this eilbote does not know, or its tokens stand where the process has
            no element.
    """
    try:
        instance = _read(definition, data)
    except (KeyError, TypeError, ValueError, RecursionError) as fault:
        raise ProcessError(
            "the kept state of the instance cannot be read",
            field="state",
            cause=f"its part {fault.args[0]!r} is missing"
            if isinstance(fault, KeyError)
            else str(fault)[:300],
            remedy="Look the database over with `eilbote db check`, and begin the instance anew",
        ) from fault
    return with_tokens(plan_of(definition), instance)


# -- within ---------------------------------------------------------------------------------------------------


def _data(instance: Instance) -> dict[str, Json]:
    data: dict[str, Json] = {
        "form": FORM,
        "id": instance.id,
        "status": instance.status.value,
        "correlation": instance.correlation,
        "data": as_json(instance.data, field="data"),
        "steps": instance.steps,
        "taken": dict(instance.taken),
        "passages": [_passage_data(each) for each in instance.passages],
        "tokens": cast("Json", dict(instance.tokens)),
    }
    if instance.state:
        data["state"] = instance.state
    if instance.mails:
        data["mails"] = instance.mails
    if instance.wanted:
        data["wanted"] = [
            [each.key, each.element, each.since, deed_data(each.deed)] for each in instance.wanted
        ]
    if instance.waits.tasks:
        data["tasks"] = [task_data(each) for each in instance.waits.tasks]
    if instance.waits.due is not None:
        data["due"] = instance.waits.due
    if instance.incidents:
        data["incidents"] = [_incident_data(each) for each in instance.incidents]
    if instance.error is not None:
        data["error"] = as_json(instance.error, field="error")
    return data


def _read(definition: Definition, data: Mapping[str, object]) -> Instance:
    if UNREADABLE in data:
        raise ValueError(str(data[UNREADABLE]))
    if (form := data.get("form")) != FORM:
        raise ValueError(f"it is of form {form!r:.40}, and this eilbote knows form {FORM}")
    due, error = data.get("due"), data.get("error")
    return Instance(
        id=text_of(data["id"]),
        status=InstanceStatus(text_of(data["status"])),
        correlation=text_of(data["correlation"]),
        data=_values(data["data"]),
        state=text_of(data.get("state", "")),
        wanted=tuple(_read_wanted(each) for each in listed(data.get("wanted", []))),
        waits=Waits(
            tasks=tuple(read_task(each, definition) for each in listed(data.get("tasks", []))),
            due=None if due is None else Moment(number_of(due)),
        ),
        incidents=tuple(_read_incident(each) for each in listed(data.get("incidents", []))),
        error=None if error is None else _values(error),
        steps=number_of(data["steps"]),
        mails=number_of(data.get("mails", 0)),
        taken={flow: number_of(count) for flow, count in table(data["taken"]).items()},
        passages=tuple(_read_passage(each) for each in listed(data["passages"])),
        tokens=table(data["tokens"]),
    )


def _passage_data(passage: Passage) -> Json:
    said: list[Json] = [passage.element, passage.iteration, _KINDS[passage.kind], passage.at]
    return [*said, passage.entry] if passage.entry else said


def _read_passage(data: object) -> Passage:
    element, iteration, kind, at, *entry = listed(data)
    return Passage(
        element=text_of(element),
        iteration=number_of(iteration),
        kind=_OF_KINDS[text_of(kind)],
        at=Moment(number_of(at)),
        entry=text_of(entry[0]) if entry else "",
    )


def _incident_data(incident: Incident) -> Json:
    return {
        "key": incident.key,
        "element": incident.element,
        "error": as_json(incident.error, field="error"),
        "at": incident.at,
        "in_doubt": incident.in_doubt,
    }


def _read_incident(data: object) -> Incident:
    said = table(data)
    return Incident(
        key=text_of(said["key"]),
        element=text_of(said["element"]),
        error=_values(said["error"]),
        at=Moment(number_of(said["at"])),
        in_doubt=bool(said["in_doubt"]),
    )


def _read_wanted(data: object) -> Wanted:
    key, element, since, deed = listed(data)
    return Wanted(
        key=text_of(key),
        element=text_of(element),
        deed=read_deed(table(deed)),
        since=Moment(number_of(since)),
    )


def _values(found: object) -> dict[str, Data]:
    return cast("dict[str, Data]", of_json(table(found)))
