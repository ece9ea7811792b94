"""Random processes, interpreted by us and by SpiffWorkflow: the same elements are reached equally often.

SpiffWorkflow is asked within its limits: few turns of loops, and no gateways in them that split and join tokens, at which it loses some
or lets them go on once too often; its script engine is replaced by the same conditions in Liquid. And ours alone:
an instance that is written down and read again after each step comes to the same as one that is never interrupted.
"""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias
from xml.sax.saxutils import quoteattr

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.util.task import TaskState
from tests.unit.author.process.drawn import NOW, K, element, kept, on, process

from eilbote.author.process.definition import Definition
from eilbote.author.process.instance import Instance, InstanceStatus, PassageKind, TaskCompleted
from eilbote.author.process.interpret.expression import holds
from eilbote.author.process.interpret.interpret import begin, give, go_on


@dataclass(frozen=True)
class Step:
    """Something that passes, or waits for a person."""

    waits: bool


@dataclass(frozen=True)
class Row:
    """One after the other."""

    parts: tuple[Block, ...]


@dataclass(frozen=True)
class Split:
    """Several ways: one of them, some of them, or all."""

    gateway: K
    ways: tuple[Block, ...]
    open: tuple[bool, ...]


@dataclass(frozen=True)
class Again:
    """A way back behind a task whose answer says so."""

    body: Block
    turns: int


Block: TypeAlias = Step | Row | Split | Again
GATEWAYS = (K.EXCLUSIVE_GATEWAY, K.PARALLEL_GATEWAY, K.INCLUSIVE_GATEWAY)


def around(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    ways = st.lists(inner, min_size=2, max_size=3).map(tuple)
    split = ways.flatmap(
        lambda each: st.builds(
            Split,
            st.sampled_from(GATEWAYS),
            st.just(each),
            st.tuples(*(st.booleans() for _ in each)),
        )
    )
    return st.one_of(
        st.builds(Row, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        split,
        st.builds(Again, inner, st.integers(0, 2)),
    )


BLOCKS = st.recursive(st.builds(Step, st.booleans()), around, max_leaves=10)


@dataclass
class Sheet:
    """A process as it is drawn: tags by id, flows with conditions, defaults, and how often each loop turns."""

    tags: dict[str, K] = field(default_factory=dict)
    flows: list[tuple[str, str, str]] = field(default_factory=list)
    defaults: dict[str, str] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=count)

    def put(self, kind: K) -> str:
        name = f"n{next(self.numbers)}"
        self.tags[name] = kind
        return name

    def join(self, source: str, target: str, condition: str = "") -> None:
        self.flows.append((source, target, condition))

    def draw(self, block: Block, at: str) -> str:
        """Draw a structure behind an element; gives where it ends."""
        match block:
            case Step():
                step = self.put(K.USER_TASK if block.waits else K.THROW_EVENT)
                self.join(at, step)
                return step
            case Row():
                for part in block.parts:
                    at = self.draw(part, at)
                return at
            case Split():
                return self._split(block, at)
            case Again():
                back, which = self.put(K.EXCLUSIVE_GATEWAY), self.put(K.EXCLUSIVE_GATEWAY)
                self.join(at, back)
                asked = self.put(K.USER_TASK)
                self.join(self.draw(block.body, back), asked)
                self.join(asked, which)
                self.join(which, back, f"left_{asked} > 0")
                out = self.put(K.THROW_EVENT)
                self.join(which, out)
                self.defaults[which] = f"{which}-{out}"
                self.turns[asked] = block.turns
                return out

    def _split(self, block: Split, at: str) -> str:
        split, end = self.put(block.gateway), self.put(block.gateway)
        self.join(at, split)
        for number, way in enumerate(block.ways):
            is_last = number == len(block.ways) - 1
            first = self.put(K.THROW_EVENT)
            plain = block.gateway is K.PARALLEL_GATEWAY or is_last
            self.join(split, first, "" if plain else "true" if block.open[number] else "false")
            if is_last and block.gateway is not K.PARALLEL_GATEWAY:
                self.defaults[split] = f"{split}-{first}"
            self.join(self.draw(way, first), end)
        return end


def sheet_of(block: Block) -> Sheet:
    sheet = Sheet()
    start = sheet.put(K.START_EVENT)
    end = sheet.put(K.END_EVENT)
    sheet.join(sheet.draw(block, start), end)
    return sheet


def definition_of(sheet: Sheet) -> Definition:
    return process(
        [element(name, kind, default=sheet.defaults.get(name, "")) for name, kind in sheet.tags.items()],
        *(f"{a} > {b}{f' if {condition}' if condition else ''}" for a, b, condition in sheet.flows),
    )


def xml_of(sheet: Sheet) -> bytes:
    parts = [
        f'<{kind.value} id="{name}"'
        + (f' default="{sheet.defaults[name]}"' if name in sheet.defaults else "")
        + "/>"
        for name, kind in sheet.tags.items()
    ]
    parts += [
        f'<sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}">'
        + (f"<conditionExpression>{quoteattr(said)[1:-1]}</conditionExpression>" if said else "")
        + "</sequenceFlow>"
        for a, b, said in sheet.flows
    ]
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" id="d">'
        f'<process id="P" isExecutable="true">{"".join(parts)}</process></definitions>'
    ).encode()


