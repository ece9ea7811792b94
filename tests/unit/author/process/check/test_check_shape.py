"""Faults of the drawing: each is told with its element, its line, and what to do."""

import pytest
from tests.unit.author.process.written_bpmn import SPACES, bpmn, errors, found, others

from eilbote.author.process.finding import Severity

SOUND = """
<startEvent id="s"/>
<userTask id="t" name="Check"/>
<endEvent id="e"/>
s->t
t->e
"""


def test_nothing_is_said_of_a_sound_process() -> None:
    assert found(bpmn(SOUND)) == ()


FAULTS = {
    "an arrow to an unknown element": (
        "<task id='pack'/>\npack->pakc",
        "pack-pakc (diagram line 9): the sequence flow leads to 'pakc', which is not in the diagram. Did you mean 'pack'?",
    ),
    "an arrow from nothing": (
        '<sequenceFlow id="f" name="go" targetRef="t"/>',
        "f (diagram line 8): the sequence flow 'go' begins at nothing. Connect it in the modeler.",
    ),
    "an arrow to a note": (
        '<textAnnotation id="n"/>\nt->n',
        "t-n (diagram line 9): the sequence flow leads to 'n', which is a textAnnotation. Draw an association there",
    ),
    "an arrow out of an end": (
        "e->t",
        "e-t (diagram line 8): the sequence flow begins at the end event, where",
    ),
    "an arrow to a start": (
        "t->s",
        "t-s (diagram line 8): the sequence flow leads to the start event, to which no",
    ),
    "an arrow into a sub-process": (
        '<subProcess id="u"><task id="i"/></subProcess>\nt->u\nt->i',
        (
            "t-i (diagram line 10): the sequence flow crosses a border, from the user task 'Check' to the task. "
            "Tokens stay inside of their process or sub-process. Let it end at the sub-process itself"
        ),
    ),
    "a boundary event of nothing": (
        '<boundaryEvent id="b"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>',
        "b (diagram line 8): the boundary event is attached to nothing. Attach it to an activity in the modeler.",
    ),
    "a boundary event of an unknown activity": (
        '<boundaryEvent id="b" attachedToRef="tt"><messageEventDefinition/></boundaryEvent>',
        "b (diagram line 8): the boundary event is attached to 'tt', which is not in the diagram. Did you mean 't'?",
    ),
    "a boundary event of an event": (
        '<boundaryEvent id="b" attachedToRef="e"><messageEventDefinition/></boundaryEvent>',
        "b (diagram line 8): the boundary event is attached to the end event, which is no activity.",
    ),
    "an error that does not interrupt": (
        '<boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><errorEventDefinition/></boundaryEvent>\nb->e',
        "b (diagram line 8): the boundary event does not interrupt, but an error always does.",
    ),
    "two beginnings": (
        '<startEvent id="s2"/>\ns2->t',
        "s2 (diagram line 8): the process 'Order' has 2 start events without a trigger. Nothing says which of s, s2",
    ),
    "two beginnings by one message": (
        (
            '<startEvent id="a"><messageEventDefinition messageRef="m"/></startEvent>\n'
            '<startEvent id="b"><messageEventDefinition messageRef="m"/></startEvent>\na->t\nb->t'
        ),
        "b (diagram line 9): two start events wait for the message 'paid'. The other one is a.",
    ),
    "a beginning by an error": (
        '<startEvent id="x"><errorEventDefinition/></startEvent>\nx->t',
        "x (diagram line 8): the start event waits for an error, which begins no process.",
    ),
    "an id that stands twice": (
        '<task id="t"/>',
        "t (diagram line 8): the id 't' stands twice. It stands in line 4",
    ),
    "a sub-process that begins twice": (
        '<subProcess id="u" name="Pack"><startEvent id="x"/><startEvent id="y"/></subProcess>\nt->u',
        "u (diagram line 8): the sub-process 'Pack' has 2 start events.",
    ),
    "a sub-process that a token begins by a timer": (
        (
            '<subProcess id="u"><startEvent id="x"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>'
            "</startEvent></subProcess>\nt->u"
        ),
        "x (diagram line 8): the start event waits for something, but a token begins the sub-process.",
    ),
    "a script": (
        '<scriptTask id="x" name="Sum" scriptFormat="groovy"><script>1</script></scriptTask>\nt->x',
        (
            "x (diagram line 8): the script task 'Sum' is unsupported, and not executed. A token would come to it. "
            "Let a service task run a flow"
        ),
    ),
    "a signal": (
        '<intermediateThrowEvent id="x"><signalEventDefinition/></intermediateThrowEvent>\nt->x',
        "x (diagram line 8): the intermediate throw event is unsupported, and not executed: signals, links,",
    ),
    "several triggers": (
        '<intermediateCatchEvent id="x"><messageEventDefinition/><timerEventDefinition/></intermediateCatchEvent>\nt->x',
        (
            "x (diagram line 8): the intermediate catch event is unsupported, and not executed: it stands for "
            "messageEventDefinition and timerEventDefinition."
        ),
    ),
    "an event that waits for nothing": (
        '<intermediateCatchEvent id="x"/>\nt->x',
        (
            "x (diagram line 8): the intermediate catch event is unsupported, and not executed: it does not say what it is "
            "for. A token would come to it. Say what it waits for"
        ),
    ),
    "an id that is too long": (
        f'<task id="{"x" * 201}"/>',
        f"{'x' * 200} (diagram line 8): the id '{'x' * 60}' cannot be kept. Give it one of at most 200 printable characters.",
    ),
    "a call of what waits": (
        '<callActivity id="c" calledElement="Pack"/>\nt->c',
        "w (diagram line 1): the process 'Pack' is called, but has no start event without a trigger.",
    ),
}
BESIDE = (
    '<message id="m" name="paid"/><process id="Pack"><startEvent id="w"><messageEventDefinition messageRef="m"/></startEvent>'
    "</process>"
)


