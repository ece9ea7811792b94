"""From a route and values to a message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from eilbote.author.process.route.mail import route_draft
from eilbote.author.process.route.route import MessageFormat, Route
from eilbote.author.process.route.text import read_route
from eilbote.errors import AddressError, DraftError, NoRecipientsError, PlaceholderError
from eilbote.model.address import parse_mailbox
from eilbote.model.data import Data
from eilbote.model.draft import Draft, Priority

TEXT = """\
message_name: order-ready
locale: de
time_zone: Europe/Berlin
attributes:
  - {system_name: Customer, type: account, required: true}
  - {system_name: Total, type: number}
  - {system_name: Note}
  - {system_name: Start, type: date_time}
  - {system_name: End, type: date_time}
  - {system_name: Length, type: duration}
  - {system_name: Invoice, type: document}
  - {system_name: More, type: document}
properties:
  to: "{Customer}; sales@example.org"
  subject: "Order of {Customer}: {Total} EUR"
  message: "Dear {Customer},\\n{Note}\\n{Unknown} {x: y}"
  attachments: [invoice, More]
"""
VALUES: dict[str, Data] = {
    "customer": {"address": "anna@example.org", "name": "Anna"},
    "TOTAL": "1234.50",
    "Note": "as <b>agreed</b>",
}


def route(**properties: object) -> Route:
    read = read_route(TEXT)
    return replace(read, properties=replace(read.properties, **properties))  # type: ignore[arg-type]


def draft(values: dict[str, Data] | None = None, **properties: object) -> Draft:
    return route_draft(route(**properties), {**VALUES, **(values or {})})


def test_values_stand_where_their_names_did() -> None:
    made = draft()
    assert [str(each) for each in made.to] == ["Anna <anna@example.org>", "sales@example.org"]
    assert made.subject == "Order of Anna: 1234,50 EUR"
    assert made.text == "Dear Anna,\nas <b>agreed</b>\n{Unknown} {x: y}"
    assert made.html is None
    assert made.from_ is None
    assert made.attachments == ()


@pytest.mark.parametrize("kind", [MessageFormat.HTML, MessageFormat.BOTH])
def test_in_html_a_value_is_text(kind: MessageFormat) -> None:
    made = draft(format=kind, message="<p>{Note}</p>\n<p title='{Note}'>{x}</p>")
    assert made.html is not None
    assert "as &lt;b&gt;agreed&lt;/b&gt;</p>" in made.html
    assert 'title="as &lt;b&gt;agreed&lt;/b&gt;"' in made.html
    assert "{x}" in made.html


def test_lines_of_a_value_stay_lines_in_html() -> None:
    made = draft({"Note": "Street 1\nCity"}, format=MessageFormat.HTML, message="<p>{Note}</p>")
    assert made.html == "<p>Street 1<br>City</p>"


def test_styles_are_written_into_the_elements_and_keep_their_braces() -> None:
    made = draft(
        format=MessageFormat.HTML, message="<style>p { color: red }</style><p>{Total}</p><!-- {Total} -->"
    )
    assert made.html == '<p style="color:red">1234,50</p>'


def test_a_subject_is_one_line() -> None:
    made = draft({"Note": "a\r\nBcc: eva@example.org"}, subject="x {Note}")
    assert made.subject == "x a Bcc: eva@example.org"
    assert made.bcc == ()


def test_documents_are_attached_in_their_order_and_missing_ones_left_out() -> None:
    made = draft({"More": [{"name": "b.txt", "text": "b"}, {"name": "c.txt", "text": "c"}]})
    assert [each.filename for each in made.attachments] == ["b.txt", "c.txt"]
    made = draft({"More": {"name": "b.txt", "text": "b"}, "Invoice": {"name": "a.pdf", "content": "AAAA"}})
    assert [each.filename for each in made.attachments] == ["a.pdf", "b.txt"]


def test_a_required_attribute_without_a_value_is_told_by_its_name() -> None:
    with pytest.raises(PlaceholderError, match="'Customer' has no value") as caught:
        draft({"customer": ""})
    assert caught.value.field == "Customer"


def test_a_message_for_nobody_is_refused() -> None:
    with pytest.raises(NoRecipientsError) as caught:
        draft({"Note": None}, to="{Note}")
    assert caught.value.field == "to"


def test_a_name_beside_the_sender_address_of_the_connection() -> None:
    office = parse_mailbox("Office <office@example.org>", field="from")
    named = route(from_name="Shop of {Customer}")
    assert str(route_draft(named, VALUES, sender=office).from_) == "Shop of Anna <office@example.org>"
    with pytest.raises(DraftError, match="no sender address") as caught:
        route_draft(named, VALUES)
    assert caught.value.field == "from_name"
    assert str(route_draft(route(from_name="{Length}"), VALUES, sender=office).from_) == str(office)
    assert route_draft(route(), VALUES, sender=office).from_ is None


def test_a_sender_of_the_routes_own() -> None:
    made = draft(from_address="shop@example.org", from_name="{Customer}, shop")
    assert str(made.from_) == '"Anna, shop" <shop@example.org>'
    assert str(draft(from_address="{Customer}").from_) == "Anna <anna@example.org>"


def test_answers_go_where_the_route_says() -> None:
    made = draft(reply_to="{Customer}; help@example.org")
    assert [str(each) for each in made.reply_to] == ["Anna <anna@example.org>", "help@example.org"]
    assert draft().reply_to == ()
    assert draft({"Note": None}, reply_to="{Note}").reply_to == ()


def test_a_bad_address_for_answers_is_told_by_its_field() -> None:
    with pytest.raises(AddressError) as caught:
        draft({"Note": "a@example.org\r\nBcc: eva@example.org"}, reply_to="{Note}")
    assert caught.value.field == "reply_to"


def test_a_priority_is_that_of_the_message() -> None:
    assert draft().priority is Priority.NORMAL
    assert draft(priority=Priority.HIGH).priority is Priority.HIGH


MEETING = """\
  meeting: {start: "START", end: "END", place: "Room {Note}"}
