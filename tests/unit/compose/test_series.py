"""One draft for many recipients."""

from __future__ import annotations

import pytest
from tests.properties.mail_oracle import assert_sound, composer, parts_of, value_of

from eilbote.compose.file_source import EncodedSource
from eilbote.compose.series import SeriesRecipient
from eilbote.errors import AddressError, DraftError, HeaderError, PlaceholderError
from eilbote.model.address import Mailbox
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft
from eilbote.model.message import BodyKind
from eilbote.model.status import RecipientKind

DRAFT = Draft(
    from_="News <news@example.org>",
    subject="Dear {{ name }}",
    text="Hello {{name}}, your code is {{ code }}.",
    html='<p>Hello {{ name }}<a href="https://example.org/{{ code }}">x</a>',
    unsubscribe="https://example.org/stop/{{ code }}",
    one_click_unsubscribe=True,
    headers={"X-Code": "{{ code }}"},
)
ANNE = SeriesRecipient("Anne <anne@example.net>", {"name": "Anne & <Co>", "code": "a/b c"})


def test_values_are_put_where_they_belong_and_as_they_belong() -> None:
    envelope, message = composer().series(DRAFT).compose(ANNE)
    octets = message.octets()
    assert_sound(octets)
    assert (envelope.reverse_path, envelope.forward_paths) == ("news@example.org", ("anne@example.net",))
    assert envelope.kinds == (RecipientKind.TO,)
    assert value_of(octets, "To") == "Anne <anne@example.net>"
    assert value_of(octets, "Subject") == "Dear Anne & <Co>"
    assert value_of(octets, "List-Unsubscribe") == "<https://example.org/stop/a%2Fb%20c>"
    assert value_of(octets, "X-Code") == "a/b c"
    plain, html = (part.get_payload(decode=True) for part in parts_of(octets))
    assert plain == b"Hello Anne & <Co>, your code is a/b c."
    assert html == b'<p>Hello Anne &amp; &lt;Co&gt;<a href="https://example.org/a/b c">x</a>'


def test_everybody_gets_their_own_message() -> None:
    series = composer().series(DRAFT)
    made = [
        series.compose(SeriesRecipient(Mailbox("", name, "example.net"), {"name": name, "code": "x"}))
        for name in ("anne", "ben", "anne")
    ]
    assert [envelope.forward_paths for envelope, _ in made] == [
        ("anne@example.net",),
        ("ben@example.net",),
        ("anne@example.net",),
    ]
    assert len({message.message_id for _, message in made}) == 3
    assert b"ben" not in made[2].message.octets()


@pytest.mark.parametrize(
    "values, field, position",
    [
        ({"name": "x"}, "unsubscribe", 25),
        ({"code": "x"}, "text", 6),
        ({}, "unsubscribe", 25),
        ({"name": 1, "code": "x"}, "text", 6),
        ({"name": None, "code": "x"}, "text", 6),
    ],
)
def test_a_missing_value_has_a_place(values: dict[str, str], field: str, position: int) -> None:
    with pytest.raises(PlaceholderError) as caught:
        composer().series(DRAFT).compose(SeriesRecipient("a@b.example", values))
    assert (caught.value.field, caught.value.position) == (field, position)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "text", ["{{", "{{ }}", "{{ a b }}", "{{ 1a }}", "{{a}", "x {{a | upper}}", "{{ a.b() }}", "{{{ a }}}"]
)
def test_malformed_placeholders_are_found_before_anybody_is_written_to(text: str) -> None:
    with pytest.raises(PlaceholderError) as caught:
        composer().series(Draft(from_="a@b.example", text=text))
    assert (caught.value.field, caught.value.position) == ("text", text.index("{{"))


def test_braces_can_be_written() -> None:
    series = composer().series(Draft(from_="a@b.example", text='{{ "{{" }} x }} {{ a }} } {'))
    octets = series.compose(SeriesRecipient("c@d.example", {"a": "{{ b }}"})).message.octets()
    assert octets.endswith(b"\r\n\r\n{{ x }} {{ b }} } {\r\n")


def test_a_value_cannot_break_a_header() -> None:
    series = composer().series(DRAFT)
    with pytest.raises(HeaderError) as caught:
        series.compose(SeriesRecipient("a@b.example", {"name": "x", "code": "x\r\nBcc: thief@example.com"}))
    assert caught.value.field == "headers.X-Code"


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"to": "a@b.example"}, "to"),
        ({"cc": "a@b.example"}, "cc"),
        ({"bcc": "a@b.example"}, "bcc"),
        ({"message_id": "<a@b>"}, "message_id"),
    ],
)
def test_what_does_not_suit_a_series(changes: dict[str, str], field: str) -> None:
    with pytest.raises(DraftError) as caught:
        composer().series(DRAFT.replace(**changes))
    assert caught.value.field == field
    assert caught.value.remedy


@pytest.mark.parametrize("headers", [{"Bcc": "{{ code }}"}, {"X-Count": 7}])
def test_headers_nobody_may_set_are_found_before_anybody_is_written_to(headers: dict[str, str]) -> None:
    with pytest.raises(HeaderError):
        composer().series(DRAFT.replace(headers=headers))


def test_a_bad_address_concerns_one_recipient() -> None:
    series = composer().series(DRAFT)
    with pytest.raises(AddressError) as caught:
        series.compose(SeriesRecipient("a@b, c@d", ANNE.values))
    assert caught.value.field == "to"
    assert series.compose(ANNE)


def test_a_large_attachment_is_encoded_once_and_shared() -> None:
    draft = DRAFT.replace(attachments=[Attachment.from_bytes(b"x" * 200_000, filename="x.bin")])
    series = composer().series(draft)
    first, second = (series.compose(ANNE).message.segments for _ in range(2))
    shared = [segment for segment in first if isinstance(segment, EncodedSource)]
    assert shared
    assert shared[0] in second


def test_a_value_outside_ascii_changes_only_the_messages_it_is_in() -> None:
    series = composer().series(DRAFT, body=BodyKind.EIGHT_BIT)
    kinds = [
        series.compose(SeriesRecipient("a@b.example", {"name": name, "code": "x"})).message.body
        for name in ("Anne", "Änne", "Anne")
    ]
    assert kinds == [BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT, BodyKind.SEVEN_BIT]


def test_an_international_recipient() -> None:
    series = composer().series(DRAFT)
    first = series.compose(SeriesRecipient("jürgen@example.net", ANNE.values))
    assert first.message.smtputf8
    assert_sound(first.message.octets(), utf8_header=True)
    assert not series.compose(ANNE).message.smtputf8


def test_braces_that_become_visible_in_the_derived_text_are_no_placeholder() -> None:
    """An author who shows braces in HTML writes them as entities; the text derived from it must not read them again."""
    draft = Draft(
        from_="news@example.org", subject="x", html="<p>&#123;&#123; secret }} {{ name }} &#123;&#123; x"
    )
    given = {"name": "Anne", "secret": "s3cr3t"}
    octets = composer().series(draft).compose(SeriesRecipient("anne@example.net", given)).message.octets()
    plain, _ = (part.get_payload(decode=True) for part in parts_of(octets))
    assert plain == b"{{ secret }} Anne {{ x\r\n"


def test_a_value_missing_in_a_derived_text_is_missing_in_the_html() -> None:
    draft = Draft(from_="news@example.org", subject="x", html="<p>Dear {{ name }}</p>")
    with pytest.raises(PlaceholderError) as caught:
        composer().series(draft).compose(SeriesRecipient("anne@example.net", {}))
    assert caught.value.field == "html"
