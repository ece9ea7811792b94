"""Diagrams are read as modelers write them, and what is wrong in one is noted with its line."""

import pytest
from tests.unit.author.process.written_bpmn import SPACES, bpmn

from eilbote.author.process.bpmn.reading import read_bpmn
from eilbote.author.process.diagram import (
    Diagram,
    Element,
    ElementKind,
    EventKind,
    Loop,
    Timer,
    TimerKind,
)
from eilbote.errors import ProcessError

SPACE = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'


def read(inside: str, beside: str = "") -> Diagram:
    return read_bpmn(bpmn(inside, beside=beside))


def one(inside: str, beside: str = "") -> Element:
    (element,) = read(inside, beside).elements.values()
    return element


def test_elements_have_ids_names_scopes_and_lines() -> None:
    diagram = read(
        '<startEvent id="s" name="New order"/>\n<subProcess id="u">\n<task id="t"/>\n</subProcess>\ns->u'
    )
    assert list(diagram.elements) == ["s", "u", "t"]
    start, task = diagram.elements["s"], diagram.elements["t"]
    assert (start.name, start.kind, start.scope, start.line) == (
        "New order",
        ElementKind.START_EVENT,
        "Order",
        3,
    )
    assert (task.kind, task.scope, task.line) == (ElementKind.TASK, "u", 5)
    assert (diagram.flows["s-u"].source, diagram.flows["s-u"].target, diagram.flows["s-u"].line) == (
        "s",
        "u",
        7,
    )
    assert diagram.faults == ()


@pytest.mark.parametrize("prefix", ["", "bpmn:", "bpmn2:", "semantic:", "ns0:"])
def test_prefixes_mean_nothing(prefix: str) -> None:
    space = SPACE if not prefix else SPACE.replace("xmlns", f"xmlns:{prefix[:-1]}")
    diagram = read_bpmn(
        f'<{prefix}definitions {space} exporter="Modeler" exporterVersion="5"><{prefix}process id="p">'
        f'<{prefix}startEvent id="s"/></{prefix}process></{prefix}definitions>'
    )
    assert diagram.elements["s"].kind is ElementKind.START_EVENT
    assert diagram.exporter == "Modeler 5"


@pytest.mark.parametrize(
    "tag, kind",
    [(kind.value, kind) for kind in ElementKind if kind is not ElementKind.UNSUPPORTED]
    + [("manualTask", ElementKind.USER_TASK)]
    + [
        (tag, ElementKind.UNSUPPORTED)
        for tag in ("scriptTask", "businessRuleTask", "complexGateway", "transaction", "adHocSubProcess")
    ],
)
def test_every_kind_of_element_is_known(tag: str, kind: ElementKind) -> None:
    element = one(f'<{tag} id="x"/>')
    assert (element.kind, element.tag) == (kind, tag)


def test_what_others_have_put_into_a_process_is_no_element() -> None:
    assert not read('<camunda:task id="t"/>\n<laneSet id="l"><lane id="a" name="Sales"/></laneSet>').elements


@pytest.mark.parametrize(
    "text, kind",
    [
        ("", EventKind.NONE),
        ("<messageEventDefinition/>", EventKind.MESSAGE),
        ("<timerEventDefinition/>", EventKind.TIMER),
        ("<errorEventDefinition/>", EventKind.ERROR),
        ("<terminateEventDefinition/>", EventKind.TERMINATE),
        ("<signalEventDefinition/>", EventKind.UNSUPPORTED),
        ("<escalationEventDefinition/>", EventKind.UNSUPPORTED),
        ("<compensateEventDefinition/>", EventKind.UNSUPPORTED),
        ("<linkEventDefinition name='a'/>", EventKind.UNSUPPORTED),
        ("<conditionalEventDefinition/>", EventKind.UNSUPPORTED),
        ("<messageEventDefinition/><timerEventDefinition/>", EventKind.UNSUPPORTED),
    ],
)
def test_events_wait_for_something(text: str, kind: EventKind) -> None:
    assert one(f'<intermediateCatchEvent id="x">{text}</intermediateCatchEvent>').event is kind


