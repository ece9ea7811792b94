"""Routes as their authors write them, and as they are kept."""

from __future__ import annotations

import pytest

from eilbote.author.process.route.fields import RouteTextError
from eilbote.author.process.route.route import (
    AttributeType,
    Meeting,
    MessageAttribute,
    MessageFormat,
    MessageProperties,
    Route,
)
from eilbote.author.process.route.text import read_route, switched, write_route
from eilbote.errors import RouteError
from eilbote.model.draft_values import Priority

TEXT = """\
message_name: order-ready   # what processes call it
name: Order is ready
application: shop
connection: office
locale: de
time_zone: Europe/Berlin
attributes:
  - {system_name: Customer, name: The customer, type: account, required: true}
  - {system_name: Start, type: date-time}
  - {system_name: Invoice, type: DOCUMENT}
  - system_name: Note
properties:
  from_address: shop@example.org
  from_name: Shop
  to: "{Customer}; sales@example.org"
  to_names: ";Sales"
  subject: Ready
  format: both
  message: |
    <p>Dear {Customer}</p>
  attachments: [Invoice]
  meeting: {start: "{Start}", end: PT1H, place: Hall 3}
  reply_to: "{Customer}"
  priority: High
  headers:
    X-Order: "{Note}"
    X-Copy: 7
"""
ROUTE = Route(
    message_name="order-ready",
    name="Order is ready",
    application="shop",
    connection="office",
    locale="de",
    time_zone="Europe/Berlin",
    attributes=(
        MessageAttribute(
            name="The customer", system_name="Customer", type=AttributeType.ACCOUNT, is_required=True
        ),
        MessageAttribute(name="Start", system_name="Start", type=AttributeType.DATE_TIME),
        MessageAttribute(name="Invoice", system_name="Invoice", type=AttributeType.DOCUMENT),
        MessageAttribute(name="Note", system_name="Note"),
    ),
    properties=MessageProperties(
        from_address="shop@example.org",
        from_name="Shop",
        to="{Customer}; sales@example.org",
        to_names=";Sales",
        subject="Ready",
        format=MessageFormat.BOTH,
        message="<p>Dear {Customer}</p>\n",
        attachments=("Invoice",),
        meeting=Meeting(start="{Start}", end="PT1H", place="Hall 3"),
        reply_to="{Customer}",
        priority=Priority.HIGH,
        headers=(("X-Order", "{Note}"), ("X-Copy", "7")),
    ),
)


def test_a_route_is_read() -> None:
    assert read_route(TEXT) == ROUTE


def test_what_is_written_is_read_again() -> None:
    assert read_route(write_route(ROUTE)) == ROUTE


def test_a_message_of_several_lines_is_written_in_several_lines() -> None:
    assert "  message: |\n    <p>Dear {Customer}</p>\n" in write_route(ROUTE)


def test_json_is_read_as_well() -> None:
    assert read_route('{"message_name": "a", "properties": {"to": "{X}"}}').properties.to == "{X}"


def test_attachments_may_stand_in_one_text_and_in_braces() -> None:
    text = "message_name: a\nproperties: {attachments: '{A}; B, C'}"
    assert read_route(text).properties.attachments == ("A", "B", "C")


