"""What may happen while a token waits: times, messages and errors, at the element itself or at its border."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.process.details import CatchDetails
from eilbote.author.process.diagram import EventKind
from eilbote.author.process.interpret.expression import text_of
from eilbote.author.process.interpret.stay import Arm
from eilbote.author.process.interpret.timer import following, schedule
from eilbote.author.process.interpret.turns import complete
from eilbote.author.process.limits import check_name
from eilbote.errors import ProcessError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.process.diagram import Element
    from eilbote.author.process.interpret.stay import Stay
    from eilbote.author.process.interpret.walk import Walk
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment


def arm(walk: Walk, stay: Stay, event: Element) -> None:
    """Wait for an event at an element.

    Raises:
        ProcessError: It cannot be waited for; its timer cannot be read.
        TemplateError: A template of it cannot be rendered.
    """
    details = walk.plan.definition.details.get(event.id)
    values = walk.values(stay)
    key = stay.key if event.id == stay.element else f"{walk.id}/{event.id}/at.{walk.count(f'at {event.id}')}"
    if event.timer is not None:
        field = f"{event.id}.timer"
        text = text_of(event.timer.text, values, field=field)
        found = schedule(event.timer.kind, text, now=walk.now, field=field)
        stay.arms.append(Arm(key=key, event=event.id, due=found.first, left=found.left, every=found.every))
        return
    if not event.message:
        raise ProcessError(
            "nothing says what is waited for",
            field=event.id,
            remedy="Give the event a message or a timer",
        )
    correlation = ""
    if isinstance(details, CatchDetails):
        correlation = text_of(details.correlation, values, field=f"{event.id}.correlation").strip()
        check_name(correlation, field=f"{event.id}.correlation")
    stay.arms.append(
        Arm(key=key, event=event.id, message=event.message, correlation=correlation or walk.correlation)
    )


def arm_boundaries(walk: Walk, stay: Stay) -> None:
    """Wait for the events at the border of an activity, once; errors need no waiting."""
    if stay.is_armed or stay.turn >= 0:
        return
    stay.arms.clear()
    for event in walk.plan.boundaries.get(stay.element, ()):
        if event.event in {EventKind.TIMER, EventKind.MESSAGE}:
            arm(walk, stay, event)
    stay.is_armed = True


def next_due(walk: Walk) -> tuple[Moment, Stay, Arm] | None:
    """Give the timer that fires next."""
    found: tuple[Moment, Stay, Arm] | None = None
    for stay in walk.stays.values():
        for each in stay.arms:
            if each.due is not None and (found is None or each.due < found[0]):
                found = (each.due, stay, each)
    return found


def fire(walk: Walk, stay: Stay, happened: Arm, said: Mapping[str, Data] | None = None) -> None:
    """Let happen what an element waits for.

    Args:
        walk: The instance.
        stay: The element.
        happened: What happens.
        said: What the message carries.
    """
    event = walk.plan.elements[happened.event]
    details = walk.plan.definition.details.get(event.id)
    result = details.result if isinstance(details, CatchDetails) else ""
    if event.id == stay.element:
        if said is not None:
            walk.take_in(stay, said, result)
        stay.arms.remove(happened)
        complete(walk, stay)
        return
    if said is not None:
        _put(walk, said, result)
    if event.attached_to == stay.element:
        _at_border(walk, stay, happened, event)
        return
    flow = next(each for each in walk.plan.flows_from(stay.element) if each.target == event.id)
    for came in walk.leave_by(stay, [flow]):
        came.is_done = True


def throw(walk: Walk, stay: Stay, error: Mapping[str, Data]) -> bool:
    """Let a BPMN error be caught by the nearest boundary event that catches its code; says whether one does.

    Args:
        walk: The instance.
        stay: Where it happened.
        error: With its ``code``.
    """
    code = str(error.get("code", ""))
    at: Stay | None = stay
    while at is not None:
        if at.turn >= 0:
            at = walk.stays[at.body]
            continue
        if (event := _catching(walk, at, code)) is not None:
            details = walk.plan.definition.details.get(event.id)
            result = details.result if isinstance(details, CatchDetails) else ""
            _put(walk, dict(error), result or "error")
            _interrupt(walk, at, event)
            return True
        at = walk.stays.get(walk.scopes[at.scope].owner)
    return False


# -- within ---------------------------------------------------------------------------------------------------


def _at_border(walk: Walk, stay: Stay, happened: Arm, event: Element) -> None:
    if event.is_interrupting:
        _interrupt(walk, stay, event)
        return
    if happened.due is not None:
        _wind_up(walk, stay, happened)
    walk.appear(walk.scopes[stay.scope], event.id).is_done = True


def _interrupt(walk: Walk, stay: Stay, event: Element) -> None:
    """End an activity by an event at its border; the token is there before that of the activity is gone."""
    walk.appear(walk.scopes[stay.scope], event.id).is_done = True
    walk.cancel(stay)


def _wind_up(walk: Walk, stay: Stay, happened: Arm) -> None:
    """Let a cycle turn once more, unless it was the last time; a message may come again and again."""
    if happened.left is not None:
        happened.left -= 1
    if happened.due is None or happened.left == 0 or not happened.every:
        stay.arms.remove(happened)
    else:
        happened.due = following(happened.every, due=happened.due, now=walk.now)


def _catching(walk: Walk, stay: Stay, code: str) -> Element | None:
    found = [
        event
        for event in walk.plan.boundaries.get(stay.element, ())
        if event.event is EventKind.ERROR and event.error in {code, ""}
    ]
    return next((event for event in found if event.error), found[0] if found else None)


def _put(walk: Walk, said: Mapping[str, Data], result: str) -> None:
    if result:
        walk.data[result] = dict(said)
    else:
        walk.data.update(said)