def test_messages_and_errors_are_told_by_name_and_code() -> None:
    beside = (
        '<message id="m1" name="payment"/><message id="m2"/>'
        '<error id="e1" name="No stock" errorCode="out_of_stock"/><error id="e2" name="Lost"/>'
    )
    diagram = read(
        '<startEvent id="a"><messageEventDefinition messageRef="m1"/></startEvent>\n'
        '<receiveTask id="b" messageRef="tns:m1"/>\n<sendTask id="c" messageRef="m2"/>\n'
        '<endEvent id="d"><errorEventDefinition errorRef="e1"/></endEvent>\n'
        '<boundaryEvent id="e" attachedToRef="b"><errorEventDefinition errorRef="e2"/></boundaryEvent>\n'
        '<boundaryEvent id="f" attachedToRef="b"><errorEventDefinition/></boundaryEvent>',
        beside,
    )
    assert {name: (each.message, each.error) for name, each in diagram.elements.items()} == {
        "a": ("payment", ""),
        "b": ("payment", ""),
        "c": ("m2", ""),
        "d": ("", "out_of_stock"),
        "e": ("", "Lost"),
        "f": ("", ""),
    }
    assert diagram.errors == {"out_of_stock": "No stock", "Lost": "Lost"}
    assert diagram.faults == ()


def test_an_event_may_share_its_definition_with_others() -> None:
    shared = '<messageEventDefinition id="d" messageRef="m"/><message id="m" name="payment"/>'
    text = "<startEvent id='s'><eventDefinitionRef>d</eventDefinitionRef></startEvent>"
    assert one(text, shared).message == "payment"
    (fault,) = read(text).faults
    assert fault.what == "the start event refers to 'd', which is not in the diagram"


@pytest.mark.parametrize(
    "said, timer",
    [
        ("<timeDuration>PT15M</timeDuration>", Timer(kind=TimerKind.DURATION, text="PT15M")),
        (
            "<timeDate> 2026-12-24T18:00:00Z </timeDate>",
            Timer(kind=TimerKind.DATE, text="2026-12-24T18:00:00Z"),
        ),
        ("<timeCycle>R3/PT1H</timeCycle>", Timer(kind=TimerKind.CYCLE, text="R3/PT1H")),
        (
            "<timeDuration>${order.wait}</timeDuration>",
            Timer(kind=TimerKind.DURATION, text="{{ order.wait }}"),
        ),
        ("<timeDuration>#{wait}</timeDuration>", Timer(kind=TimerKind.DURATION, text="{{ wait }}")),
        ("<timeDuration>=order.wait</timeDuration>", Timer(kind=TimerKind.DURATION, text="{{ order.wait }}")),
        ('<timeDuration>"PT5M"</timeDuration>', Timer(kind=TimerKind.DURATION, text="PT5M")),
        ('<timeDuration>="PT5M"</timeDuration>', Timer(kind=TimerKind.DURATION, text="PT5M")),
        ('<timeDuration>=duration("PT5M")</timeDuration>', Timer(kind=TimerKind.DURATION, text="PT5M")),
        ("<timeDuration>{{ wait }}</timeDuration>", Timer(kind=TimerKind.DURATION, text="{{ wait }}")),
        ("<timeDuration/>", None),
        ("", None),
    ],
)
def test_timers_are_read_in_every_dialect(said: str, timer: Timer | None) -> None:
    text = f"<timerEventDefinition>{said}</timerEventDefinition>"
    assert one(f'<intermediateCatchEvent id="x">{text}</intermediateCatchEvent>').timer == timer


@pytest.mark.parametrize(
    "written, bare",
    [
        ("order.total &gt; 1000", "order.total > 1000"),
        ("${order.total &gt; 1000}", "order.total > 1000"),
        ("#{approved}", "approved"),
        ("=approved", "approved"),
        ("= total &gt; 5", "total > 5"),
        ("{{ approved }}", "approved"),
        ("${a} and ${b}", "${a} and ${b}"),
        ("  ", None),
    ],
)
def test_conditions_lose_their_wrapping_and_nothing_else(written: str, bare: str | None) -> None:
    diagram = read(
        '<task id="a"/>\n<sequenceFlow id="f" sourceRef="a" targetRef="a">'
        f'<conditionExpression xsi:type="tFormalExpression">{written}</conditionExpression></sequenceFlow>'
    )
    assert diagram.flows["f"].condition == bare


