"""Values of message attributes: what is taken, what is refused, and how it reads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from eilbote.author.process.route.attribute_values import (
    Accounts,
    AttributeValue,
    Documents,
    Duration,
    read_values,
    text_of,
)
from eilbote.author.process.route.route import AttributeType, MessageAttribute
from eilbote.errors import PlaceholderError
from eilbote.model.data import Data

T = AttributeType


def read(
    kind: AttributeType, given: Data, *, required: bool = False, time_zone: str = "UTC"
) -> AttributeValue | None:
    attribute = MessageAttribute(name="A", system_name="A", type=kind, is_required=required)
    return read_values((attribute,), {"A": given}, time_zone=time_zone)["a"]


@pytest.mark.parametrize(
    "kind, given, value",
    [
        (T.TEXT, "Anna", "Anna"),
        (T.TEXT, 4711, "4711"),
        (T.TEXT, Decimal("1.50"), "1.50"),
        (T.TEXT, True, "true"),
        (T.NUMBER, 12, Decimal(12)),
        (T.NUMBER, " 1234.50 ", Decimal("1234.50")),
        (T.NUMBER, "-3", Decimal(-3)),
        (T.DURATION, "P1Y2M3DT4H5M6S", Duration(years=1, months=2, days=3, hours=4, minutes=5, seconds=6)),
        (T.DURATION, "P2W", Duration(weeks=2)),
        (T.DATE_TIME, "2026-12-24T18:00:00Z", datetime(2026, 12, 24, 18, tzinfo=UTC)),
        (T.DATE_TIME, "2026-12-24 18:00", datetime(2026, 12, 24, 18, tzinfo=UTC)),
        (T.DATE_TIME, "2026-12-24", date(2026, 12, 24)),
        (T.DATE_TIME, 0, datetime(1970, 1, 1, tzinfo=UTC)),
        (T.BOOLEAN, True, True),
        (T.BOOLEAN, "False", False),
        (T.BOOLEAN, "yes", True),
    ],
)
def test_what_says_plainly_what_it_is_is_taken(
    kind: AttributeType, given: Data, value: AttributeValue
) -> None:
    found = read(kind, given)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "kind, given",
    [
        (T.TEXT, ["a"]),
        (T.TEXT, {"a": "b"}),
        (T.NUMBER, "12 EUR"),
        (T.NUMBER, "1,234.50"),
        (T.NUMBER, "1e5"),
        (T.NUMBER, "\u0661"),
        (T.NUMBER, True),
        (T.NUMBER, Decimal("NaN")),
        (T.NUMBER, Decimal("1E+999999")),
        (T.DURATION, "90"),
        (T.DURATION, 90),
        (T.DURATION, "P"),
        (T.DURATION, "PT"),
        (T.DURATION, "P1DT"),
        (T.DATE_TIME, "tomorrow"),
        (T.DATE_TIME, "2026-02-30"),
        (T.DATE_TIME, True),
        (T.DATE_TIME, 10**30),
        (T.BOOLEAN, "maybe"),
        (T.BOOLEAN, 1),
        (T.DOCUMENT, "invoice.pdf"),
        (T.DOCUMENT, {"content": "AAAA"}),
        (T.DOCUMENT, {"name": "x", "content": "AAAA", "text": "x"}),
        (T.DOCUMENT, {"name": "x"}),
        (T.DOCUMENT, {"name": "x", "content": "no base64!"}),
        (T.DOCUMENT, {"name": "x", "text": "y", "media_type": "nonsense"}),
        (T.DOCUMENT, {"name": "x", "extension": 7, "text": "y"}),
        (T.DOCUMENT, {"name": "x", "extension": "../pdf", "text": "y"}),
        (T.DOCUMENT, {"name": "x", "extension": "pdf\r\nBcc: eva@example.org", "text": "y"}),
        (T.DOCUMENT, {"extension": "pdf", "content": "AAAA"}),
        (T.ACCOUNT, 7),
        (T.ACCOUNT, {"name": "Anna"}),
        (T.ACCOUNT, {"address": "anna@example.org, eva@example.org"}),
        (T.ACCOUNT, "Anna"),
        (T.ACCOUNT, {"address": "anna@example.org", "name": "An\x00na"}),
    ],
)
def test_anything_else_is_refused_by_the_name_of_its_attribute(kind: AttributeType, given: Data) -> None:
    with pytest.raises(PlaceholderError, match="'A'") as caught:
        read(kind, given)
    assert caught.value.field == "A"
    assert caught.value.remedy


@pytest.mark.parametrize("kind", AttributeType)
@pytest.mark.parametrize("given", [None, "", "  ", [], {}])
def test_nothing_is_nothing_and_refused_where_something_is_required(kind: AttributeType, given: Data) -> None:
    assert read(kind, given) is None
    with pytest.raises(PlaceholderError, match="has no value"):
        read(kind, given, required=True)


def test_names_are_compared_without_regard_to_capitals_and_unknown_ones_left_alone() -> None:
    attributes = (MessageAttribute(name="", system_name="Total"),)
    assert read_values(attributes, {"TOTAL": "1", "Tax": "2"}) == {"total": "1"}


def test_false_and_zero_are_values() -> None:
    assert read(T.BOOLEAN, False, required=True) is False
    assert read(T.NUMBER, 0, required=True) == 0


def test_a_time_without_a_zone_is_in_the_zone_of_the_route() -> None:
    found = read(T.DATE_TIME, "2026-12-24T18:00", time_zone="Europe/Berlin")
    assert isinstance(found, datetime)
    assert found.astimezone(UTC).hour == 17


@pytest.mark.parametrize(
    "given, people",
    [
        ("Anna <anna@example.org>", ["Anna <anna@example.org>"]),
        ({"address": "anna@example.org", "name": "Müller, Anna"}, ['"Müller, Anna" <anna@example.org>']),
        ({"email": " anna@example.org ", "name": None}, ["anna@example.org"]),
        (["a@example.org", {"address": "B <b@example.org>"}], ["a@example.org", "B <b@example.org>"]),
    ],
)
def test_an_account_is_an_address_and_a_name(given: Data, people: list[str]) -> None:
    found = read(T.ACCOUNT, given)
    assert isinstance(found, Accounts)
    assert [str(each) for each in found.people] == people


def test_a_document_is_a_name_and_what_is_in_it() -> None:
    found = read(T.DOCUMENT, [{"name": "a.pdf", "content": "JVBERi0="}, {"name": "b.txt", "text": "Grüße"}])
    assert isinstance(found, Documents)
    first, second = found.files
    assert (first.filename, first.media_type, first.content) == ("a.pdf", "application/pdf", b"%PDF-")
    assert (second.filename, second.content) == ("b.txt", "Grüße".encode())


@pytest.mark.parametrize(
    "name, extension, filename, media_type",
    [
        ("invoice", "pdf", "invoice.pdf", "application/pdf"),
        ("invoice", ".pdf", "invoice.pdf", "application/pdf"),
        ("invoice.PDF", "pdf", "invoice.PDF", "application/pdf"),
        ("invoice.", "pdf", "invoice.pdf", "application/pdf"),
        ("invoice 3.5", "pdf", "invoice 3.5.pdf", "application/pdf"),
        ("data", "tar.gz", "data.tar.gz", "application/octet-stream"),
        ("invoice.pdf", "", "invoice.pdf", "application/pdf"),
        ("invoice.pdf", None, "invoice.pdf", "application/pdf"),
    ],
)
def test_the_extension_of_a_document_may_stand_beside_its_name(
    name: str, extension: str | None, filename: str, media_type: str
) -> None:
    found = read(T.DOCUMENT, {"name": name, "extension": extension, "content": "JVBERi0="})
    assert isinstance(found, Documents)
    assert [(each.filename, each.media_type) for each in found.files] == [(filename, media_type)]


@pytest.mark.parametrize(
    "kind, given, locale, text",
    [
        (T.NUMBER, "1234.50", "en", "1234.50"),
        (T.NUMBER, "1234.50", "de", "1234,50"),
        (T.NUMBER, Decimal("1E+3"), "de-DE", "1000"),
        (T.NUMBER, 4711, "de", "4711"),
        (T.BOOLEAN, True, "de_AT", "ja"),
        (T.BOOLEAN, False, "ru", "нет"),
        (T.BOOLEAN, False, "sw", "no"),
        (T.DURATION, "P2DT4H", "en", "2 days, 4 hours"),
        (T.DURATION, "PT90M", "de", "90 Minuten"),
        (T.DURATION, "PT0S", "en", "0 seconds"),
        (T.DATE_TIME, "2026-12-24", "de", "24.12.2026"),
        (T.DATE_TIME, "2026-12-24T18:00:00Z", "de", "24.12.2026, 19:00 MEZ"),
        (T.DATE_TIME, "2026-12-24T18:00:00Z", "fr", "24 déc. 2026, 19:00 UTC+01:00"),
        (T.ACCOUNT, "Anna <anna@example.org>", "en", "Anna"),
        (T.ACCOUNT, ["anna@example.org", "B <b@example.org>"], "en", "anna@example.org, B"),
        (T.TEXT, "{Total} {{ x }}", "en", "{Total} {{ x }}"),
        (T.TEXT, None, "en", ""),
    ],
)
def test_values_are_written_in_the_language_of_the_route(
    kind: AttributeType, given: Data, locale: str, text: str
) -> None:
    assert text_of(read(kind, given), locale=locale, time_zone="Europe/Berlin") == text


def test_utc_is_called_so() -> None:
    found = read(T.DATE_TIME, "2026-12-24T18:00:00Z")
    assert text_of(found, locale="en") == "Dec 24, 2026, 6:00\N{NARROW NO-BREAK SPACE}PM UTC"


def test_no_text_holds_a_document() -> None:
    with pytest.raises(PlaceholderError, match="document"):
        text_of(read(T.DOCUMENT, {"name": "a", "text": "b"}))
