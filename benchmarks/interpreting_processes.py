"""What it costs to interpret a process, without storing and sending: each instance, each step, its state, and a thousand at once.

SpiffWorkflow stands beside it, its script engine replaced by conditions in Liquid as eilbote's are.
`python -m benchmarks.interpreting_processes CASE` measures one case in a process of its own and prints it as JSON.
"""

import io
import json
import logging
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from benchmarks.processes import ROOT, Cores, on_cores
from benchmarks.resources import Cost

INSTANCE_TARGET_MS = 10.0
INSTANCES = 300
STEPS = 9_000
THEIR_TURNS = 300
"""Of SpiffWorkflow's loop: from 334 on it ends without having done them."""
LONGEST = 300.0

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="b" id="d">'
    '<message id="m" name="order-ready"/><process id="P" isExecutable="true">'
)
TAIL = "</process></definitions>"
SENDING = (
    f'{HEAD}<startEvent id="start"/><exclusiveGateway id="big" default="small"/>'
    '<intermediateThrowEvent id="tell"><messageEventDefinition messageRef="m"/></intermediateThrowEvent>'
    '<endEvent id="end"/><sequenceFlow id="f1" sourceRef="start" targetRef="big"/>'
    '<sequenceFlow id="large" sourceRef="big" targetRef="tell">'
    "<conditionExpression>order.total &gt; 1000</conditionExpression></sequenceFlow>"
    '<sequenceFlow id="small" sourceRef="big" targetRef="end"/>'
    f'<sequenceFlow id="f4" sourceRef="tell" targetRef="end"/>{TAIL}'
)
WAITING = SENDING.replace(
    '<messageEventDefinition messageRef="m"/></intermediateThrowEvent>',
    '<messageEventDefinition messageRef="m"/></intermediateThrowEvent><intermediateCatchEvent id="rest">'
    "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></intermediateCatchEvent>",
).replace(
    'sourceRef="tell" targetRef="end"/>',
    'sourceRef="tell" targetRef="rest"/><sequenceFlow id="f5" sourceRef="rest" targetRef="end"/>',
)
LOOP = (
    f'{HEAD}<startEvent id="start"/><exclusiveGateway id="again"/><intermediateThrowEvent id="pass"/>'
    '<exclusiveGateway id="which" default="over"/><endEvent id="end"/>'
    '<sequenceFlow id="f1" sourceRef="start" targetRef="again"/>'
    '<sequenceFlow id="f2" sourceRef="again" targetRef="pass"/>'
    '<sequenceFlow id="f3" sourceRef="pass" targetRef="which"/>'
    '<sequenceFlow id="back" sourceRef="which" targetRef="again">'
    "<conditionExpression>goes_on</conditionExpression></sequenceFlow>"
    f'<sequenceFlow id="over" sourceRef="which" targetRef="end"/>{TAIL}'
)
SETTINGS = """
process: order-ready
elements:
  tell: {system_name: order_ready, state: Notified, route: order-ready,
         mapping: {Customer: "{{ customer.name }}", Total: "{{ order.total }}"}}
"""
DATA = {"customer": {"name": "Anna", "address": "anna@example.org"}, "order": {"number": 4711, "total": 1500}}

Row = tuple[str, float | None, float]
"""Unit, target, value."""


def interpreting_processes(cores: Cores, *, rounds: int) -> tuple[list[Cost], list[str]]:
    """Run each case in a process of its own, some times over."""
    costs: list[Cost] = []
    with on_cores(cores.sending):
        for case in CASES:
            found = [_measured(case) for _ in range(rounds)]
            for name, (unit, target, _) in found[0].items():
                value = statistics.median(each[name][2] for each in found)
                costs.append(Cost(name=name, unit=unit, value=value, target=target))
    return costs, []


def _measured(case: str) -> dict[str, Row]:
    said = subprocess.run(
        (sys.executable, "-m", "benchmarks.interpreting_processes", case),
        check=True,
        capture_output=True,
        timeout=LONGEST,
        cwd=ROOT,
    ).stdout
    rows: dict[str, list[object]] = json.loads(said)
    return {name: (str(unit), target, float(str(value))) for name, (unit, target, value) in rows.items()}  # type: ignore[misc]


# -- in the process that is measured -------------------------------------------------------------------------