def ours(sheet: Sheet, *, keeps: bool) -> Instance:
    """Interpret it; people do the first task that is open, and say how many turns are left."""
    definition, left = definition_of(sheet), dict(sheet.turns)
    instance = begin(definition, {}, instance_id="i", now=NOW)

    def moved(at: Instance) -> Instance:
        return on(definition, at) if keeps else go_on(definition, at, now=NOW)

    instance = moved(instance)
    while instance.waits.tasks:
        task = min(instance.waits.tasks, key=lambda each: each.element)
        said = {f"left_{task.element}": left.get(task.element, 0)}
        left[task.element] = left.get(task.element, 0) - 1
        done = give(definition, instance, TaskCompleted(key=task.key, by="me", data=said), now=NOW)
        instance = moved(kept(definition, done) if keeps else done)
    return instance


class Liquid(PythonScriptEngine):
    """Conditions as ours are."""

    def evaluate(self, task: object, expression: str, external_context: object = None) -> bool:
        return holds(expression, task.data, field="condition")  # type: ignore[attr-defined]


def theirs(sheet: Sheet) -> Counter[str]:
    parser = BpmnParser()
    parser.add_bpmn_io(io.BytesIO(xml_of(sheet)))
    workflow = BpmnWorkflow(parser.get_spec("P"), script_engine=Liquid())
    left = dict(sheet.turns)
    workflow.do_engine_steps()
    while ready := workflow.get_tasks(state=TaskState.READY, manual=True):
        task = min(ready, key=lambda each: each.task_spec.name)
        name = task.task_spec.name
        task.data[f"left_{name}"] = left.get(name, 0)
        left[name] = left.get(name, 0) - 1
        task.run()
        workflow.do_engine_steps()
    assert workflow.is_completed()
    return Counter(
        task.task_spec.name
        for task in workflow.get_tasks(state=TaskState.COMPLETED)
        if task.task_spec.name in sheet.tags
    )


def reached(instance: Instance) -> Counter[str]:
    return Counter(each.element for each in instance.passages if each.kind is PassageKind.LEFT)


def splits_in_a_loop(block: Block, *, in_loop: bool = False) -> bool:
    """Say whether tokens are split and joined inside of a loop."""
    match block:
        case Step():
            return False
        case Row():
            return any(splits_in_a_loop(part, in_loop=in_loop) for part in block.parts)
        case Split():
            is_one = in_loop and block.gateway is not K.EXCLUSIVE_GATEWAY
            return is_one or any(splits_in_a_loop(way, in_loop=in_loop) for way in block.ways)
        case Again():
            return splits_in_a_loop(block.body, in_loop=True)


@given(BLOCKS.filter(lambda block: not splits_in_a_loop(block)))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_elements_are_reached(block: Block) -> None:
    sheet = sheet_of(block)
    instance = ours(sheet, keeps=False)
    assert instance.status is InstanceStatus.COMPLETED
    assert reached(instance) == theirs(sheet)


@given(BLOCKS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whoever_is_interrupted_after_each_step_comes_to_the_same(block: Block) -> None:
    sheet = sheet_of(block)
    assert ours(sheet, keeps=True) == ours(sheet, keeps=False)
