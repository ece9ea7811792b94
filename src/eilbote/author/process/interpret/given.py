"""What happens to an instance from outside: a message, a person's word, a decision, other data."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from eilbote.author.plain.data_text import UnkeepableError, as_json, of_json
from eilbote.author.process.instance import (
    MOST_MAILS,
    MOST_STEPS,
    DataChanged,
    IncidentDecided,
    MessageArrived,
    TaskCompleted,
)
from eilbote.author.process.interpret.events import fire
from eilbote.author.process.interpret.expression import as_table
from eilbote.author.process.interpret.limits import TOO_MANY_MAILS, TOO_MANY_STEPS
from eilbote.author.process.interpret.turns import complete, result_name
from eilbote.errors import ProcessError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.process.instance import Trigger
    from eilbote.author.process.interpret.stay import Arm, Stay
    from eilbote.author.process.interpret.walk import Walk
    from eilbote.model.data import Data


def take(walk: Walk, trigger: Trigger) -> None:
    """Take in what has happened.

    Raises:
        ProcessError: Nothing waits for it, or it cannot be taken like that.
    """
    match trigger:
        case MessageArrived():
            stay, arm = _waiting(walk, trigger)
            fire(walk, stay, arm, plain(trigger.data, field="data"))
        case TaskCompleted():
            _complete_task(walk, trigger)
        case IncidentDecided():
            _decide(walk, trigger)
        case DataChanged():
            walk.data = merged(walk.data, plain(trigger.changes, field="data"))
        case _:
            assert_never(trigger)


def plain(data: Mapping[str, Data], *, field: str) -> dict[str, Data]:
    """Copy data that comes from outside, so that it is what it will be when it was kept.

    Raises:
        ProcessError: It cannot be kept.
    """
    try:
        return as_table(of_json(as_json(data, field=field)))
    except UnkeepableError as fault:
        raise ProcessError(fault.what, field=fault.field, cause=fault.cause, remedy=fault.remedy) from None


def merged(data: Mapping[str, Data], changes: Mapping[str, Data]) -> dict[str, Data]:
    """Give data with changes merged in (RFC 7396)."""
    made = dict(data)
    for name, value in changes.items():
        if value is None:
            made.pop(name, None)
        elif isinstance(value, dict):
            before = made.get(name)
            made[name] = merged(before if isinstance(before, dict) else {}, value)
        else:
            made[name] = value
    return made


def _waiting(walk: Walk, message: MessageArrived) -> tuple[Stay, Arm]:
    for stay in walk.stays.values():
        for arm in stay.arms:
            if arm.due is None and _is_for(message, arm):
                return stay, arm
    raise ProcessError(
        f"nothing waits for the message {message.name[:60]!r}",
        field="message",
        cause="It was awaited under another correlation key, or is not awaited any more"
        if message.correlation or message.key
        else None,
        remedy="Look at what the instance waits for",
    )


def _is_for(message: MessageArrived, arm: Arm) -> bool:
    if message.name != arm.message:
        return False
    return message.key == arm.key if message.key else message.correlation == arm.correlation


def _complete_task(walk: Walk, done: TaskCompleted) -> None:
    task, stay = walk.tasks.get(done.key), walk.stays.get(done.key)
    if task is None or stay is None:
        raise ProcessError(
            f"no task is open under the key {done.key[:120]!r}",
            field="key",
            cause="It was done before, or the process has gone on without it",
            remedy="Look at the open tasks of the instance",
        )
    choices = [value for value, _ in task.details.choices]
    if choices and done.answer not in choices:
        raise ProcessError(
            f"{done.answer[:60]!r} cannot be chosen" if done.answer else "nothing was chosen",
            field="answer",
            remedy=f"Choose one of {', '.join(choices)}",
        )
    given = plain(done.data, field="data")
    name = result_name(walk.plan, task.element)
    outcome: dict[str, Data] = {"answer": done.answer, "text": done.text, "by": done.by}
    walk.take_in(stay, {**outcome, **given} if name else given, name)
    del walk.tasks[done.key]
    complete(walk, stay)


def _decide(walk: Walk, decided: IncidentDecided) -> None:
    incident, stay = walk.incidents.get(decided.key), walk.stays.get(decided.key)
    if incident is None or stay is None:
        raise ProcessError(
            f"no incident is open under the key {decided.key[:120]!r}",
            field="key",
            cause="It was decided before, or the process has gone on without it",
            remedy="Look at the incidents of the instance",
        )
    code = incident.error.get("code")
    if code == TOO_MANY_STEPS:
        walk.allowed_steps = walk.steps + MOST_STEPS
    elif not decided.retries:
        stay.is_done = stay.is_skipped = True
    elif code == TOO_MANY_MAILS:
        walk.allowed_mails = walk.mails + MOST_MAILS
    elif stay.is_asked and not stay.is_done:
        stay.attempt += 1
        stay.is_asked = False
    walk.again(stay)
