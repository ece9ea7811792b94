"""Processes written as a few lines, for tests: elements, flows, and what is known of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import cast

from eilbote.author.process.definition import Definition
from eilbote.author.process.details import Details, MessageDetails
from eilbote.author.process.diagram import (
    Diagram,
    Element,
    ElementKind,
    EventKind,
    Loop,
    ProcessPlan,
    SequenceFlow,
    Timer,
    TimerKind,
)
from eilbote.author.process.instance import DeedDone, Instance, TaskCompleted
from eilbote.author.process.interpret.instance_state import instance_data, read_instance
from eilbote.author.process.interpret.interpret import begin, give, go_on, settle
from eilbote.model.data import Data
from eilbote.model.moment import Moment

NOW = Moment(1_800_000_000_000)
HOUR = 3_600_000
K = ElementKind
E = EventKind


def element(
    id_: str,
    kind: ElementKind = K.TASK,
    event: EventKind = E.NONE,
    *,
    scope: str = "P",
    message: str = "",
    error: str = "",
    timer: str = "",
    at: str = "",
    interrupting: bool = True,
    default: str = "",
    called: str = "",
    loop: Loop | None = None,
) -> Element:
    """Draw an element; a timer's kind is seen from its text."""
    return Element(
        id=id_,
        name="",
        kind=kind,
        tag=kind.value,
        line=1,
        scope=scope,
        event=E.TIMER if timer else E.MESSAGE if message and kind is not K.RECEIVE_TASK else event,
        message=message,
        error=error,
        timer=Timer(kind=_timer_kind(timer), text=timer) if timer else None,
        attached_to=at,
        is_interrupting=interrupting,
        default=default,
        called=called,
        loop=loop,
    )


def flows(*lines: str) -> dict[str, SequenceFlow]:
    """Draw sequence flows: ``a > b > c`` or, with a condition, ``a > b if order.total > 5``; ids are ``a-b``."""
    found: dict[str, SequenceFlow] = {}
    for line in lines:
        way, _, condition = line.partition(" if ")
        stops = [stop.strip() for stop in way.split(">")]
        for source, target in pairwise(stops):
            id_ = f"{source}-{target}"
            while id_ in found:
                id_ += "'"
            found[id_] = SequenceFlow(
                id=id_, name="", source=source, target=target, condition=condition.strip() or None
            )
    return found


def process(
    elements: list[Element],
    *lines: str,
    details: Mapping[str, Details] | None = None,
    correlation: str = "",
    called: tuple[str, ...] = (),
) -> Definition:
    """Draw a process ``P``; those that are called stand beside it."""
    return Definition(
        name="drawn",
        title="Drawn",
        process="P",
        diagram=Diagram(
            processes=tuple(ProcessPlan(id=name, name=name, is_executable=True) for name in ("P", *called)),
            elements={each.id: each for each in elements},
            flows=flows(*lines),
            shapes={},
            edges={},
            errors={},
        ),
        details=details or {},
        conditions={},
        correlation=correlation,
        text="",
    )


def mail(name: str = "mail", **more: object) -> MessageDetails:
    """Say that an element sends over the route of that name."""
    usual = MessageDetails(system_name=name, state=f"after {name}", route=name)
    return replace(usual, **more)  # type: ignore[arg-type]


START = element("start", K.START_EVENT)
END = element("end", K.END_EVENT)


def kept(definition: Definition, instance: Instance) -> Instance:
    """Write an instance as stores do, and read it again."""
    text = json.dumps(instance_data(instance))
    again = read_instance(definition, cast("dict[str, Data]", json.loads(text)))
    assert again == instance
    return again


def began(
    definition: Definition, data: dict[str, Data] | None = None, *, now: Moment = NOW, **more: str
) -> Instance:
    """Begin an instance and let it go on, kept after each step."""
    return on(definition, begin(definition, data or {}, instance_id="i", now=now, **more), now=now)


def on(definition: Definition, instance: Instance, *, now: Moment = NOW) -> Instance:
    """Let an instance go on, kept after each step."""
    while True:
        before = kept(definition, instance)
        instance = go_on(definition, before, now=now, is_enough=lambda: True)
        if instance == before:
            return instance


def done(
    definition: Definition,
    instance: Instance,
    key: str,
    *,
    now: Moment = NOW,
    result: dict[str, Data] | None = None,
    entry: str = "",
) -> Instance:
    """Settle a deed well, and go on."""
    settled = settle(definition, instance, key, DeedDone(result=result or {}, entry=entry), now=now)
    return on(definition, settled, now=now)


def all_sent(definition: Definition, instance: Instance, *, now: Moment = NOW) -> tuple[Instance, list[str]]:
    """Settle all deeds well until none is wanted; gives their keys in order."""
    keys: list[str] = []
    while instance.wanted:
        keys.append(instance.wanted[0].key)
        instance = done(definition, instance, keys[-1], now=now)
    return instance, keys


def worked(
    definition: Definition, instance: Instance, at: str, *, now: Moment = NOW, **data: Data
) -> Instance:
    """Do the first open task of an element, and go on."""
    task = next(each for each in instance.waits.tasks if each.element == at)
    return on(
        definition,
        give(definition, instance, TaskCompleted(key=task.key, by="me", data=data), now=now),
        now=now,
    )


def standing(instance: Instance) -> list[str]:
    """Give the elements where tokens stand."""
    stays = cast("list[dict[str, str]]", instance.tokens["stays"])
    return [stay["element"] for stay in stays]


def _timer_kind(text: str) -> TimerKind:
    if text.startswith("R"):
        return TimerKind.CYCLE
    return TimerKind.DATE if text[:1].isdecimal() else TimerKind.DURATION
