"""What is found in a route before a message goes over it."""

from __future__ import annotations

import pytest

from eilbote.author.process.route.check import (
    attribute_of,
    check_route,
    check_route_text,
    must_be_sound,
    nearest_attribute,
    refuse,
)
from eilbote.author.process.route.text import read_route
from eilbote.errors import RouteError
from eilbote.template.finding import Weight

SOUND = """\
message_name: order-ready
attributes:
  - {system_name: Customer, type: account, required: true}
  - {system_name: Total, type: number}
  - {system_name: Start, type: date_time}
  - {system_name: Length, type: duration}
  - {system_name: Ready, type: boolean}
  - {system_name: Invoice, type: document}
properties:
  to: "{Customer}; sales@example.org"
  subject: "Order over {Total}"
  format: html
  message: "<style>p { color: red }</style><p>{customer} {Ready}</p>"
  attachments: [Invoice]
  meeting: {start: "{Start}", end: "{Length}"}
"""


def errors(text: str) -> list[tuple[str, str]]:
    return [(each.field, each.what) for each in check_route_text(text)[1] if each.severity is Weight.ERROR]


def test_a_sound_route_has_nothing_to_be_said_about_it() -> None:
    route, findings = check_route_text(SOUND)
    assert route is not None
    assert findings == ()
    assert must_be_sound(route) is route


@pytest.mark.parametrize(
    "old, new, field, what",
    [
        ("{Total}", "{Totl}", "subject", "no attribute is called 'Totl'"),
        ("{customer}", "{x}", "message", "no attribute is called 'x'"),
        ("message_name: order-ready", "message_name: 1 order", "message_name", "this is no usable message name"),
        ("system_name: Total", "system_name: 'To tal'", "attributes[1].system_name", "'To tal' is no system name"),
        ("system_name: Total", "system_name: ''", "attributes[1].system_name", "the system name is missing"),
        ("system_name: Total", "system_name: CUSTOMER", "attributes[1].system_name", "'CUSTOMER' and 'Customer' are one name"),
        ("system_name: Total", "system_name: Customer", "attributes[1].system_name", "two attributes are called 'Customer'"),
        ("{Total}", "{Invoice}", "subject", "{Invoice} is a document, which no text can hold"),
        ("<p>{customer}", "<p {customer}>", "message", "{customer} stands in a tag"),
        ("[Invoice]", "[Invoce]", "attachments[0]", "no attribute is called 'Invoce'"),
        ("[Invoice]", "[Total]", "attachments[0]", "the attribute 'Total' is no document"),
        ("[Invoice]", "[Invoice, invoice]", "attachments[1]", "'Invoice' is attached twice"),
        ('to: "{Customer}; sales@example.org"', "to: ' ; '", "to", "there are no recipients"),
        ("sales@example.org", "sales@", "to", "there is no domain after the @"),
        ('"{Customer}; sales@example.org"', "sales@", "to", "there is no domain after the @"),
        ('"{Customer};', '"{Total};', "to", "{Total} is no address"),
        ('"{Customer};', '"Anna <{Ready}>;', "to", "{Ready} is no address"),
        ('"{Customer};', '"an na {Total};', "to", "'an na {Total}' is no address, whatever its values are"),
        ("properties:\n", "properties:\n  cc: 'a@example.org'\n  cc_names: A;B\n", "cc_names", "there are 2 names for 1 addresses"),
        ("properties:\n", "properties:\n  from_address: a@example.org, b@example.org\n", "from_address", "there is more than one sender address"),
        ("properties:\n", "properties:\n  from_address: a@\n", "from_address", "there is no domain after the @"),
        ('start: "{Start}"', 'start: "{Ready}"', "meeting.start", "{Ready} is no time"),
        ('start: "{Start}"', "start: noon", "meeting.start", "'noon' is no time"),
        ('start: "{Start}"', 'start: "{Length}"', "meeting.start", "{Length} is no time"),
        ('start: "{Start}", ', "", "meeting.start", "the meeting has no beginning"),
        (', end: "{Length}"', "", "meeting.end", "the meeting has no end"),
        ("properties:\n", "properties:\n  reply_to: a@\n", "reply_to", "there is no domain after the @"),
        ("properties:\n", "properties:\n  reply_to: '{Total}'\n", "reply_to", "{Total} is no address"),
        ("properties:\n", "properties:\n  reply_to: '{x}'\n", "reply_to", "no attribute is called 'x'"),
        ("attributes:", "locale: klingon-x\nattributes:", "locale", "'klingon-x' is no language"),
        ("attributes:", "time_zone: Mars/Base\nattributes:", "time_zone", "'Mars/Base' is no time zone"),
    ],
)  # fmt: skip
def test_a_fault_is_found_where_it_stands(old: str, new: str, field: str, what: str) -> None:
    assert old in SOUND
    found = errors(SOUND.replace(old, new))
    assert (field, what) in [(where, said[: len(what)]) for where, said in found], found


