"""Tasks must say what is to be done, and waits must say for what; what other engines would do is told and never done."""

import pytest
from tests.unit.author.process.written_bpmn import bpmn, defined, errors, found, others

from eilbote.author.process.check.known import Known

TASK = '<userTask id="t" name="Check"/>'
SERVICE = '<serviceTask id="t" name="Ask"/>'
RECEIVE = '<receiveTask id="t" name="Wait"/>'
KNOWN = Known(flows={"tell-crm", "tell-erp"})


def process(element: str) -> str:
    """Give a process whose element stands in line 3."""
    return bpmn(f'{element}\n<startEvent id="s"/>\ns->t')


def with_fields(fields: str) -> str:
    return f"elements:\n  t: {{{fields}}}"


@pytest.mark.parametrize(
    "element, fields",
    [
        (TASK, ""),
        (
            TASK,
            "recipients: ['{{ boss }}', 'Anna <a@example.org>'], due: P2D, reminds: true, choices: [approve], result: x",
        ),
        (SERVICE, "http: {url: 'https://example.org/{{ n }}', method: PATCH}"),
        (SERVICE, "http: {url: '{{ address }}'}"),
        (
            SERVICE,
            "http: {url: 'https://x/{{ n }}', headers: {A: {env: EILBOTE_FLOW_SECRET_X, before: 'Bearer '}, B: c}}",
        ),
        (SERVICE, "flow: {name: tell-crm, input: {n: '{{ n }}'}}"),
        (RECEIVE, "message: paid, correlation: '{{ n }}', result: payment"),
    ],
)
def test_what_can_be_done_is_sound(element: str, fields: str) -> None:
    assert found(process(element), with_fields(fields) if fields else "", KNOWN) == ()


FAULTS = {
    "a recipient that is none": (TASK, "recipients: ['a@']", "t.recipients[0] (settings line 2): "),
    "a template that is none": (TASK, "title: '{{ n'", "t.title (settings line 2): "),
    "a time that is none": (TASK, "due: 2 days", "t.due (settings line 2): '2 days' is no duration."),
    "a language that is none": (TASK, "language: klingon", "t.language (settings line 2): "),
    "a zone that is none": (TASK, "time_zone: Europe/Berln", "t.time_zone (settings line 2): "),
    "a result that templates cannot name": (
        TASK,
        "result: my result",
        "t.result (settings line 2): 'my result' cannot be asked for in templates.",
    ),
    "a result that is something else": (
        TASK,
        "result: loop",
        "t.result (settings line 2): 'loop' is what templates",
    ),
    "a service without anything": (
        SERVICE,
        "",
        "t (diagram line 3): the service task 'Ask' does not say what it does.",
    ),
    "a server without an address": (
        SERVICE,
        "http: {method: GET}",
        "t.http.url (settings line 2): the service task 'Ask' asks a web server, and does not say which.",
    ),
    "an address of something else": (
        SERVICE,
        "http: {url: 'ftp://x'}",
        "t.http.url (settings line 2): 'ftp://x' is no address of a web server.",
    ),
    "a method that is none": (
        SERVICE,
        "http: {url: 'https://x', method: PSOT}",
        "t.http.method (settings line 2): 'PSOT' is no method. Did you mean 'POST'?",
    ),
    "a body that is no template": (
        SERVICE,
        "http: {url: 'https://x', body: {a: ['{{ n']}}",
        "t.http.body.a[0] (settings line 2): ",
    ),
    "a flow without a name": (
        SERVICE,
        "flow: {input: {a: 1}}",
        "t.flow.name (settings line 2): the service task 'Ask' runs",
    ),
    "a flow that there is not": (
        SERVICE,
        "flow: {name: tell-cmr}",
        "t.flow.name (settings line 2): no published flow is called 'tell-cmr'. Did you mean 'tell-crm'?",
    ),
    "a flow by a template": (
        SERVICE,
        "flow: {name: '{{ f }}'}",
        "t.flow.name (settings line 2): a flow cannot be chosen",
    ),
    "a wait for anything": (
        RECEIVE,
        "",
        (
            "t.message (diagram line 3): the receive task 'Wait' does not say which message it waits for. Choose a message in the "
            "modeler, or write elements: {t: {message: payment}}."
        ),
    ),
    "a message by a template": (
        RECEIVE,
        "message: '{{ m }}'",
        "t.message (settings line 2): the message of the receive task",
    ),
    "a key that is no template": (
        RECEIVE,
        "message: m, correlation: '{{'",
        "t.correlation (settings line 2): ",
    ),
}


