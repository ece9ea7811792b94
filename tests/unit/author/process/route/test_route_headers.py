"""Header fields of a route's own: which there may be, and that no value makes another one."""

from __future__ import annotations

import json

import pytest

from eilbote.author.process.route.check import check_route_text
from eilbote.author.process.route.headers import OWN_PROPERTIES, PRIORITY_FIELDS, may_be_set
from eilbote.author.process.route.mail import route_draft
from eilbote.author.process.route.route import Route
from eilbote.author.process.route.text import read_route
from eilbote.compose.custom_fields import check_name, custom_fields
from eilbote.compose.header_fields import PRIORITY_FIELDS as WRITTEN_PRIORITY_FIELDS
from eilbote.errors import DraftError, HeaderError, PlaceholderError
from eilbote.model.data import Data
from eilbote.template.finding import Weight

NAMES = """
    Accept-Language Alternate-Recipient Apparently-To Archived-At ARC-Seal Authentication-Results Auto-Submitted Autocrypt Bcc
    BIMI-Selector Cc Comments Content-Disposition Content-ID Content-Transfer-Encoding Content-Type Date Delivered-To Delivery-Date
    Disposition-Notification-Options Disposition-Notification-To DKIM-Signature Errors-To Expires Feedback-ID From Importance
    In-Reply-To Keywords List-Archive List-Help List-Id List-Owner List-Post List-Subscribe List-Unsubscribe List-Unsubscribe-Post
    Message-ID MIME-Version OpenPGP Organization Original-Recipient Precedence Priority Received Received-SPF References Reply-By
    Reply-To Resent-Bcc Resent-From Resent-To Return-Path Return-Receipt-To Sender Sensitivity Status Subject Supersedes
    Thread-Index Thread-Topic TLS-Required TLS-Report-Domain To User-Agent Via X-Mailer X-Order X-Priority X-MSMail-Priority X-
    Order X_Order X:Order Päckchen
""".split()  # noqa: SIM905 - a list of words is read more easily so
TEXT = """\
message_name: order-ready
attributes:
  - {system_name: Customer, type: account}
  - {system_name: Number}
  - {system_name: Invoice, type: document}
properties:
  to: sales@example.org
  subject: Ready
  message: "{Customer}"
  attachments: [Invoice]
  PRIORITY
  headers: HEADERS
"""


def text(headers: dict[str, str], priority: str = "normal") -> str:
    return TEXT.replace("PRIORITY", f"priority: {priority}").replace("HEADERS", json.dumps(headers))


def errors(headers: dict[str, str], priority: str = "normal") -> list[tuple[str, str]]:
    found = check_route_text(text({"X-Number": "{Number}", **headers}, priority))[1]
    return [(each.field, each.what) for each in found if each.severity is Weight.ERROR]


def written(headers: dict[str, str], **values: Data) -> tuple[tuple[str, str], ...]:
    route: Route = read_route(text(headers))
    return route_draft(route, values).headers


def is_allowed_in_drafts(name: str) -> bool:
    try:
        check_name(name)
    except HeaderError:
        return False
    return True


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_refused_at_saving_exactly_where_drafts_refuse_it(name: str) -> None:
    assert may_be_set(name) is is_allowed_in_drafts(name)
    assert may_be_set(name.upper()) is is_allowed_in_drafts(name.upper())
    refused = [field for field, _ in errors({name: "anna@example.org"})]
    assert refused == ([] if is_allowed_in_drafts(name) else [f"headers.{name}"])


def test_the_fields_of_a_priority_are_those_that_are_written() -> None:
    assert {name.lower() for name in WRITTEN_PRIORITY_FIELDS} == PRIORITY_FIELDS


@pytest.mark.parametrize("name, place", OWN_PROPERTIES.items())
def test_a_field_that_is_a_property_is_led_there(name: str, place: str) -> None:
    (found,) = [
        each for each in check_route_text(text({name: "{Number}"}))[1] if each.severity is Weight.ERROR
    ]
    assert found.remedy == f"Use the property {place!r}"
    assert found.place is not None
    assert (found.place.line, found.place.column) == (12, 13)