"""


def meeting(start: str, end: str, **values: Data) -> Draft:
    read = read_route(TEXT + MEETING.replace("START", start).replace("END", end))
    return route_draft(read, {**VALUES, **values})


@pytest.mark.parametrize(
    "start, end, hours",
    [
        ("{Start}", "{End}", (17, 19)),
        ("{Start}", "{Length}", (17, 18)),
        ("{Start}", "PT2H", (17, 19)),
        ("2026-12-24T18:00", "2026-12-24T18:00:00Z", (17, 18)),
        ("2026-12-24T{Total}:00", "P1D", (17, 17)),
    ],
)
def test_a_meeting_is_an_invitation(start: str, end: str, hours: tuple[int, int]) -> None:
    made = meeting(
        start,
        end,
        Start="2026-12-24T18:00:00",
        End="2026-12-24T20:00:00+01:00",
        Length="PT1H",
        Total=18,
        Note="7",
    )
    found = made.invitation
    assert found is not None
    assert (found.start.astimezone(UTC).hour, found.end.astimezone(UTC).hour) == hours
    assert found.start.astimezone(UTC).date() == datetime(2026, 12, 24, tzinfo=UTC).date()
    assert (found.summary, found.location) == ("Order of Anna: 18 EUR", "Room 7")
    assert found.description.startswith("Dear Anna,")


def test_a_meeting_without_beginning_and_end_is_none() -> None:
    assert meeting("{Start}", "{End}").invitation is None


@pytest.mark.parametrize(
    "values, field",
    [
        ({"Start": "2026-12-24T18:00"}, "meeting.end"),
        ({"End": "2026-12-24T18:00"}, "meeting.start"),
        ({"Start": "2026-12-24T18:00", "End": "2026-12-24T17:00"}, "meeting.end"),
    ],
)
def test_a_meeting_that_cannot_be_is_told(values: dict[str, Data], field: str) -> None:
    with pytest.raises(DraftError) as caught:
        meeting("{Start}", "{End}", **values)
    assert caught.value.field == field


def test_no_meeting_lasts_months() -> None:
    with pytest.raises(PlaceholderError, match="months"):
        meeting("{Start}", "P1M", Start="2026-12-24T18:00")
