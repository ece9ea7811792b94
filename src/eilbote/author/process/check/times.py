"""Whether timers fire, activities of several instances end, and arrows that lead back lead out again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.author.process.check.scene import called
from eilbote.author.process.check.texts import check_texts, is_literal
from eilbote.author.process.details import MessageDetails
from eilbote.author.process.diagram import Element, ElementKind, EventKind, Loop
from eilbote.author.process.instance import MOST_STEPS, MOST_TURNS
from eilbote.author.process.interpret.condition import condition_of, condition_template
from eilbote.author.process.interpret.timer import schedule
from eilbote.errors import EilboteError, TemplateError
from eilbote.model.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.process.check.graph import Graph
    from eilbote.author.process.check.scene import Scene

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_COUNTERS: Final = re.compile(
    r"\b(nrOf(?:Active|Completed|Terminated)?Instances|numberOf(?:Active|Completed|Terminated)?Instances|loopCounter)\b"
)
_WAITS: Final = frozenset({ElementKind.USER_TASK, ElementKind.RECEIVE_TASK, ElementKind.CATCH_EVENT})
_CHOOSES: Final = frozenset(
    {ElementKind.EXCLUSIVE_GATEWAY, ElementKind.INCLUSIVE_GATEWAY, ElementKind.EVENT_BASED_GATEWAY}
)


def check_times(scene: Scene) -> None:
    """Find timers that never fire, and what never ends."""
    for element in scene.graph.executed.values():
        if element.event is EventKind.TIMER:
            _timer(scene, element)
        if element.loop is not None:
            _several(scene, element, element.loop)
    for ring in _rings(scene.graph):
        _ring(scene, ring)


def _timer(scene: Scene, element: Element) -> None:
    timer = element.timer
    if timer is None:
        scene.error(
            element,
            f"{called(element)} does not say when",
            field="timer",
            remedy=f"Give a duration, date or cycle in the modeler, or write elements: {{{element.id}: {{timer: {{duration: PT15M}}}}}}",
        )
        return
    if not is_literal(timer.text):
        check_texts(scene, element, timer.text, field="timer")
        if element.kind is ElementKind.START_EVENT and scene.graph.is_process(element.scope):
            scene.error(
                element,
                f"the time of {called(element)} is a template, and nothing is known yet when an instance begins",
                field="timer",
                remedy="Write the time itself, such as R/P1D or 2026-12-24T18:00:00Z",
            )
        return
    try:
        schedule(timer.kind, timer.text, now=Moment(0), field="timer")
    except EilboteError as fault:
        scene.error(
            element,
            f"the time of {called(element)} cannot be read: {fault.what}",
            field="timer",
            cause=fault.cause,
            remedy=f"{fault.remedy or 'Write it in ISO 8601'}; in the settings below elements: {element.id}: timer:",
        )


def _several(scene: Scene, element: Element, loop: Loop) -> None:
    if loop.cardinality is None and loop.collection is None:
        scene.error(
            element,
            f"{called(element)} is done several times, and nothing says how often",
            field="loop",
            remedy=f'Write elements: {{{element.id}: {{loop: {{collection: "order.items", item: item}}}}}}, or cardinality:',
        )
    if loop.cardinality is not None and loop.collection is not None:
        scene.warning(
            element,
            f"{called(element)} has both a number and a collection",
            field="loop",
            cause="The collection says how often it is done",
            remedy="Keep one of them",
        )
    if loop.cardinality is not None and loop.cardinality.isdecimal() and int(loop.cardinality) > MOST_TURNS:
        scene.error(
            element,
            f"{called(element)} is to be done {loop.cardinality[:20]} times",
            field="loop.cardinality",
            cause=f"At most {MOST_TURNS:,} are done",
            remedy="Give a smaller number",
        )
    for field, text in (("cardinality", loop.cardinality), ("collection", loop.collection)):
        if text is not None and not text.isdecimal():
            check_texts(scene, element, f"{{{{ {text} }}}}", field=f"loop.{field}")
    if loop.item and not _NAME.fullmatch(loop.item):
        scene.error(
            element,
            f"{loop.item[:60]!r} cannot be the name of an item",
            field="loop.item",
            remedy="Give a letter, then letters, digits and _; at most 64",
        )
    if loop.until is not None:
        _until(scene, element, loop.until)


def _until(scene: Scene, element: Element, text: str) -> None:
    if (found := _COUNTERS.search(text)) is not None:
        scene.warning(
            element,
            f"{found[0]!r} means nothing here, so {called(element)} does not end early by it",
            field="loop.until",
            cause="It is a counter of another engine",
            remedy="Write loop.index, which counts from 0, or a value that a turn puts into the process data",
        )
    try:
        condition_template(text, field="loop.until")
    except TemplateError as fault:
        known = scene.in_liquid(text)
        scene.error(
            element,
            f"the condition {text[:100]!r}, by which {called(element)} ends early, is not Liquid",
            field="loop.until",
            cause=f"{fault.what[:1].upper()}{fault.what[1:]}",
            remedy=f"Write {known}" if known else "Write it as it stands in an if: approved == true",
        )


def _ring(scene: Scene, ring: list[Element]) -> None:
    """Say what is wrong with elements that lead to one another again and again."""
    ids = {each.id for each in ring}
    if any(_pauses(scene.graph, each) for each in ring):
        return
    names = ", ".join(each.id for each in ring[:6])
    if not any(_leads_out(scene, each, ids) for each in ring):
        scene.error(
            ring[0],
            f"an arrow leads back to {called(ring[0])}, and no way leads out again",
            cause=f"Tokens go round for ever: {names}",
            remedy="Draw a gateway with a condition in it that leads out",
        )
    elif any(isinstance(scene.definition.details.get(each.id), MessageDetails) for each in ring):
        scene.warning(
            ring[0],
            f"an arrow leads back to {called(ring[0])}, and each turn sends a message without waiting for anything",
            cause=f"The way is {names}; an instance stops after {MOST_STEPS:,} elements",
            remedy="Wait in it for a timer, a person or a message",
        )


def _pauses(graph: Graph, element: Element) -> bool:
    if element.kind in _WAITS:
        return True
    if element.kind in {ElementKind.SUB_PROCESS, ElementKind.CALL_ACTIVITY}:
        inner = element.called or element.id
        return any(each.kind in _WAITS for each in graph.inside.get(inner, ()))
    return False


def _leads_out(scene: Scene, element: Element, ring: set[str]) -> bool:
    flows = scene.graph.outgoing.get(element.id, ())
    out = [flow for flow in flows if flow.target not in ring]
    if out and (
        element.kind in _CHOOSES or any(condition_of(scene.definition, flow.id) is not None for flow in flows)
    ):
        return True
    return any(
        event.is_interrupting and event.id not in ring for event in scene.graph.boundaries.get(element.id, ())
    )


def _rings(graph: Graph) -> Iterator[list[Element]]:
    """Give elements that lead to one another, group by group (Tarjan's strongly connected components)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    for begin in graph.executed:
        if begin in number:
            continue
        work = [(begin, iter(_next(graph, begin)))]
        number[begin] = lowest[begin] = len(number)
        path.append(begin)
        on_path.add(begin)
        while work:
            name, following = work[-1]
            for target in following:
                if target not in number:
                    number[target] = lowest[target] = len(number)
                    path.append(target)
                    on_path.add(target)
                    work.append((target, iter(_next(graph, target))))
                    break
                if target in on_path:
                    lowest[name] = min(lowest[name], number[target])
            else:
                work.pop()
                if work:
                    lowest[work[-1][0]] = min(lowest[work[-1][0]], lowest[name])
                if lowest[name] == number[name]:
                    ring = path[path.index(name) :]
                    del path[path.index(name) :]
                    on_path.difference_update(ring)
                    if len(ring) > 1 or name in _next(graph, name):
                        yield sorted((graph.elements[each] for each in ring), key=lambda each: each.line)


def _next(graph: Graph, name: str) -> list[str]:
    found = [flow.target for flow in graph.outgoing.get(name, ()) if flow.target in graph.executed]
    return found + [each.id for each in graph.boundaries.get(name, ()) if each.id in graph.executed]
