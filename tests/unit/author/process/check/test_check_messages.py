"""Send-message events must be able to send: names, routes, and what is mapped."""

from dataclasses import replace

import pytest
from tests.unit.author.process.written_bpmn import bpmn, errors, found, others

from eilbote.author.process.check.known import Known
from eilbote.author.process.route.route import AttributeType, MessageAttribute, MessageProperties, Route

XML = bpmn(
    '<startEvent id="s"/>\n'
    '<intermediateThrowEvent id="t" name="Tell"><messageEventDefinition/></intermediateThrowEvent>\n'
    '<endEvent id="e" name="Done"/>\ns->t\nt->e'
)
ROUTE = Route(
    message_name="order-ready",
    connection="shop",
    attributes=(
        MessageAttribute(name="Customer", system_name="Customer", is_required=True),
        MessageAttribute(name="Total", system_name="Total", type=AttributeType.NUMBER),
        MessageAttribute(name="Invoice", system_name="Invoice", type=AttributeType.DOCUMENT),
        MessageAttribute(name="Paid", system_name="Paid", type=AttributeType.BOOLEAN),
    ),
    properties=MessageProperties(to="{Customer}", subject="Ready", message="Hello {Customer}"),
)
KNOWN = Known(
    routes={"order-ready": ROUTE}, connections={"shop/notification", "shop"}, processes={"pack": ("packing",)}
)
SOUND = "system_name: tell, state: Told, route: order-ready, mapping: {Customer: '{{ customer.mail }}'"


def said(fields: str, known: Known = KNOWN) -> list[str]:
    return errors(XML, f"elements:\n  t: {{{fields}}}", known)


def test_an_event_with_all_it_needs_is_sound() -> None:
    settings = f"elements: {{t: {{{SOUND}, total: 1.5, Invoice: '{{{{ invoice }}}}', Paid: true}}}}}}"
    assert found(XML, settings, KNOWN) == ()


def test_of_what_nobody_knows_nothing_is_said() -> None:
    assert said("system_name: tell, state: Told, route: somewhere, mapping: {X: 1}", Known()) == []


def test_everything_that_is_missing_is_told_at_once() -> None:
    assert errors(XML, "", KNOWN) == [
        (
            "t.system_name (diagram line 4): the intermediate throw event 'Tell' has no system name. By it programs know which "
            "message this is. Write it into the settings: elements: {t: {system_name: order_ready}}."
        ),
        (
            "t.state (diagram line 4): the intermediate throw event 'Tell' has no state. By it people see how far an instance has "
            "come once this was sent. Write it into the settings: elements: {t: {state: Notified}}."
        ),
        (
            "t.route (diagram line 4): the intermediate throw event 'Tell' has no route. A message to people goes over an outgoing "
            "communication route. Name one of order-ready."
        ),
    ]


FAULTS = {
    "a route that there is not": (
        SOUND.replace("order-ready", "order-redy") + "}",
        "t.route (settings line 2): no communication route has the message name 'order-redy'. Did you mean 'order-ready'?",
    ),
    "an attribute that there is not": (
        SOUND + ", Totl: 1}",
        "t.mapping.Totl (settings line 2): the route 'order-ready' has no attribute 'Totl'. Did you mean 'Total'?",
    ),
    "an attribute twice": (
        SOUND + ", customer: a}",
        "t.mapping.customer (settings line 2): the attribute 'Customer' is mapped twice. 'Customer' is the same name;",
    ),
    "a number that is none": (
        SOUND + ", Total: many}",
        "t.mapping.Total (settings line 2): the value of 'Total' is no number.",
    ),
    "a yes or no that is none": (
        SOUND + ", Paid: 7}",
        "t.mapping.Paid (settings line 2): the value of 'Paid' is no boolean",
    ),
    "a document in a text": (
        SOUND + ", Invoice: 'See {{ invoice }}'}",
        "t.mapping.Invoice (settings line 2): the attribute 'Invoice' is a document, and this is a text. Name one value",
    ),
    "a required attribute": (
        "system_name: tell, state: Told, route: order-ready",
        "t.mapping (diagram line 4): the required attribute 'Customer' of the route 'order-ready' is not mapped. Every",
    ),
    "a template that is none": (
        SOUND + ", Total: '{{ order.total'}",
        "t.mapping.Total (settings line 2): expected",
    ),
    "a system name that is none": (
        SOUND.replace("tell", "'Tell Anna'") + "}",
        "t.system_name (settings line 2): 'Tell Anna' is no system name. Give a letter, then",
    ),
    "a route by a template": (
        SOUND.replace("route: order-ready", "route: '{{ r }}'") + "}",
        "t.route (settings line 2): a route cannot be chosen by a template.",
    ),
    "a result that templates cannot name": (
        SOUND + "}, result: my result",
        "t.result (settings line 2): 'my result' cannot be asked for in templates.",
    ),
    "a state without end": (
        SOUND.replace("Told", "T" * 101) + "}",
        "t.state (settings line 2): the state is too long",
    ),
    "a message without a name": (
        "system_name: tell, state: Told, destination: start",
        "t.message (diagram line 4): the intermediate throw event 'Tell' does not say which message it sends.",
    ),
    "a message that begins nothing": (
        "system_name: tell, state: Told, destination: start, message: packin",
        "t.message (settings line 2): no published process begins at the message 'packin'. Did you mean 'packing'?",
    ),
    "a message to nobody": (
        "system_name: tell, state: Told, destination: intermediate, message: paid",
        "t.correlation (diagram line 4): the intermediate throw event 'Tell' does not say which instance gets the message.",
    ),
    "a notification without a title": (
        "system_name: tell, state: Told, destination: notification",
        "t.title (diagram line 4): the intermediate throw event 'Tell' is a common notification without a title.",
    ),
    "a notification for no time": (
        "system_name: tell, state: Told, destination: notification, title: a, duration: 3 days",
        "t.duration (settings line 2): '3 days' is no duration. Write it in ISO 8601",
    ),
}


