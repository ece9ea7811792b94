"""What happens when a token's turn comes at an element, by the element's kind (BPMN 2.0, chapter 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from eilbote.author.process.details import FlowDetails, HttpDetails, MessageDetails, TaskDetails
from eilbote.author.process.diagram import ElementKind, EventKind
from eilbote.author.process.instance import InstanceStatus, PassageKind, SendOverRoute, Wanted
from eilbote.author.process.interpret.deeds import deed_of, task_of
from eilbote.author.process.interpret.events import arm, arm_boundaries, throw
from eilbote.author.process.interpret.limits import too_many_mails
from eilbote.author.process.interpret.stay import Phase
from eilbote.author.process.interpret.turns import begin_turns, complete
from eilbote.errors import EilboteError, ProcessError

if TYPE_CHECKING:
    from eilbote.author.process.diagram import Element
    from eilbote.author.process.interpret.stay import Stay
    from eilbote.author.process.interpret.walk import Walk
    from eilbote.model.data import Data


def perform(walk: Walk, stay: Stay) -> None:
    """Take the turn of an element; what cannot be done becomes an incident, and the token stays."""
    try:
        if stay.is_done:
            complete(walk, stay)
            return
        arm_boundaries(walk, stay)
        element = walk.plan.elements[stay.element]
        if element.loop is not None and stay.turn < 0:
            begin_turns(walk, stay)
        else:
            _perform(walk, stay, element)
    except EilboteError as fault:
        if stay.key not in walk.stays:
            raise
        walk.stop(stay, fault)


def _perform(walk: Walk, stay: Stay, element: Element) -> None:
    match element.kind:
        case (
            ElementKind.START_EVENT
            | ElementKind.BOUNDARY_EVENT
            | ElementKind.EXCLUSIVE_GATEWAY
            | ElementKind.PARALLEL_GATEWAY
            | ElementKind.INCLUSIVE_GATEWAY
        ):
            complete(walk, stay)
        case ElementKind.TASK | ElementKind.THROW_EVENT | ElementKind.SEND_TASK | ElementKind.SERVICE_TASK:
            _do(walk, stay, element)
        case ElementKind.END_EVENT:
            _end(walk, stay, element)
        case ElementKind.USER_TASK:
            _ask(walk, stay, element)
        case ElementKind.CATCH_EVENT | ElementKind.RECEIVE_TASK:
            _wait(walk, stay, element)
        case ElementKind.EVENT_BASED_GATEWAY:
            stay.arms.clear()  # of a try before, in which one could wait and another could not
            for flow in walk.plan.flows_from(element.id):
                arm(walk, stay, walk.plan.elements[flow.target])
            stay.phase = Phase.WAITING
        case ElementKind.SUB_PROCESS:
            _go_inside(walk, stay, element.id)
        case ElementKind.CALL_ACTIVITY:
            _call(walk, stay, element)
        case ElementKind.UNSUPPORTED:
            raise ProcessError(
                f"a {element.tag} is unsupported and not executed",
                field=element.id,
                remedy="Skip it, and draw new instances without it",
            )
        case _:
            assert_never(element.kind)


def _do(walk: Walk, stay: Stay, element: Element) -> None:
    """Want a deed done, where one is set; otherwise nothing happens, and the token passes."""
    details = walk.plan.definition.details.get(element.id)
    if not isinstance(details, MessageDetails | HttpDetails | FlowDetails):
        complete(walk, stay)
        return
    deed = deed_of(details, element, walk.values(stay))
    if isinstance(deed, SendOverRoute):
        if walk.mails >= walk.allowed_mails:
            raise too_many_mails(element.id, walk.allowed_mails)
        walk.mails += 1
    stay.phase = Phase.WANTED
    stay.is_asked = True
    walk.wanted[stay.key] = Wanted(key=stay.key, element=element.id, deed=deed, since=walk.now)


def _ask(walk: Walk, stay: Stay, element: Element) -> None:
    details = walk.plan.definition.details.get(element.id)
    walk.tasks[stay.key] = task_of(
        details if isinstance(details, TaskDetails) else TaskDetails(),
        element,
        walk.values(stay),
        key=stay.key,
        now=walk.now,
    )
    stay.phase = Phase.WAITING


def _wait(walk: Walk, stay: Stay, element: Element) -> None:
    if element.event is EventKind.NONE and not element.message and element.timer is None:
        complete(walk, stay)
        return
    arm(walk, stay, element)
    stay.phase = Phase.WAITING


def _go_inside(walk: Walk, stay: Stay, process: str) -> None:
    """Begin what is inside; through an empty one, as overviews draw them, a token passes."""
    if not walk.plan.inside.get(process):
        complete(walk, stay)
        return
    stay.phase = Phase.INSIDE
    walk.open_scope(process, owner=stay.key, at=walk.plan.begin_at(process))


def _call(walk: Walk, stay: Stay, element: Element) -> None:
    if not any(each.id == element.called for each in walk.plan.definition.diagram.processes):
        raise ProcessError(
            f"the process {element.called[:60]!r} that is called is not in the diagram",
            field=element.id,
            remedy="Put it into the same file, or send a message that begins it",
        )
    _go_inside(walk, stay, element.called)


def _end(walk: Walk, stay: Stay, element: Element) -> None:
    match element.event:
        case EventKind.TERMINATE:
            scope = walk.scopes[stay.scope]
            walk.pass_by(stay, PassageKind.LEFT)
            walk.forget(stay)
            walk.close_scope(scope)
            walk.scopes[scope.number] = scope
            walk.end_scope(scope)
        case EventKind.ERROR:
            walk.pass_by(stay, PassageKind.LEFT)
            walk.forget(stay)
            error: dict[str, Data] = {
                "code": element.error,
                "message": element.name or f"the error {element.error!r} was thrown",
                "cause": "",
                "remedy": "",
                "field": element.id,
            }
            if not throw(walk, stay, error):
                walk.end(InstanceStatus.FAILED, error)
        case _:
            _do(walk, stay, element)