LOOPS = {
    "a number": (
        '<multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>3</loopCardinality>',
        Loop(is_sequential=True, cardinality="3"),
    ),
    "BPMN's own": (
        (
            "<multiInstanceLoopCharacteristics><loopDataInputRef>items</loopDataInputRef>"
            '<inputDataItem id="item" name="line"/><completionCondition>${done == true}</completionCondition>'
        ),
        Loop(is_sequential=False, collection="items", item="line", until="done == true"),
    ),
    "camunda 7": (
        '<multiInstanceLoopCharacteristics camunda:collection="${order.items}" camunda:elementVariable="item">',
        Loop(is_sequential=False, collection="order.items", item="item"),
    ),
    "flowable": (
        (
            '<multiInstanceLoopCharacteristics isSequential="false" flowable:collection="people" '
            'flowable:elementVariable="person">'
        ),
        Loop(is_sequential=False, collection="people", item="person"),
    ),
    "activiti": (
        '<multiInstanceLoopCharacteristics activiti:collection="#{people}" activiti:elementVariable="person">',
        Loop(is_sequential=False, collection="people", item="person"),
    ),
    "camunda 8": (
        (
            "<multiInstanceLoopCharacteristics><extensionElements>"
            '<zeebe:loopCharacteristics inputCollection="=order.items" inputElement="item"/></extensionElements>'
        ),
        Loop(is_sequential=False, collection="order.items", item="item"),
    ),
}


@pytest.mark.parametrize("text, loop", LOOPS.values(), ids=LOOPS)
def test_how_often_an_activity_is_done_is_read_in_every_dialect(text: str, loop: Loop) -> None:
    element = one(f'<userTask id="t">{text}</multiInstanceLoopCharacteristics></userTask>')
    assert element.loop == loop
    assert element.foreign == ()


def test_a_loop_marker_is_a_fault() -> None:
    (fault,) = read('<userTask id="t" name="Try"><standardLoopCharacteristics/></userTask>').faults
    assert str(fault).startswith(
        "t (diagram line 3): the user task 'Try' has a loop marker, which is not executed. Draw an arrow back"
    )


def test_boundary_events_and_defaults_refer_to_others() -> None:
    diagram = read(
        '<task id="t" default="f"/>\n'
        '<boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><timerEventDefinition/></boundaryEvent>\n'
        '<subProcess id="u" triggeredByEvent="true">\n'
        '<startEvent id="s" isInterrupting="false"><timerEventDefinition/></startEvent></subProcess>'
    )
    boundary = diagram.elements["b"]
    assert (boundary.attached_to, boundary.is_interrupting) == ("t", False)
    assert diagram.elements["t"].default == "f"
    assert not diagram.elements["s"].is_interrupting
    assert diagram.elements["u"].kind is ElementKind.SUB_PROCESS


@pytest.mark.parametrize(
    "text, name",
    [
        ('<callActivity id="c" calledElement="Pack"/>', "Pack"),
        (
            '<callActivity id="c"><extensionElements><zeebe:calledElement processId="Pack"/></extensionElements></callActivity>',
            "Pack",
        ),
        ('<callActivity id="c"/>', ""),
    ],
)
def test_call_activities_say_what_they_call(text: str, name: str) -> None:
    assert one(text).called == name


def test_what_another_engine_would_do_is_listed() -> None:
    element = one(
        '<userTask id="t" camunda:asyncBefore="true" camunda:assignee="a" signavio:colour="red"><extensionElements>'
        '<camunda:executionListener event="start" class="x.Y"/><camunda:executionListener event="end" class="x.Y"/>'
        "<camunda:taskListener/><camunda:properties/></extensionElements></userTask>"
    )
    assert element.foreign == (
        "camunda:asyncBefore",
        "camunda:assignee",
        "camunda:executionListener",
        "camunda:taskListener",
    )


def test_an_id_that_stands_twice_is_told_with_both_lines() -> None:
    diagram = read('<startEvent id="s"/>\n<task id="s" name="Copy"/>')
    (fault,) = diagram.faults
    assert diagram.elements["s"].kind is ElementKind.START_EVENT
    assert (fault.element, fault.line) == ("s", 4)
    assert fault.what == "the id 's' stands twice"
    assert "It stands in line 3 as well" in str(fault)