@pytest.mark.parametrize(
    "text, what, line, column",
    [
        ("message_name: a\nconection: b\n", "no field 'conection'", 2, 1),
        ("message_name: a\nproperties:\n  subjet: x\n", "no field 'subjet'", 3, 3),
        ("message_name: a\nattributes:\n  - {system: x}\n", "no field 'system'", 3, 6),
        ("message_name: a\nattributes: {A: text}\n", "no list", 2, 1),
        ("message_name: a\nattributes: [A]\n", "no attribute", 2, 14),
        ("message_name: a\nattributes: [{system_name: A, type: money}]\n", "'money' cannot be", 2, 31),
        ("message_name: a\nproperties:\n  format: rtf\n", "'rtf' cannot be chosen", 3, 3),
        ("message_name: a\nproperties: x\n", "no table", 2, 1),
        ("message_name: a\nproperties: {meeting: x}\n", "no table", 2, 14),
        ("message_name: a\nproperties: {attachments: {a: b}}\n", "no names", 2, 14),
        ("message_name: a\nproperties: {headers: [x]}\n", "headers are no table", 2, 14),
        ("message_name: a\nproperties: {headers: {X-A: [b]}}\n", "no text", 2, 24),
        ("message_name: a\nproperties:\n  priority: urgent\n", "'urgent' cannot be chosen", 3, 3),
        ("message_name: a\ndisabled: 7\n", "neither yes nor no", 2, 1),
        ("message_name: a\nproperties: {subject: [x]}\n", "no text", 2, 14),
        ("message_name: a\nproperties: {subject: no}\n", "no text", 2, 14),
        ("message_name: a\nproperties:\n  to: {Customer}\n", "no quotes", 3, 3),
        ("message_name: a\nproperties:\n  to: {Customer}; b@example.org\n", "no quotes", 3, 17),
        ("- a\n", "table of fields", 1, 1),
        ("message_name: [\n", "neither YAML nor JSON", 2, 1),
        ("message_name: &a x\n", "anchors", 1, 15),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, what: str, line: int, column: int) -> None:
    with pytest.raises(RouteTextError, match=what) as caught:
        read_route(text)
    assert caught.value.place is not None
    assert (caught.value.place.line, caught.value.place.column) == (line, column)
    assert caught.value.remedy


@pytest.mark.parametrize("text", ["", "  \n", "name: x\n"])
def test_a_route_needs_a_message_name(text: str) -> None:
    with pytest.raises(RouteError, match=r"message_name|message name"):
        read_route(text)


def test_the_nearest_field_is_told() -> None:
    with pytest.raises(RouteTextError, match=r"Did you mean 'connection'\?"):
        read_route("message_name: a\nconection: b\n")


@pytest.mark.parametrize("is_disabled", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace("name: Order is ready", "disabled: true  # for now"),
        TEXT.replace("name: Order is ready", "disabled:   false"),
    ],
)
def test_switching_a_route_leaves_the_rest_as_it_is_written(text: str, is_disabled: bool) -> None:
    changed = switched(text, is_disabled=is_disabled)
    assert read_route(changed).is_disabled is is_disabled
    assert "# what processes call it" in changed
    assert ("# for now" in changed) is ("# for now" in text)
    assert switched(changed, is_disabled=is_disabled) == changed


def test_a_route_in_json_is_switched_too() -> None:
    text = '{"message_name": "a", "properties": {"to": "b@example.org"}}'
    assert read_route(switched(text, is_disabled=True)).is_disabled


def test_a_line_in_a_message_that_looks_like_the_switch_is_left_alone() -> None:
    text = 'properties:\n  message: "a\n\ndisabled: false\n\n b"\nmessage_name: a\n'
    before = read_route(text).properties.message
    assert read_route(switched(text, is_disabled=True)).properties.message == before


def test_more_headers_than_a_message_should_have_are_refused() -> None:
    headers = ", ".join(f"X-{number}: a" for number in range(51))
    with pytest.raises(RouteTextError, match="51 headers") as caught:
        read_route(f"message_name: a\nproperties: {{headers: {{{headers}}}}}")
    assert caught.value.field == "headers"


def test_headers_of_one_name_are_not_written_as_one() -> None:
    twice = MessageProperties(headers=(("X-A", "1"), ("X-A", "2")))
    with pytest.raises(RouteError, match="twice"):
        write_route(Route(message_name="a", properties=twice))


def test_a_route_that_nobody_could_read_again_is_not_written() -> None:
    with pytest.raises(RouteError, match="characters"):
        write_route(Route(message_name="a", properties=MessageProperties(message="x" * 300_000)))
