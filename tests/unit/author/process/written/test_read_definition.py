"""A process is read whole: diagram, extension elements in it, settings beside it; the settings are heard first."""

import re
from decimal import Decimal

import pytest
from tests.unit.author.process.written_bpmn import SPACES, bpmn, defined

from eilbote.author.process.details import (
    CatchDetails,
    Destination,
    FlowDetails,
    HttpDetails,
    Importance,
    MessageDetails,
    OnFailure,
    TaskDetails,
)
from eilbote.author.process.diagram import ElementKind, EventKind, Loop, Timer, TimerKind
from eilbote.errors import ProcessError

ORDER = """
<startEvent id="s"/>
<task id="t" name="Tell"/>
<endEvent id="e"/>
s->t
t->e
"""
EXTENDED = """
<startEvent id="s"/>
<sendTask id="t" name="Tell"><extensionElements>
<eilbote:message systemName="tell" state="Told" route="order-ready" onFailure="incident">
<eilbote:description>Tells the customer</eilbote:description>
<eilbote:map attribute="Customer">{{ customer.name }}</eilbote:map>
<eilbote:map attribute="Invoice" type="data">{name: a.pdf, content: "{{ pdf }}"}</eilbote:map>
</eilbote:message></extensionElements></sendTask>
"""


def test_a_process_is_called_as_the_settings_say_or_as_in_the_diagram() -> None:
    plain = defined(bpmn(ORDER, process='id="Order" name="Order ready"'))
    assert (plain.name, plain.title, plain.process, plain.correlation) == (
        "Order",
        "Order ready",
        "Order",
        "",
    )
    said = defined(bpmn(ORDER), 'process: order-ready\ntitle: Ready\ncorrelation: "{{ order.number }}"')
    assert (said.name, said.title, said.process) == ("order-ready", "Ready", "Order")
    assert said.correlation == "{{ order.number }}"


def test_the_diagram_may_say_it_as_well() -> None:
    inside = (
        '<extensionElements><eilbote:process name="order-ready" correlation="{{ n }}"/></extensionElements>'
    )
    definition = defined(bpmn(f"{inside}\n{ORDER}"), "title: Ready")
    assert (definition.name, definition.title, definition.correlation) == ("order-ready", "Ready", "{{ n }}")


def test_extension_elements_become_details() -> None:
    assert defined(bpmn(EXTENDED)).details["t"] == MessageDetails(
        system_name="tell",
        state="Told",
        description="Tells the customer",
        route="order-ready",
        mapping={"Customer": "{{ customer.name }}", "Invoice": {"name": "a.pdf", "content": "{{ pdf }}"}},
        on_failure=OnFailure.INCIDENT,
    )


def test_settings_are_heard_before_extension_elements_field_by_field() -> None:
    details = defined(bpmn(EXTENDED), "elements: {t: {state: Notified, mapping: {Total: 1.50}}}").details["t"]
    assert isinstance(details, MessageDetails)
    assert (details.system_name, details.state, details.route) == ("tell", "Notified", "order-ready")
    assert details.mapping == {"Total": Decimal("1.50")}


def test_attributes_of_ours_say_it_in_one_line() -> None:
    details = defined(bpmn('<endEvent id="e" eilbote:systemName="tell" eilbote:state="Told"/>')).details["e"]
    assert isinstance(details, MessageDetails)
    assert (details.system_name, details.state) == ("tell", "Told")


@pytest.mark.parametrize("space", ["camunda", "zeebe", "spiffworkflow", "flowable", "activiti"])
def test_properties_that_a_modeler_lets_people_add_say_it_as_well(space: str) -> None:
    definition = defined(
        bpmn(
            f'<sendTask id="t"><extensionElements><{space}:properties>'
            f'<{space}:property name="eilbote.system_name" value="tell"/>'
            f'<{space}:property name="eilbote.onFailure" value="error"/>'
            f'<{space}:property name="eilbote.mapping.Customer" value="{{{{ a }}}}"/>'
            f'<{space}:property name="eilbote.mapping.Total" value="5"/><{space}:property name="other" value="x"/>'
            f"</{space}:properties></extensionElements></sendTask>"
        )
    )
    details = definition.details["t"]
    assert isinstance(details, MessageDetails)
    assert (details.system_name, details.on_failure) == ("tell", OnFailure.ERROR)
    assert details.mapping == {"Customer": "{{ a }}", "Total": "5"}
    assert definition.faults == ()