def ours() -> dict[str, Row]:
    """Bring instances through a gateway and a send event, written and read between any two calls as stores do."""
    from eilbote.author.process.bundle import Bundle, write_bundle
    from eilbote.author.process.instance import DeedDone, Instance, InstanceStatus
    from eilbote.author.process.interpret.instance_state import instance_data, read_instance
    from eilbote.author.process.interpret.interpret import begin, go_on, settle
    from eilbote.author.process.written.read_definition import read_definition
    from eilbote.model.moment import Moment

    now = Moment(1_800_000_000_000)
    definition = read_definition(write_bundle(Bundle(bpmn=SENDING, settings=SETTINGS)))
    octets = 0

    def kept(instance: Instance) -> Instance:
        nonlocal octets
        text = json.dumps(instance_data(instance), separators=(",", ":"))
        octets = len(text)
        return read_instance(definition, json.loads(text))

    def one(number: int) -> int:
        instance = kept(begin(definition, DATA, instance_id=f"order-{number}", now=now))
        instance = kept(go_on(definition, instance, now=now))
        standing = octets
        (wanted,) = instance.wanted
        instance = kept(settle(definition, instance, wanted.key, DeedDone(entry="0000000000001"), now=now))
        assert kept(go_on(definition, instance, now=now)).status is InstanceStatus.COMPLETED
        return standing

    took, standing = _timed(one)
    looping = read_definition(write_bundle(Bundle(bpmn=LOOP, settings="process: loop")))
    instance = begin(looping, {"goes_on": True}, instance_id="i", now=now)
    steps = 0

    def is_enough() -> bool:
        nonlocal steps
        steps += 1
        return steps >= STEPS

    began = time.process_time()
    go_on(looping, instance, now=now, is_enough=is_enough)
    loop = time.process_time() - began
    return {
        "an instance with a gateway and a send event, processor time": ("ms", INSTANCE_TARGET_MS, took),
        "its state while it waits": ("octets", None, standing),
        f"a step of a loop of {STEPS:,}, processor time": ("µs", None, loop / STEPS * 1e6),
    }


def theirs() -> dict[str, Row]:
    """Do the same with SpiffWorkflow."""
    from lxml import etree
    from SpiffWorkflow.bpmn import BpmnWorkflow
    from SpiffWorkflow.bpmn.parser import BpmnParser
    from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
    from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

    from eilbote.author.process.interpret.expression import holds

    class Liquid(PythonScriptEngine):
        turns = 0

        def evaluate(self, task: object, expression: str, external_context: object = None) -> bool:  # noqa: ARG002 - their signature
            self.turns += 1
            return holds(expression, task.data, field="condition") and self.turns < THEIR_TURNS  # type: ignore[attr-defined]

    def spec_of(text: str) -> object:
        parser = BpmnParser()
        parser.add_bpmn_io(io.BytesIO(text.encode()))
        return parser.get_spec("P")

    assert etree is not None
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
    spec = spec_of(SENDING)
    octets = 0

    def kept(workflow: object) -> object:
        nonlocal octets
        data = serializer.to_dict(workflow)
        octets = len(
            json.dumps(
                {name: value for name, value in data.items() if "spec" not in name}, separators=(",", ":")
            )
        )
        again = serializer.from_dict(json.loads(json.dumps(data)))
        again.script_engine = Liquid()
        return again

    def one(_: int) -> int:
        workflow = BpmnWorkflow(spec, script_engine=Liquid())
        workflow.task_tree.data.update(json.loads(json.dumps(DATA)))
        workflow = kept(workflow)
        workflow.do_engine_steps()
        workflow = kept(workflow)
        standing = octets
        workflow.get_events()
        workflow = kept(workflow)
        assert kept(workflow).is_completed()
        return standing

    took, standing = _timed(one)
    workflow = BpmnWorkflow(spec_of(LOOP), script_engine=Liquid())
    workflow.task_tree.data["goes_on"] = True
    began = time.process_time()
    workflow.do_engine_steps()
    loop = time.process_time() - began
    assert workflow.script_engine.turns == THEIR_TURNS
    return {
        "SpiffWorkflow: the same instance": ("ms", None, took),
        "SpiffWorkflow: its state, without the specification": ("octets", None, standing),
        f"SpiffWorkflow: a step of a loop of {3 * THEIR_TURNS:,}": (
            "µs",
            None,
            loop / (3 * THEIR_TURNS) * 1e6,
        ),
    }


def memory() -> dict[str, Row]:
    """Hold a thousand instances that wait for a timer."""
    from eilbote.author.process.bundle import Bundle, write_bundle
    from eilbote.author.process.instance import DeedDone, Instance
    from eilbote.author.process.interpret.interpret import begin, go_on, settle
    from eilbote.author.process.written.read_definition import read_definition
    from eilbote.model.moment import Moment

    now = Moment(1_800_000_000_000)
    definition = read_definition(write_bundle(Bundle(bpmn=WAITING, settings=SETTINGS)))

    def waiting(number: int) -> Instance:
        instance = go_on(definition, begin(definition, DATA, instance_id=f"o{number}", now=now), now=now)
        settled = settle(definition, instance, instance.wanted[0].key, DeedDone(), now=now)
        return go_on(definition, settled, now=now)

    waiting(0)
    idle = _peak_mib()
    held = [waiting(number) for number in range(1000)]
    assert all(each.waits.due for each in held)
    return {"1,000 instances that wait, above one": ("MiB", None, _peak_mib() - idle)}


CASES: dict[str, Callable[[], dict[str, Row]]] = {"ours": ours, "theirs": theirs, "memory": memory}


def _timed(one: Callable[[int], int]) -> tuple[float, int]:
    for number in range(20):
        one(number)
    began = time.process_time()
    standing = 0
    for number in range(INSTANCES):
        standing = one(number)
    return (time.process_time() - began) / INSTANCES * 1000, standing


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    logging.disable(logging.INFO)
    sys.stdout.write(json.dumps(CASES[sys.argv[1]]()))
