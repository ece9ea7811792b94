"""Calls, message flows and errors must lead somewhere."""

import pytest
from tests.unit.author.process.written_bpmn import bpmn, errors, found, others

from eilbote.author.process.check.known import Known

START = '<startEvent id="s"/>\n'
PACK = '<process id="Pack"><startEvent id="p"/></process>'


def call(name: str, beside: str = PACK) -> str:
    return bpmn(f'{START}<callActivity id="c" name="Pack it" calledElement="{name}"/>\ns->c', beside=beside)


def test_a_process_of_the_same_diagram_can_be_called() -> None:
    assert found(call("Pack")) == ()


def test_a_process_of_another_diagram_cannot() -> None:
    (said,) = errors(call("Pakc"))
    assert said == (
        "c.called (diagram line 4): the call activity 'Pack it' calls 'Pakc', which is not in this diagram. A published version "
        "never changes, so everything that it calls is in it. Did you mean 'Pack'?"
    )
    (said,) = errors(call("Ship"), "", Known(processes={"Ship": ()}))
    assert "It is published on its own" in said
    (said,) = errors(call(""))
    assert said.startswith(
        "c.called (diagram line 4): the call activity 'Pack it' does not say which process it calls."
    )


def test_processes_that_call_one_another_are_told_with_the_way() -> None:
    pack = (
        '<process id="Pack"><startEvent id="p"/><callActivity id="again" calledElement="Order"/>'
        '<sequenceFlow id="f" sourceRef="p" targetRef="again"/></process>'
    )
    (said,) = errors(call("Pack", pack))
    assert said.startswith(
        "again.called (diagram line 1): the call activity calls 'Order', which leads to this call again. "
        "The way is Order → Pack → Order."
    )


def test_a_process_that_is_called_from_two_places_is_no_ring() -> None:
    xml = bpmn(
        f'{START}<callActivity id="a" calledElement="Pack"/>\n<callActivity id="b" calledElement="Pack"/>\ns->a\na->b',
        beside=PACK,
    )
    assert found(xml) == ()


def flows(*message_flows: str) -> str:
    inside = f'{START}<sendTask id="t" name="Tell"/>\n<receiveTask id="r" messageRef="m"/>\n<endEvent id="e"/>\ns->t\nt->r\nr->e'
    drawn = "".join(
        f'<messageFlow id="m{n}" sourceRef="{each.split(">")[0]}" targetRef="{each.split(">")[1]}"/>'
        for n, each in enumerate(message_flows)
    )
    beside = (
        f'<message id="m" name="paid"/><collaboration id="k"><participant id="shop" name="Shop" processRef="Order"/>'
        f'<participant id="bank" name="Bank"/>{drawn}</collaboration>'
    )
    return bpmn(inside, beside=beside)


SETTINGS = "elements: {t: {system_name: a, state: b, route: c}}"


@pytest.mark.parametrize("flow", ["t>bank", "bank>r", "shop>bank"])
def test_message_flows_between_participants_are_sound(flow: str) -> None:
    assert found(flows(flow), SETTINGS) == ()


def test_a_message_flow_to_nowhere_is_an_error() -> None:
    (said,) = errors(flows("t>bnk"), SETTINGS)
    assert said == "m0: a message flow leads to 'bnk', which is not in the diagram. Did you mean 'bank'?"


@pytest.mark.parametrize(
    "flow, expected",
    [
        ("t>r", "a message flow stays inside of one participant. Both ends are in 'Order'."),
        ("e>bank", "a message flow begins at the end event, which sends nothing."),
        ("bank>s", "a message flow leads to the start event, which waits for no message."),
    ],
)
def test_a_message_flow_that_means_nothing_is_a_warning(flow: str, expected: str) -> None:
    assert errors(flows(flow), SETTINGS) == []
    (said,) = others(flows(flow), SETTINGS)
    assert said.startswith(f"m0: {expected}")


ERRORS = '<error id="x" errorCode="{}"/>'
THROWN = '<endEvent id="e" name="Lost"><errorEventDefinition errorRef="x"/></endEvent>'


def test_an_error_that_nothing_catches_is_a_note() -> None:
    (said,) = others(bpmn(f"{START}{THROWN}\ns->e", beside=ERRORS.format("lost")))
    assert said.startswith(
        "e (diagram line 4): nothing catches the error 'lost' of the end event 'Lost'. The instance ends"
    )


@pytest.mark.parametrize("caught", ['<errorEventDefinition errorRef="x"/>', "<errorEventDefinition/>"])
def test_an_error_that_is_caught_around_is_sound(caught: str) -> None:
    inside = f'<startEvent id="i"/>\n{THROWN}\ni->e'
    xml = bpmn(
        f'{START}<subProcess id="u">\n{inside}\n</subProcess>\n<boundaryEvent id="b" attachedToRef="u">{caught}</boundaryEvent>\n'
        '<endEvent id="z"/>\ns->u\nb->z',
        beside=ERRORS.format("lost"),
    )
    assert found(xml) == ()


def test_an_error_of_mail_is_thrown_only_where_it_is_asked_for() -> None:
    xml = bpmn(
        f'{START}<sendTask id="t" name="Tell"/>\n<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="x"/>'
        '</boundaryEvent>\n<endEvent id="z"/>\ns->t\nb->z',
        beside=ERRORS.format("eilbote.mail_failed"),
    )
    (said,) = others(xml, SETTINGS)
    assert said.startswith(
        "b (diagram line 5): the boundary event waits for 'eilbote.mail_failed', which nothing in there throws. A message that "
        "is not delivered is only recorded. Write on_failure: error at the send-message event."
    )
    assert others(xml, SETTINGS.replace("c}", "c, on_failure: error}")) == []


def test_a_correlation_key_that_all_instances_share_is_told() -> None:
    (said,) = others(bpmn(START), "correlation: order")
    assert said.startswith(
        "correlation (settings line 1): every instance has the same correlation key, 'order'."
    )
    (said,) = errors(bpmn(START), "correlation: '{{ order'")
    assert said.startswith("correlation (settings line 1): expected")