@pytest.mark.parametrize("fields, expected", FAULTS.values(), ids=FAULTS)
def test_what_keeps_a_message_from_being_sent_is_told(fields: str, expected: str) -> None:
    found_ = said(fields)
    assert len(found_) == 1, found_
    assert found_[0].startswith(expected), found_


@pytest.mark.parametrize("name", ["tell", "TELL"])
def test_system_names_are_unique(name: str) -> None:
    settings = f"elements:\n  t: {{{SOUND}}}}}\n  e: {{{SOUND.replace('tell', name)}}}}}"
    (found_,) = errors(XML, settings, KNOWN)
    assert found_.startswith(
        f"e.system_name (settings line 3): the system name '{name}' is that of the intermediate throw event 'Tell' as well. "
        "The other one is t, line 4;"
    )


@pytest.mark.parametrize(
    "route, expected",
    [
        (replace(ROUTE, is_disabled=True), "t.route (settings line 1): the route 'order-ready' is disabled."),
        (
            replace(ROUTE, connection="shp"),
            (
                "t.route (settings line 1): the route 'order-ready' goes over the connection 'shp', which cannot be used. There is "
                "none of that name, or it is disabled. Did you mean 'shop'?"
            ),
        ),
        (
            replace(ROUTE, properties=replace(ROUTE.properties, subject="{Custmer}")),
            "t.route (settings line 1): the route 'order-ready' has faults of its own: subject:",
        ),
    ],
)
def test_a_route_that_cannot_be_used_is_told(route: Route, expected: str) -> None:
    known = replace(KNOWN, routes={"order-ready": route})
    (found_,) = errors(XML, f"elements: {{t: {{{SOUND}}}}}}}", known)
    assert found_.startswith(expected)


def test_a_message_may_begin_this_very_process() -> None:
    xml = bpmn(
        '<startEvent id="s"/>\n<endEvent id="t" name="Again"/>\ns->t', beside='<message id="m" name="again"/>'
    )
    begun = xml.replace(
        '<startEvent id="s"/>', '<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent>'
    )
    settings = "elements: {t: {system_name: x, state: y, destination: start, message: again}}"
    assert errors(begun, settings, KNOWN) == []
    assert len(errors(xml, settings, KNOWN)) == 1


def test_fields_that_a_destination_does_not_read_are_told() -> None:
    settings = "elements: {t: {system_name: x, state: y, destination: notification, title: a, route: b}}"
    (warning,) = others(XML, settings, KNOWN)
    assert warning == (
        "t.route (settings line 1): 'route' is not read for the destination 'notification'. "
        "Take it away, or write destination: external."
    )


def test_an_event_without_a_name_is_told() -> None:
    xml = XML.replace(' name="Tell"', "")
    (warning,) = others(xml, f"elements: {{t: {{{SOUND}}}}}}}", KNOWN)
    assert warning.startswith(
        "t (diagram line 4): the intermediate throw event has no name. People see only its id"
    )


def test_places_of_other_languages_are_told() -> None:
    settings = "elements: {t: {system_name: x, state: y, route: z, mapping: {A: '${order.total}'}}}"
    assert others(XML, settings, Known()) == [
        (
            "t.mapping.A (settings line 1): '${order.total}' stays as it is: it is no place for a value here. "
            "Write {{ order.total }}."
        )
    ]


def test_a_route_over_the_default_connection_needs_one() -> None:
    known = replace(KNOWN, routes={"order-ready": replace(ROUTE, connection="")}, connections=())
    (warning,) = others(XML, f"elements: {{t: {{{SOUND}}}}}}}", known)
    assert warning.startswith(
        "t.route (settings line 1): the route 'order-ready' goes over the default connection, and there"
    )