@pytest.mark.parametrize(
    "headers, field, what",
    [
        ({"x-number": "1"}, "headers.x-number", "the header x-number is given twice"),
        ({"X-A": " "}, "headers.X-A", "the header X-A has no value"),
        ({"X-A": "a\nBcc: eva@example.org"}, "headers.X-A", "the header X-A holds '\\n'"),
        ({"X-A": "a\x00"}, "headers.X-A", "the header X-A holds '\\x00'"),
        ({"X-A": "{Numbr}"}, "headers.X-A", "no attribute is called 'Numbr'"),
        ({"X-A": "{Invoice}"}, "headers.X-A", "{Invoice} is a document, which no text can hold"),
        ({"Sensitivity": "über {Number}"}, "headers.Sensitivity", "Sensitivity can hold ASCII only, and no encoded words"),
        ({"Disposition-Notification-To": "a@"}, "headers.Disposition-Notification-To", "there is no domain after the @"),
    ],
)  # fmt: skip
def test_a_header_that_can_never_be_written_is_refused_at_saving(
    headers: dict[str, str], field: str, what: str
) -> None:
    assert (field, what) in errors(headers)


def test_a_priority_is_said_in_one_place() -> None:
    assert errors({"Importance": "high"}) == []
    assert errors({"Importance": "high"}, "high") == [
        ("headers.Importance", "the property 'priority' writes Importance as well")
    ]


def test_values_stand_in_headers_in_their_order() -> None:
    made = written(
        {"X-Order": "No. {Number}", "Organization": "Büro {Customer} {x: y}"},
        Number="{Customer}",
        Customer="Anna <anna@example.org>",
    )
    assert made == (("X-Order", "No. {Customer}"), ("Organization", "Büro Anna {x: y}"))


def test_a_header_without_a_value_is_left_out() -> None:
    assert written({"X-Order": "{Number}", "X-Shop": "1"}) == (("X-Shop", "1"),)


@pytest.mark.parametrize(
    "ending", ["\r\n", "\n", "\r", "\r\n ", "\x0b", "\x0c", "\x85", "\u2028", "\x00", "\t"]
)
def test_no_value_begins_another_header(ending: str) -> None:
    with pytest.raises(HeaderError) as caught:
        written({"X-Order": "{Number}"}, Number=f"7{ending}Bcc: eva@example.org")
    assert caught.value.field == "headers.X-Order"
    assert caught.value.remedy


def test_line_ends_around_a_value_are_none_of_it() -> None:
    assert written({"X-Order": "{Number}"}, Number="\r\n7\r\n") == (("X-Order", "7"),)


def test_an_account_is_its_address_where_addresses_are_meant() -> None:
    field = "Disposition-Notification-To"
    made = written({field: "{Customer}"}, Customer={"address": "anna@example.org", "name": "Anna"})
    assert made == ((field, "Anna <anna@example.org>"),)
    assert written({field: "{Customer}"}) == ()


def test_no_value_makes_another_address_in_a_header() -> None:
    with pytest.raises((HeaderError, PlaceholderError)) as caught:
        written({"Disposition-Notification-To": "{Number}@example.org"}, Number="a@example.org, eva")
    assert caught.value.field == "headers.Disposition-Notification-To"


def test_what_is_put_in_can_be_written() -> None:
    route = read_route(text({"X-Order": "{Number}", "Disposition-Notification-To": "{Customer}"}))
    draft = route_draft(route, {"Number": "ü", "Customer": "Anna <anna@example.org>"})
    assert custom_fields(draft, draft.headers) == [
        "X-Order: =?utf-8?B?w7w=?=\r\n",
        "Disposition-Notification-To: Anna <anna@example.org>\r\n",
    ]


def test_a_required_value_is_asked_for_first() -> None:
    read = text({"X-Order": "{Number}"}).replace(
        "{system_name: Number}", "{system_name: Number, required: true}"
    )
    with pytest.raises(DraftError, match="'Number' has no value"):
        route_draft(read_route(read), {})
