"""When the work of an element is done; and activities that are done several times, one after the other or all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.author.process.details import CatchDetails, FlowDetails, HttpDetails, MessageDetails, TaskDetails
from eilbote.author.process.instance import MOST_TURNS, PassageKind
from eilbote.author.process.interpret.expression import count_of, holds, items_of
from eilbote.author.process.interpret.limits import too_many_turns
from eilbote.author.process.interpret.stay import Phase, Turns
from eilbote.errors import EilboteError, ProcessError

if TYPE_CHECKING:
    from eilbote.author.process.diagram import Loop
    from eilbote.author.process.interpret.plan import Plan
    from eilbote.author.process.interpret.stay import Stay
    from eilbote.author.process.interpret.walk import Walk


def complete(walk: Walk, stay: Stay) -> None:
    """Go on from an element whose work is done; where that cannot be, wait for a decision."""
    stay.is_done = True
    if stay.turn < 0:
        walk.depart(stay)
        return
    try:
        _end_turn(walk, stay)
    except EilboteError as fault:
        walk.stop(stay, fault)


def begin_turns(walk: Walk, body: Stay) -> None:
    """Begin the turns of a multi-instance activity.

    Raises:
        ProcessError: It is not known how many there are, or they are too many.
        TemplateError: What says it cannot be read.
    """
    loop = _loop(walk, body)
    values, field = walk.values(body), f"{body.element}.loop"
    items = items_of(loop.collection, values, field=field) if loop.collection else None
    count = len(items) if items is not None else count_of(loop.cardinality or "", values, field=field)
    if count > MOST_TURNS:
        raise too_many_turns(body.element, count)
    body.turns = Turns(items=items, count=count)
    body.phase = Phase.INSIDE
    if not count:
        complete(walk, body)
        return
    for _ in range(1 if loop.is_sequential else count):
        _begin_turn(walk, body, body.turns)


def result_name(plan: Plan, element: str) -> str:
    """Give the name under which an element puts what came of it into the data; empty when it has none."""
    match plan.definition.details.get(element):
        case TaskDetails(result=name) | HttpDetails(result=name) | FlowDetails(result=name):
            return name
        case MessageDetails(result=name) | CatchDetails(result=name):
            return name
        case _:
            return ""


def _begin_turn(walk: Walk, body: Stay, turns: Turns) -> None:
    walk.new_stay(body.element, scope=body.scope, body=body.key, turn=turns.begun)
    turns.begun += 1


def _end_turn(walk: Walk, stay: Stay) -> None:
    body = walk.stays[stay.body]
    loop, turns = _loop(walk, body), body.turns
    if turns is None:
        raise ProcessError("the turn belongs to nothing", field=stay.element, remedy="Skip it")
    is_last = False
    if loop.until and not stay.is_skipped:
        values = walk.values(stay)
        if (name := result_name(walk.plan, stay.element)) and stay.turn in turns.outcomes:
            values[name] = turns.outcomes[stay.turn]
        is_last = holds(loop.until, values, field=f"{stay.element}.until")
    walk.pass_by(stay, PassageKind.LEFT)
    walk.forget(stay)
    turns.ended += 1
    if is_last:
        walk.cancel_inside(body)
    elif turns.begun < turns.count:
        _begin_turn(walk, body, turns)
        return
    elif turns.ended < turns.count:
        return
    if turns.outcomes:
        name = result_name(walk.plan, body.element)
        walk.data[name] = [outcome for _, outcome in sorted(turns.outcomes.items())]
    complete(walk, body)


def _loop(walk: Walk, body: Stay) -> Loop:
    loop = walk.plan.elements[body.element].loop
    if loop is None:
        raise ProcessError(
            "the element is not done several times", field=body.element, remedy="Skip it, or begin anew"
        )
    return loop
