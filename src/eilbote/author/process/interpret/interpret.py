"""Interprets processes: gives how an instance stands after something has happened, and nothing else.

Every function takes an instance and gives the next one; none does I/O, reads a clock or draws a number. What an instance wants done
is in ``wanted`` under a key that is the same however often it is worked out; what it waits for is in ``waits``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.process.details import CatchDetails
from eilbote.author.process.diagram import EventKind
from eilbote.author.process.instance import (
    DeedDone,
    Instance,
    InstanceStatus,
    SendOverRoute,
)
from eilbote.author.process.interpret.events import fire, next_due, throw
from eilbote.author.process.interpret.expression import text_of
from eilbote.author.process.interpret.given import plain, take
from eilbote.author.process.interpret.perform import perform
from eilbote.author.process.interpret.plan import plan_of
from eilbote.author.process.interpret.state import cancelled, instance_of, new_walk, walk_of
from eilbote.author.process.interpret.stay import Phase
from eilbote.author.process.interpret.turns import complete, result_name
from eilbote.errors import ProcessError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eilbote.author.process.definition import Definition
    from eilbote.author.process.instance import Trigger
    from eilbote.author.process.interpret.plan import Plan
    from eilbote.author.process.interpret.walk import Walk
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment


def never() -> bool:
    """Say that it is not enough yet."""
    return False


def begin(
    definition: Definition,
    data: Mapping[str, Data],
    *,
    instance_id: str,
    now: Moment,
    element: str = "",
    message: str = "",
    correlation: str = "",
    version: int = 0,
) -> Instance:
    """Begin an instance: a token stands at a start event, and nothing was done yet.

    Args:
        definition: The process.
        data: What it begins with.
        instance_id: Its id.
        now: The time.
        element: The start event; when neither it nor a message is named, the one without a trigger.
        message: The message that begins it.
        correlation: Its correlation key; empty: what the definition says.
        version: The version of the process, which templates may name; 0 for none.

    Raises:
        ProcessError: The process does not begin like that, or the data cannot be kept.
        TemplateError: The correlation key cannot be told.
    """
    plan = plan_of(definition)
    given = plain(data, field="data")
    if element or message:
        start = plan.start(element=element, message=message)
        details = definition.details.get(start.id)
        if start.event is EventKind.MESSAGE and isinstance(details, CatchDetails) and details.result:
            given = {details.result: given}
        at = [start.id]
    else:
        at = list(plan.begin_at(definition.process))
    said = text_of(correlation or definition.correlation, given, field="correlation").strip()
    instance = Instance(id=instance_id, correlation=said or instance_id, data=given)
    walk = new_walk(plan, instance, now=now)
    walk.version = version
    walk.open_scope(definition.process, owner="", at=at)
    return instance_of(walk)


def go_on(
    definition: Definition,
    instance: Instance,
    *,
    now: Moment,
    is_enough: Callable[[], bool] = never,
) -> Instance:
    """Let tokens go on until all of them wait, or it is enough; timers that are due fire.

    When it was enough before, the instance is due at once (``waits.due``).

    Args:
        definition: The process.
        instance: How it stands.
        now: The time.
        is_enough: Asked after each step.

    Raises:
        ProcessError: The state of the instance cannot be read.
    """
    if instance.status is not InstanceStatus.RUNNING:
        return instance
    walk = _walk(plan_of(definition), instance, now)
    while walk.status is InstanceStatus.RUNNING and _step(walk):
        if is_enough():
            break
    return instance_of(walk)


def give(definition: Definition, instance: Instance, trigger: Trigger, *, now: Moment) -> Instance:
    """Give an instance what has happened; its tokens go on with :func:`go_on`.

    Raises:
        ProcessError: Nothing waits for it, or it cannot be taken like that.
    """
    walk = _running(definition, instance, now)
    take(walk, trigger)
    return instance_of(walk)


def settle(definition: Definition, instance: Instance, key: str, done: DeedDone, *, now: Moment) -> Instance:
    """Tell an instance what became of a deed; its tokens go on with :func:`go_on`.

    An error that may be caught and is not ends the instance where a message was to be sent, whose author has chosen an error in place
    of an incident; anywhere else a person decides.

    Args:
        definition: The process.
        instance: How it stands.
        key: Of the :class:`~eilbote.author.process.instance.Wanted`.
        done: What became of it.
        now: The time.

    Raises:
        ProcessError: Nothing of that key is wanted, or the result cannot be kept.
    """
    walk = _running(definition, instance, now)
    stay = walk.stays.get(key)
    if stay is None or stay.phase is not Phase.WANTED:
        raise ProcessError(
            f"nothing is wanted under the key {key[:120]!r}",
            field="key",
            cause="It was settled before, or the activity was ended meanwhile",
            remedy="Nothing is to be done",
        )
    result = plain(done.result, field="result")
    stay.entry = done.entry
    deed = walk.wanted.pop(key).deed
    if (name := result_name(walk.plan, stay.element)) and (result or done.error is None):
        walk.take_in(stay, result, name)  # whoever catches an error may want to know what was answered
    if done.error is None:
        complete(walk, stay)
        return instance_of(walk)
    error = plain(done.error, field="error")
    if done.catchable and not done.in_doubt and throw(walk, stay, error):
        return instance_of(walk)
    if done.catchable and not done.in_doubt and isinstance(deed, SendOverRoute):
        walk.end(InstanceStatus.FAILED, error)
    else:
        walk.stop_with(stay, error, in_doubt=done.in_doubt)
    return instance_of(walk)


def cancel(instance: Instance, *, now: Moment) -> Instance:
    """Call an instance back: nothing is wanted and nothing awaited any more; one that has ended stays as it is.

    Raises:
        ProcessError: The state of the instance cannot be read.
    """
    if instance.status is not InstanceStatus.RUNNING:
        return instance
    return cancelled(instance, now=now)


# -- within ---------------------------------------------------------------------------------------------------


def _step(walk: Walk) -> bool:
    """Let one thing happen; says whether anything did."""
    while walk.ready:
        stay = walk.stays.get(walk.ready.popleft())
        if stay is not None and stay.phase is Phase.READY:
            perform(walk, stay)
            return True
    found = next_due(walk)
    if found is None or found[0] > walk.now:
        return False
    _, stay, arm = found
    fire(walk, stay, arm)
    return True


def _running(definition: Definition, instance: Instance, now: Moment) -> Walk:
    if instance.status is not InstanceStatus.RUNNING:
        raise ProcessError(
            f"the instance {instance.id!r} is {instance.status.value}",
            field="instance",
            remedy="Nothing can happen to it any more; begin another one",
        )
    return _walk(plan_of(definition), instance, now)


def _walk(plan: Plan, instance: Instance, now: Moment) -> Walk:
    return walk_of(plan, instance, now=now)