def test_the_nearest_declared_name_is_told_with_line_and_column() -> None:
    _, findings = check_route_text(SOUND.replace("{Total}", "{Totl}"))
    (found,) = [each for each in findings if each.severity is Weight.ERROR]
    assert found.remedy == "Did you mean {Total}?"
    assert found.place is not None
    line = SOUND.splitlines()[found.place.line - 1]
    assert line[found.place.column - 1 :].startswith("{Total}")


def test_an_attribute_whose_name_is_misspelt_is_not_said_to_stand_nowhere() -> None:
    assert [each.field for each in check_route_text(SOUND.replace("{Total}", "{Totl}"))[1]] == ["subject"]


def test_all_faults_are_found_at_once_in_the_order_of_the_text() -> None:
    text = SOUND.replace("{Total}", "{Totl}").replace("{customer}", "{x}").replace("[Invoice]", "[y]")
    assert [field for field, _ in errors(text)] == ["subject", "message", "attachments[0]"]
    unreadable = "message_name: a\nfoo: 1\nproperties: {bar: 2}\n"
    assert [field for field, _ in errors(unreadable)] == ["foo", "bar"]


def test_refusing_tells_the_first_error_its_place_and_how_many_more() -> None:
    _, findings = check_route_text(SOUND.replace("{Total}", "{Totl}").replace("[Invoice]", "[y]"))
    with pytest.raises(
        RouteError, match=r"subject: no attribute is called 'Totl'.*1 more.*line 11"
    ) as caught:
        refuse(findings)
    assert caught.value.field == "subject"


def test_a_route_without_text_is_refused_with_the_position() -> None:
    route = read_route(SOUND.replace("{Total}", "{Totl}"))
    with pytest.raises(RouteError) as caught:
        must_be_sound(route)
    assert caught.value.position == len("Order over ")


@pytest.mark.parametrize(
    "old, new, field, severity",
    [
        ("p { color: red }", "p{Total}", "message", Weight.WARNING),
        ("Order over {Total}", "Order over {Total} {{ order.number }}", "subject", Weight.WARNING),
        ('subject: "Order over {Total}"', "subject: ''", "subject", Weight.WARNING),
        ("{customer} {Ready}", "{customer}", "attributes[4].system_name", Weight.HINT),
    ],
)
def test_what_works_otherwise_than_it_was_meant_is_told(
    old: str, new: str, field: str, severity: Weight
) -> None:
    found = check_route_text(SOUND.replace(old, new))[1]
    assert (field, severity) in [(each.field, each.severity) for each in found]
    assert not errors(SOUND.replace(old, new))


@pytest.mark.parametrize("css", ["p{red}", "@media print{a{b}}", "p { margin: 0 }", "/* {x} */"])
def test_braces_of_a_style_are_no_places(css: str) -> None:
    text = SOUND.replace("p { color: red }", css).replace("<p>{customer}", "<p style='a:{y}'>{customer}")
    assert not errors(text)


def test_a_connection_is_looked_for_where_connections_are_known() -> None:
    route = read_route(SOUND.replace("attributes:", "connection: offce\nattributes:"))
    assert check_route(route) == ()
    assert check_route(route, {"offce"}) == ()
    (found,) = check_route(route, {"office"})
    assert (found.field, found.severity, found.remedy) == (
        "connection",
        Weight.WARNING,
        "Did you mean 'office'?",
    )


def test_attributes_are_found_whatever_their_capitals() -> None:
    route = read_route(SOUND)
    found = attribute_of(route, "TOTAL")
    assert found is not None
    assert found.system_name == "Total"
    assert attribute_of(route, "Totl") is None
    assert nearest_attribute(route, "totl") == "Total"
    assert nearest_attribute(route, "zzz") is None