def test_an_element_without_an_id_is_told() -> None:
    (fault,) = read('<task name="Pack"/>').faults
    assert str(fault) == "(diagram line 3): the task 'Pack' has no id. Give it one in the modeler."


def test_a_reference_that_leads_nowhere_is_told() -> None:
    (fault,) = read('<receiveTask id="r" messageRef="m"/>').faults
    assert fault.what == "the receive task refers to 'm', which is not in the diagram"


def test_participants_name_processes_and_message_flows_lead_between_them() -> None:
    beside = (
        '<collaboration id="c"><participant id="us" name="Shop" processRef="Order"/><participant id="they" name="Bank"/>'
        '<messageFlow id="m" name="pays" sourceRef="they" targetRef="s"/></collaboration>'
    )
    diagram = read('<startEvent id="s"/>\n<textAnnotation id="n"><text>Soon</text></textAnnotation>', beside)
    assert diagram.processes[0].name == "Shop"
    (flow,) = diagram.message_flows
    assert (flow.source, flow.target, flow.name) == ("they", "s", "pays")
    assert {each.id: (each.kind, each.text, each.process) for each in diagram.labels} == {
        "us": ("participant", "Shop", "Order"),
        "they": ("participant", "Bank", ""),
        "n": ("textAnnotation", "Soon", ""),
    }


def drawn(text: str) -> Diagram:
    space = (
        'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
        'xmlns:dd="http://www.omg.org/spec/DD/20100524/DI"'
    )
    return read_bpmn(
        f'<definitions {SPACES} {space}><process id="p"><startEvent id="s"/><subProcess id="u"><task id="t"/></subProcess>'
        f"</process><di:BPMNDiagram>{text}</di:BPMNDiagram></definitions>"
    )


def test_shapes_and_edges_are_read() -> None:
    diagram = drawn(
        '<di:BPMNPlane bpmnElement="p"><di:BPMNShape bpmnElement="s"><dc:Bounds x="1.5" y="-2" width="36" height="36"/>'
        '</di:BPMNShape><di:BPMNShape bpmnElement="u" isExpanded="false"><dc:Bounds x="1" y="2" width="3" height="4"/>'
        '</di:BPMNShape><di:BPMNEdge bpmnElement="f"><dd:waypoint x="1" y="2"/><dd:waypoint x="3" y="4"/></di:BPMNEdge>'
        "</di:BPMNPlane>"
    )
    assert (diagram.shapes["s"].x, diagram.shapes["s"].y, diagram.shapes["s"].width) == (1.5, -2, 36)
    assert not diagram.shapes["u"].is_expanded
    assert diagram.edges["f"].points == ((1, 2), (3, 4))


@pytest.mark.parametrize(
    "x, width", [("nan", "1"), ("1e400", "1"), ("x", "1"), ("1", "0"), ("1", "-3"), ("1e9", "1")]
)
def test_a_shape_that_is_nowhere_is_left_out(x: str, width: str) -> None:
    shape = f'<dc:Bounds x="{x}" y="0" width="{width}" height="1"/>'
    diagram = drawn(
        f'<di:BPMNPlane bpmnElement="p"><di:BPMNShape bpmnElement="s">{shape}</di:BPMNShape></di:BPMNPlane>'
    )
    assert not diagram.shapes


def test_the_inside_of_a_collapsed_sub_process_is_drawn_on_another_sheet_and_left_out() -> None:
    shape = '<di:BPMNShape bpmnElement="t"><dc:Bounds x="1" y="0" width="1" height="1"/></di:BPMNShape>'
    assert "t" in drawn(f'<di:BPMNPlane bpmnElement="p">{shape}</di:BPMNPlane>').shapes
    assert "t" not in drawn(f'<di:BPMNPlane bpmnElement="u">{shape}</di:BPMNPlane>').shapes


def test_a_namespace_with_blanks_keeps_nobody_from_reading() -> None:
    assert read_bpmn(f'<definitions {SPACE} xmlns:a="http://x/a b"><process id="p"/></definitions>').processes


def test_a_diagram_without_a_process_is_refused() -> None:
    with pytest.raises(ProcessError, match="the diagram holds no process"):
        read_bpmn(f"<definitions {SPACE}><choreography id='c'/></definitions>")