@pytest.mark.parametrize("element, fields, expected", FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_done_is_told(element: str, fields: str, expected: str) -> None:
    said = errors(process(element), with_fields(fields) if fields else "", KNOWN)
    assert len(said) == 1, said
    assert said[0].startswith(expected), said


WARNINGS = {
    "reminders to nobody": (
        TASK,
        "reminds: true",
        "t.reminds (settings line 2): the user task 'Check' tells nobody, so",
    ),
    "choices of nobody": (
        TASK,
        "choices: [approve]",
        "t.choices (settings line 2): the user task 'Check' tells nobody",
    ),
    "a task without a name": (
        '<userTask id="t"/>',
        "",
        "t (diagram line 3): the user task has neither name nor title.",
    ),
    "a task without a type": (
        '<task id="t" name="Pack"/>',
        "",
        "t (diagram line 3): nothing happens at the task 'Pack'; tokens",
    ),
    "an error without a code": (
        '<endEvent id="t" name="Lost"><errorEventDefinition/></endEvent>',
        "",
        "t (diagram line 3): the end event 'Lost' throws an error without a code.",
    ),
}


@pytest.mark.parametrize("element, fields, expected", WARNINGS.values(), ids=WARNINGS)
def test_what_means_little_is_told(element: str, fields: str, expected: str) -> None:
    xml, settings = process(element), with_fields(fields) if fields else ""
    assert errors(xml, settings) == []
    assert any(each.startswith(expected) for each in others(xml, settings)), others(xml, settings)


def test_the_key_of_a_start_event_is_told_to_stand_elsewhere() -> None:
    xml = bpmn('<startEvent id="s"/>')
    (said,) = others(xml, "elements: {s: {message: order, correlation: '{{ n }}'}}")
    assert said.startswith(
        "s.correlation (settings line 1): the start event begins an instance, which has no key"
    )


CODE = {
    "a class": '<serviceTask id="t" camunda:class="java.lang.Runtime"/>',
    "an expression": '<serviceTask id="t" camunda:expression="${bean.run()}"/>',
    "a delegate": '<serviceTask id="t" flowable:delegateExpression="${bean}"/>',
    "a worker": (
        '<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="x"/></extensionElements></serviceTask>'
    ),
    "an operator": (
        '<serviceTask id="t"><extensionElements><spiffworkflow:serviceTaskOperator id="http/Get"/></extensionElements>'
        "</serviceTask>"
    ),
    "a connector": (
        '<serviceTask id="t"><extensionElements><camunda:connector><camunda:connectorId>mail-send</camunda:connectorId>'
        "</camunda:connector></extensionElements></serviceTask>"
    ),
    "a script": '<scriptTask id="t" scriptFormat="python"><script>open("/etc/passwd")</script></scriptTask>',
    "a listener": (
        '<userTask id="t" name="x"><extensionElements><camunda:taskListener event="create">'
        '<camunda:script scriptFormat="groovy">"x".execute()</camunda:script></camunda:taskListener>'
        "</extensionElements></userTask>"
    ),
    "a script before": (
        '<userTask id="t" name="x"><extensionElements><spiffworkflow:preScript>import os</spiffworkflow:preScript>'
        "</extensionElements></userTask>"
    ),
    "values by script": (
        '<userTask id="t" name="x"><extensionElements><camunda:inputOutput><camunda:inputParameter name="a">'
        '<camunda:script scriptFormat="js">1</camunda:script></camunda:inputParameter></camunda:inputOutput>'
        "</extensionElements></userTask>"
    ),
}


@pytest.mark.parametrize("element", CODE.values(), ids=CODE)
def test_code_of_other_engines_is_told_and_is_nowhere_in_what_is_executed(element: str) -> None:
    said = [str(each) for each in found(process(element))]
    assert any("not executed" in each or "never executed" in each for each in said), said
    definition = defined(process(element))
    executed = f"{definition.details} {definition.conditions} {definition.diagram.elements['t']}"
    for code in ("Runtime", "bean", "passwd", "groovy", "import os", ".execute", "mail-send"):
        assert code not in executed


def test_a_service_task_says_which_code_it_was_written_for() -> None:
    (said,) = errors(process('<serviceTask id="t" name="Ask" flowable:class="x.Y"/>'))
    assert said == (
        "t (diagram line 3): the service task 'Ask' does not say what it does. flowable:class of another engine is never "
        "executed. Write http:, flow: or a route into the settings, below elements: t:."
    )


def test_settings_of_other_engines_are_one_note() -> None:
    element = (
        '<userTask id="t" name="Check" camunda:assignee="a" camunda:formKey="b" camunda:asyncBefore="true"/>'
    )
    assert others(process(element)) == [
        (
            "t (diagram line 3): unsupported, not executed in the user task 'Check': camunda:assignee, camunda:formKey, "
            "camunda:asyncBefore. It was written for another engine. Leave it there, it does no harm; say in eilbote's settings "
            "what is to happen."
        )
    ]