@pytest.mark.parametrize("text, expected", FAULTS.values(), ids=FAULTS)
def test_faults_of_the_drawing_are_told(text: str, expected: str) -> None:
    said = errors(bpmn(SOUND + text, beside=BESIDE))
    assert any(each.startswith(expected) for each in said), said


def test_an_arrow_between_participants_is_a_message_flow() -> None:
    beside = '<process id="Bank"><task id="pay"/></process>'
    said = errors(bpmn(f"{SOUND}t->pay", beside=beside))
    assert any("Draw a message flow between participants" in each for each in said)


def test_a_process_without_a_beginning_is_told_and_one_that_has_it_is_named() -> None:
    (said,) = errors(bpmn('<task id="t" name="x"/>'))
    assert said == "Order: the process 'Order' has no start event. Draw a start event."
    (said,) = errors(bpmn('<task id="t"/>', beside='<process id="B"><startEvent id="b"/></process>'))
    assert "Others in this diagram have one: B. Choose another one by diagram_process" in said


WARNINGS = {
    "an element that nothing leads to": (
        '<userTask id="x" name="Lost"/>',
        "x (diagram line 8): no token ever comes to the user task 'Lost'. No arrow leads to it from a start event.",
    ),
    "a boundary event that leads nowhere": (
        '<boundaryEvent id="b" attachedToRef="t"><messageEventDefinition messageRef="m"/></boundaryEvent>',
        "b (diagram line 8): nothing follows the boundary event. What it waits for happens, and then nothing is done.",
    ),
    "a sub-process without an inside": (
        '<subProcess id="u" name="Pack"/>\nt->u',
        "u (diagram line 8): the sub-process 'Pack' is empty. A token passes it at once",
    ),
    "a boundary event that is never thrown": (
        '<boundaryEvent id="b" attachedToRef="t"><escalationEventDefinition/></boundaryEvent>\nb->e',
        "b (diagram line 8): the boundary event is unsupported, and not executed: signals, links,",
    ),
    "a beginning that is not known": (
        '<startEvent id="b"><signalEventDefinition/></startEvent>\nb->e',
        "b (diagram line 8): the start event is unsupported, and not executed: signals, links,",
    ),
    "a script that nothing leads to": (
        '<scriptTask id="x"><script>1</script></scriptTask>',
        "x (diagram line 8): the script task is unsupported, and not executed. No token ever comes to it.",
    ),
    "an inclusion": (
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="a.xml"/>',
        "(diagram line 8): the file 'a.xml' is included. Nothing outside of the diagram is opened.",
    ),
}


@pytest.mark.parametrize("text, expected", WARNINGS.values(), ids=WARNINGS)
def test_what_is_hardly_meant_is_told_and_keeps_nobody_from_publishing(text: str, expected: str) -> None:
    xml = bpmn(SOUND + text, beside='<message id="m" name="paid"/>')
    assert errors(xml) == []
    assert any(each.startswith(expected) for each in others(xml)), others(xml)


def test_an_event_sub_process_is_begun_by_what_happens() -> None:
    inside = (
        '<startEvent id="x"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></startEvent>\n'
        '<userTask id="y" name="Hurry"/>\nx->y'
    )
    assert found(bpmn(f'{SOUND}<subProcess id="u" triggeredByEvent="true">\n{inside}\n</subProcess>')) == ()
    signal = '<startEvent id="x"><signalEventDefinition/></startEvent>'
    said = found(bpmn(f'{SOUND}<subProcess id="u" triggeredByEvent="true">{signal}</subProcess>'))
    assert [(each.element, each.severity) for each in said] == [("x", Severity.WARNING)]


def test_a_sub_process_may_be_drawn_without_events() -> None:
    inside = '<userTask id="x" name="a"/>\n<userTask id="y" name="b"/>\nx->y'
    assert found(bpmn(f'{SOUND}<subProcess id="u">\n{inside}\n</subProcess>\nt->u')) == ()


def test_what_is_wrong_in_a_process_that_is_not_run_matters_to_nobody() -> None:
    beside = '<process id="Bank"><startEvent id="b"/><scriptTask id="x"/><sendTask id="y"/></process>'
    assert found(bpmn(SOUND, beside=beside)) == ()


def test_called_processes_are_checked_as_well() -> None:
    beside = '<process id="Pack"><startEvent id="b"/><sequenceFlow id="f" sourceRef="b" targetRef="x"/><scriptTask id="x"/></process>'
    said = errors(bpmn(f'{SOUND}<callActivity id="c" calledElement="Pack"/>\nt->c', beside=beside))
    assert [each.partition(":")[0] for each in said] == ["x (diagram line 1)"]


def test_findings_come_by_weight_and_line() -> None:
    text = (
        f'<definitions {SPACES}><process id="p"><startEvent id="s"/>\n<task id="a"/>\n<userTask id="b" name="x"/>\n'
        '<sequenceFlow id="f" sourceRef="s" targetRef="a"/>\n<sequenceFlow id="g" sourceRef="a" targetRef="z"/>\n'
        "</process></definitions>"
    )
    assert [(each.severity.value, each.line) for each in found(text)] == [
        ("error", 5),
        ("warning", 3),
        ("note", 2),
    ]