def test_a_user_task_is_read_with_its_choices() -> None:
    definition = defined(
        bpmn('<userTask id="t"/>'),
        "elements:\n  t: {title: 'Check {{ n }}', record: '{{ n }}', recipients: [a@example.org], due: P2D, reminds: yes,\n"
        "      choices: [approve, {value: decline, label: 'No'}], wants_text: true, language: de,\n"
        "      time_zone: Europe/Berlin, result: decision}",
    )
    assert definition.details["t"] == TaskDetails(
        title="Check {{ n }}",
        record="{{ n }}",
        recipients=("a@example.org",),
        due="P2D",
        reminds=True,
        language="de",
        time_zone="Europe/Berlin",
        choices=(("approve", "approve"), ("decline", "No")),
        wants_text=True,
        result="decision",
    )
    assert definition.faults == ()


def test_extension_elements_say_the_same_of_a_user_task() -> None:
    definition = defined(
        bpmn(
            '<userTask id="t"><extensionElements><eilbote:task title="Check" due="P2D" wantsText="true" timeZone="Europe/Berlin">'
            "<eilbote:recipient>a@example.org</eilbote:recipient><eilbote:recipient>b@example.org</eilbote:recipient>"
            '<eilbote:choice value="approve"/><eilbote:choice value="decline" label="No"/>'
            "</eilbote:task></extensionElements></userTask>"
        )
    )
    assert definition.details["t"] == TaskDetails(
        title="Check",
        due="P2D",
        wants_text=True,
        time_zone="Europe/Berlin",
        recipients=("a@example.org", "b@example.org"),
        choices=(("approve", "approve"), ("decline", "No")),
    )


def test_service_tasks_ask_web_servers_or_run_flows() -> None:
    xml = bpmn('<serviceTask id="a"/>\n<serviceTask id="b"/>')
    definition = defined(
        xml,
        "elements:\n  a: {http: {method: post, url: 'https://x/{{ n }}', headers: {X: y}, body: {n: 1}, result: answer, seconds: 5}}\n"
        "  b: {flow: {name: tell-crm, input: {n: '{{ n }}'}, result: crm}}",
    )
    assert definition.details["a"] == HttpDetails(
        method="POST",
        url="https://x/{{ n }}",
        headers={"X": "y"},
        body={"n": 1},
        result="answer",
        seconds=5.0,
    )
    assert definition.details["b"] == FlowDetails(flow="tell-crm", input={"n": "{{ n }}"}, result="crm")
    inside = defined(
        bpmn(
            '<serviceTask id="a"><extensionElements><eilbote:http method="POST" url="https://x">'
            '<eilbote:header name="X">y</eilbote:header><eilbote:body>{"n": 1}</eilbote:body></eilbote:http>'
            '</extensionElements></serviceTask>\n<serviceTask id="b"><extensionElements><eilbote:flow name="f" result="r">'
            '<eilbote:input name="n" type="data">[1, 2]</eilbote:input></eilbote:flow></extensionElements></serviceTask>'
        )
    )
    assert inside.details["a"] == HttpDetails(
        method="POST", url="https://x", headers={"X": "y"}, body={"n": 1}
    )
    assert inside.details["b"] == FlowDetails(flow="f", input={"n": [1, 2]}, result="r")


def test_whatever_waits_for_a_message_has_details() -> None:
    definition = defined(
        bpmn('<receiveTask id="r"/>\n<intermediateCatchEvent id="c"/>\n<startEvent id="s"/>'),
        "elements: {r: {correlation: '{{ n }}', result: payment}, c: {message: paid}, s: {message: order}}",
    )
    assert definition.details == {
        "r": CatchDetails(correlation="{{ n }}", result="payment"),
        "c": CatchDetails(),
        "s": CatchDetails(),
    }
    assert definition.diagram.elements["c"].message == "paid"
    assert definition.diagram.elements["s"].event is EventKind.MESSAGE


def test_the_key_of_camunda_8_is_heard_unless_something_else_is_said() -> None:
    beside = (
        '<message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="=order.number"/>'
        "</extensionElements></message>"
    )
    xml = bpmn('<receiveTask id="r" messageRef="m"/>', beside=beside)
    assert defined(xml).details["r"] == CatchDetails(correlation="{{ order.number }}")
    assert defined(xml, "elements: {r: {correlation: '{{ n }}'}}").details["r"] == CatchDetails(
        correlation="{{ n }}"
    )


