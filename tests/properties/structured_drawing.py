"""Draws well-structured processes as BPMN, and counts what each of them must send.

How often each element is reached follows from the structure alone, without any notion of tokens.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from tests.properties.structured_process import (
    Again,
    AllOf,
    Block,
    Choice,
    Failing,
    Inside,
    Late,
    Many,
    Race,
    Row,
    Send,
    SomeOf,
    Wait,
)

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"


@dataclass
class Drawing:
    """A structure as a diagram with settings, and what must come of it.

    Attributes:
        bpmn: The diagram.
        settings: What stands beside it.
        data: What it begins with.
        answers: What its service tasks are answered, in turn.
        fails: Elements whose messages are not delivered.
        late: Tasks that nobody does.
        expected: How often each element sends.
        in_order: What is sent in which order; ``None`` when ways run at the same time.
    """

    bpmn: str = ""
    settings: str = ""
    data: dict[str, object] = field(default_factory=dict)
    answers: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    fails: dict[str, str] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    expected: Counter[str] = field(default_factory=Counter)
    in_order: list[str] | None = None


def drawing(block: Block, chance: Random) -> Drawing:
    """Draw a structure; in which order its elements stand in the file is left to chance."""
    pen = _Pen(chance)
    lines = pen.scope(block)
    trace = pen.trace
    made = pen.made
    made.expected = Counter(trace.sends)
    made.in_order = None if trace.is_parallel else list(trace.sends)
    made.settings = json.dumps(
        {"correlation": "{{ key }}", "elements": pen.elements, "conditions": pen.conditions}
    )
    made.data["key"] = "k"
    made.bpmn = (
        f'<definitions xmlns="{MODEL}" targetNamespace="http://example.org/drawn">'
        f'<process id="drawn" isExecutable="true">{"".join(lines)}</process>'
        '<message id="m" name="wait"/><message id="never" name="never"/><error id="e" errorCode="eilbote.mail_failed"/></definitions>'
    )
    return made


@dataclass
class _Trace:
    sends: list[str] = field(default_factory=list)
    is_parallel: bool = False


class _Pen:
    def __init__(self, chance: Random) -> None:
        self.made = Drawing()
        self.trace = _Trace()
        self.elements: dict[str, dict[str, object]] = {}
        self.conditions: dict[str, str] = {}
        self._chance = chance
        self._numbers: Iterator[int] = iter(range(1_000_000))
        self._lines: list[str] = []

    def scope(self, block: Block) -> list[str]:
        """Draw what a process or sub-process holds."""
        outer, self._lines = self._lines, []
        start, end = self._node("startEvent"), self._node("endEvent")
        before = len(self.trace.sends)
        first, last = self._draw(block)
        assert len(self.trace.sends) >= before
        self._flow(start, first)
        self._flow(last, end)
        mine, self._lines = self._lines, outer
        self._chance.shuffle(mine)
        return mine

    # -- each gives the element a way comes in by, and the one it leaves by; and notes what is sent ---------------

    def _draw(self, block: Block) -> tuple[str, str]:
        match block:
            case Send():
                name = self._send()
                self.trace.sends.append(name)
            case Wait(what):
                name = self._wait(what)
            case Many(turns, is_sequential):
                name = self._many(turns, is_sequential=is_sequential)
            case Inside():
                name = self._inside(block)
            case Row(parts):
                return self._row(parts)
            case Choice(ways, taken):
                return self._choice(ways, taken)
            case AllOf(ways):
                return self._all_of(ways)
            case SomeOf(ways, taken):
                return self._some_of(ways, taken)
            case Again(body, turns):
                return self._again(body, turns)
            case Late(body, is_late):
                return self._late(body, is_late=is_late)
            case Failing(body, fails):
                return self._failing(body, fails=fails)
            case Race():
                return self._race(block)
        return name, name

    def _send(self, inside: str = "") -> str:
        name = self._node("sendTask", inside=inside)
        self.elements[name] = {"system_name": name, "state": name, "route": "r"}
        return name

    def _wait(self, what: str) -> str:
        match what:
            case "task":
                return self._node("userTask")
            case "message":
                return self._node("receiveTask", 'messageRef="m"')
            case _:
                timer = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
                return self._node("intermediateCatchEvent", inside=timer)

    def _many(self, turns: int, *, is_sequential: bool) -> str:
        sequential = "true" if is_sequential else "false"
        loop = (
            f'<multiInstanceLoopCharacteristics isSequential="{sequential}">'
            f"<loopCardinality>{turns}</loopCardinality></multiInstanceLoopCharacteristics>"
        )
        name = self._send(loop)
        self.trace.sends += [name] * turns
        return name

    def _inside(self, block: Inside) -> str:
        loop = ""
        times = 1
        if block.turns is not None:
            times = block.turns
            loop = (
                '<multiInstanceLoopCharacteristics isSequential="true">'
                f"<loopCardinality>{times}</loopCardinality></multiInstanceLoopCharacteristics>"
            )
        before = len(self.trace.sends)
        lines = self.scope(block.body)
        self._repeat(before, times)
        return self._node("subProcess", inside="".join(lines) + loop)

    def _row(self, parts: tuple[Block, ...]) -> tuple[str, str]:
        drawn = [self._draw(part) for part in parts]
        for (_, last), (first, _) in pairwise(drawn):
            self._flow(last, first)
        return drawn[0][0], drawn[-1][1]

    def _choice(self, ways: tuple[Block, ...], taken: int) -> tuple[str, str]:
        split, join = self._node("exclusiveGateway"), self._node("exclusiveGateway")
        self.made.data[split] = taken
        for number, way in enumerate(ways):
            before = len(self.trace.sends)
            first, last = self._draw(way)
            self._repeat(before, 1 if number == taken else 0)
            self.conditions[self._flow(split, first)] = f"{split} == {number}"
            self._flow(last, join)
        return split, join

    def _all_of(self, ways: tuple[Block, ...]) -> tuple[str, str]:
        split, join = self._node("parallelGateway"), self._node("parallelGateway")
        self.trace.is_parallel = True
        for way in ways:
            first, last = self._draw(way)
            self._flow(split, first)
            self._flow(last, join)
        return split, join

    def _some_of(self, ways: tuple[Block, ...], taken: tuple[bool, ...]) -> tuple[str, str]:
        join = self._node("inclusiveGateway")
        otherwise = self._name()
        split = self._node("inclusiveGateway", f'default="{otherwise}"')
        self.trace.is_parallel = True
        for number, (way, goes) in enumerate(zip(ways, (*taken, not any(taken)), strict=True)):
            before = len(self.trace.sends)
            first, last = self._draw(way)
            self._repeat(before, int(goes))
            self._flow(last, join)
            if number == len(taken):
                self._flow(split, first, name=otherwise)
            else:
                flag = f"{split}_{number}"
                self.made.data[flag] = goes
                self.conditions[self._flow(split, first)] = flag
        return split, join

    def _again(self, body: Block, turns: int) -> tuple[str, str]:
        back, ask, gateway = (
            self._node("exclusiveGateway"),
            self._node("serviceTask"),
            self._node("exclusiveGateway"),
        )
        before = len(self.trace.sends)
        first, last = self._draw(body)
        self._repeat(before, turns)
        self.elements[ask] = {"http": {"url": "https://example.org/", "result": ask}}
        self.made.answers[ask] = [{"again": number < turns - 1} for number in range(turns)]
        self._flow(back, first)
        self._flow(last, ask)
        self._flow(ask, gateway)
        self.conditions[self._flow(gateway, back)] = f"{ask}.again"
        beyond = self._node("task")
        self.conditions[self._flow(gateway, beyond)] = f"{ask}.again == false"
        return back, beyond

    def _late(self, body: Block, *, is_late: bool) -> tuple[str, str]:
        task, join = self._node("userTask"), self._node("exclusiveGateway")
        timer = "<timerEventDefinition><timeDuration>PT2H</timeDuration></timerEventDefinition>"
        edge = self._node("boundaryEvent", f'attachedToRef="{task}"', inside=timer)
        reminder = self._reminder(task)
        if is_late:
            self.made.late.add(task)
            self.trace.sends.append(reminder)
        before = len(self.trace.sends)
        first, last = self._draw(body)
        self._repeat(before, int(is_late))
        self._flow(edge, first)
        self._flow(last, join)
        self._flow(task, join)
        return task, join

    def _reminder(self, task: str) -> str:
        timer = "<timerEventDefinition><timeDuration>PT90M</timeDuration></timerEventDefinition>"
        edge = self._node("boundaryEvent", f'attachedToRef="{task}" cancelActivity="false"', inside=timer)
        reminder = self._send()
        self._flow(edge, reminder)
        self._flow(reminder, self._node("endEvent"))
        return reminder

    def _race(self, race: Race) -> tuple[str, str]:
        gateway, join = self._node("eventBasedGateway"), self._node("exclusiveGateway")
        message = "never" if race.is_late else "m"
        timer = "<timerEventDefinition><timeDuration>PT3H</timeDuration></timerEventDefinition>"
        for event, way, wins in (
            (f'<messageEventDefinition messageRef="{message}"/>', race.by_message, not race.is_late),
            (timer, race.by_time, race.is_late),
        ):
            caught = self._node("intermediateCatchEvent", inside=event)
            before = len(self.trace.sends)
            first, last = self._draw(way)
            self._repeat(before, int(wins))
            self._flow(gateway, caught)
            self._flow(caught, first)
            self._flow(last, join)
        return gateway, join

    def _failing(self, body: Block, *, fails: bool) -> tuple[str, str]:
        task, join = self._send(), self._node("exclusiveGateway")
        edge = self._node(
            "boundaryEvent", f'attachedToRef="{task}"', inside='<errorEventDefinition errorRef="e"/>'
        )
        self.elements[task]["on_failure"] = "error"
        if fails:
            self.made.fails[task] = "eilbote.mail_failed"
        self.trace.sends.append(task)
        before = len(self.trace.sends)
        first, last = self._draw(body)
        self._repeat(before, int(fails))
        self._flow(edge, first)
        self._flow(last, join)
        self._flow(task, join)
        return task, join

    # -- pieces ------------------------------------------------------------------------------------------------

    def _repeat(self, before: int, times: int) -> None:
        sends = self.trace.sends
        sends[before:] = sends[before:] * times

    def _name(self) -> str:
        return f"n{next(self._numbers)}"

    def _node(self, tag: str, attributes: str = "", *, inside: str = "") -> str:
        name = self._name()
        self._lines.append(f'<{tag} id="{name}" {attributes}>{inside}</{tag}>')
        return name

    def _flow(self, source: str, target: str, *, name: str = "") -> str:
        name = name or self._name()
        self._lines.append(f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}"/>')
        return name