@pytest.mark.parametrize("tag", ["task", "serviceTask"])
@pytest.mark.parametrize(
    "said, kind",
    [
        ("route: a", ElementKind.SEND_TASK),
        ("destination: notification", ElementKind.SEND_TASK),
        ("recipients: a@example.org", ElementKind.USER_TASK),
        ("choices: [approve]", ElementKind.USER_TASK),
        ("http: {url: 'https://x'}", ElementKind.SERVICE_TASK),
        ("flow: {name: x}", ElementKind.SERVICE_TASK),
    ],
)
def test_a_task_that_a_drawing_leaves_open_is_what_is_said_of_it(
    tag: str, said: str, kind: ElementKind
) -> None:
    definition = defined(bpmn(f'<{tag} id="t"/>'), f"elements: {{t: {{{said}}}}}")
    assert definition.diagram.elements["t"].kind is kind
    assert definition.diagram.elements["t"].tag == tag
    assert definition.faults == ()


def test_events_that_send_may_be_drawn_without_a_message() -> None:
    definition = defined(bpmn('<endEvent id="a"/>\n<endEvent id="b"/>'), "elements: {a: {route: x}}")
    assert definition.diagram.elements["a"].event is EventKind.MESSAGE
    assert definition.diagram.elements["b"].event is EventKind.NONE
    assert list(definition.details) == ["a"]


def test_settings_put_right_what_a_drawing_leaves_out() -> None:
    definition = defined(
        bpmn(
            '<intermediateCatchEvent id="w"><timerEventDefinition><timeDuration>5 minutes</timeDuration></timerEventDefinition>'
            '</intermediateCatchEvent>\n<userTask id="t"><multiInstanceLoopCharacteristics isSequential="true"/></userTask>\n'
            '<callActivity id="c" calledElement="x"/>\n'
            '<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition/></boundaryEvent>\na->b: javascript()'
        ),
        "elements:\n  w: {timer: {duration: PT5M}}\n  t: {loop: {collection: '${order.items}', item: line, until: done}}\n"
        "  c: {called: Pack}\n  b: {error: eilbote.mail_failed}\nconditions: {a->b: '${total > 1}'}".replace(
            "a->b", "a-b"
        ),
    )
    elements = definition.diagram.elements
    assert elements["w"].timer == Timer(kind=TimerKind.DURATION, text="PT5M")
    assert elements["t"].loop == Loop(is_sequential=True, collection="order.items", item="line", until="done")
    assert (elements["c"].called, elements["b"].error) == ("Pack", "eilbote.mail_failed")
    assert definition.conditions == {"a-b": "total > 1"}
    assert definition.faults == ()


def test_conditions_may_stand_in_extension_elements() -> None:
    flow = (
        '<sequenceFlow id="f" sourceRef="a" targetRef="b"><extensionElements><eilbote:condition>total > 1'
        "</eilbote:condition></extensionElements></sequenceFlow>"
    )
    assert defined(bpmn(flow)).conditions == {"f": "total > 1"}


def test_all_of_a_message_can_be_said() -> None:
    definition = defined(
        bpmn('<intermediateThrowEvent id="t"><messageEventDefinition/></intermediateThrowEvent>'),
        "elements: {t: {destination: notification, title: a, text: b, duration: P3D, importance: critical, instance: i,\n"
        "  correlation: c, message: m, result: r}}",
    )
    details = definition.details["t"]
    assert isinstance(details, MessageDetails)
    assert (details.destination, details.importance) == (Destination.NOTIFICATION, Importance.CRITICAL)
    assert (details.title, details.text, details.duration) == ("a", "b", "P3D")
    assert (details.instance, details.correlation, details.message, details.result) == ("i", "c", "m", "r")


FAULTS = {
    "a field that there is not": (
        "t: {rout: x, state: y}",
        "t.rout (settings line 2): a send task has no field 'rout'. Did you mean 'route'?",
    ),
    "a field of another kind": (
        "t: {route: x, due: P1D}",
        "t.due (settings line 2): a send task has no field 'due'. It has system_name, state,",
    ),
    "a word that there is not": (
        "t: {route: x, on_failure: incidnt}",
        "t.on_failure (settings line 2): 'incidnt' cannot be chosen. Did you mean 'incident'?",
    ),
    "a table that is none": ("t: {route: x, mapping: [a]}", "t.mapping (settings line 2): this is no table."),
    "a text that is none": ("t: {route: [x]}", "t.route (settings line 2): this is no text."),
    "an element that there is not": (
        "u: {route: x}",
        "u (settings line 2): the diagram has no element with the id 'u'. There are s, t, e.",
    ),
    "an element by its name": (
        "Tell: {route: x}",
        (
            "Tell (settings line 2): the diagram has no element with the id 'Tell'. "
            "'Tell' is what stands beside it; its id is 't'."
        ),
    ),
    "choices that are none": (
        "t: {choices: [yes]}",
        "t.choices (settings line 2): True is no choice. Without quotes, yes and no are read as truth",
    ),
    "a label without quotes": (
        "t: {choices: [{value: decline, label: No}]}",
        "t.choices (settings line 2): {'value': 'decline', 'label': False} is no choice. Without quotes",
    ),
    "a choice twice": (
        "t: {choices: [a, a]}",
        "t.choices (settings line 2): two choices have the value 'a'.",
    ),
    "a field of a table": (
        "t: {http: {\n    uri: x}}",
        "t.http.uri (settings line 3): an HTTP request has no field 'uri'. Did you mean 'url'?",
    ),
    "both of two": (
        "t: {http: {url: x}, flow: {name: y}}",
        "t.flow (settings line 2): a service task says both",
    ),
    "no yes or no": (
        "t: {recipients: x, reminds: maybe}",
        "t.reminds (settings line 2): this is neither yes nor no.",
    ),
    "no number": (
        "t: {http: {url: x, seconds: 1000}}",
        "t.http.seconds (settings line 2): '1000' is no possible",
    ),
    "what is no table": ("t: route", "t (settings line 2): what is said of 't' is no table."),
}


@pytest.mark.parametrize("said, expected", FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_read_is_told_with_its_line(said: str, expected: str) -> None:
    faults = defined(bpmn(ORDER), f"elements:\n  {said}").faults
    assert any(str(each).startswith(expected) for each in faults), [str(each) for each in faults]


def test_faults_of_extension_elements_are_told_with_their_lines() -> None:
    definition = defined(
        bpmn(
            '<sendTask id="t">\n<extensionElements>\n<eilbote:message rout="x"/>\n<eilbote:mesage/>\n'
            '<eilbote:message><eilbote:map attribute="A" type="data">[1</eilbote:map></eilbote:message>\n'
            "</extensionElements></sendTask>"
        )
    )
    assert [(each.element, each.field, each.line) for each in definition.faults] == [
        ("t", "mesage", 6),
        ("t", "map", 7),
        ("t", "rout", 5),
    ]
    assert "Did you mean 'route'?" in str(definition.faults[2])


def test_all_faults_are_told_at_once() -> None:
    faults = defined(bpmn(ORDER), "proces: x\nelements: {u: {}, t: {rout: x}}\nconditions: {f: a}").faults
    assert [each.line for each in faults] == [1, 2, 3, 2]


@pytest.mark.parametrize(
    "settings, expected",
    [
        ("process: [", "the settings cannot be read"),
        ("*b", "the settings cannot be read: anchors and aliases cannot be used"),
        ("- a", "the settings are no table"),
    ],
)
def test_settings_that_are_no_settings_are_refused(settings: str, expected: str) -> None:
    with pytest.raises(ProcessError) as caught:
        defined(bpmn(ORDER), settings)
    assert str(caught.value).startswith(expected)
    assert re.search(r"line [12], column 1", str(caught.value))


@pytest.mark.parametrize("settings", ["", "  \n", "# nothing\n"])
def test_there_may_be_no_settings(settings: str) -> None:
    assert defined(bpmn(ORDER), settings).faults == ()


def pools(*processes: str) -> str:
    return f"<definitions {SPACES}>{''.join(processes)}</definitions>"


def test_the_only_executable_process_is_meant() -> None:
    xml = pools(
        '<process id="a"><startEvent id="s"/></process>',
        '<process id="b" isExecutable="true"><startEvent id="t"/></process>',
    )
    assert defined(xml).process == "b"
    assert defined(xml, "diagram_process: a").process == "a"


def test_the_only_process_that_holds_something_is_meant() -> None:
    assert (
        defined(pools('<process id="a"/>', '<process id="b"><startEvent id="t"/></process>')).process == "b"
    )


def test_when_nobody_can_tell_which_process_is_meant_they_are_named() -> None:
    xml = pools(
        '<process id="a" name="Buy"><startEvent id="s"/></process>',
        '<process id="b"><startEvent id="t"/></process>',
    )
    with pytest.raises(ProcessError, match="the diagram has 2 processes") as caught:
        defined(xml)
    assert caught.value.cause == "They are a (Buy), b"
    with pytest.raises(ProcessError, match="the diagram has no process 'aa'") as caught:
        defined(xml, "diagram_process: aa")
    assert caught.value.remedy == "Did you mean 'a'?"
