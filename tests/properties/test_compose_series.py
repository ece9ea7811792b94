"""A series gives the very messages that composing each filled draft would give."""

from __future__ import annotations

import re

import hypothesis.strategies as st
from hypothesis import example, given
from tests.properties.mail_oracle import CRAFTED, assert_sound, attempt

from eilbote.compose.composed import Composed
from eilbote.compose.composer import Composer
from eilbote.compose.placeholders import Pattern, in_html
from eilbote.compose.series import SeriesRecipient
from eilbote.errors import DraftError
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft
from eilbote.model.message import BodyKind
from eilbote.testing.fixed_ids import FixedIds
from eilbote.testing.manual_clock import ManualClock

LITERALS = (
    st.text("abc \n_=", max_size=30)
    | st.text("abc ü&<>\n_=%", max_size=30)
    | st.sampled_from(["w" * 985, "--=_a_", "<p>\r\n</p>"])
)
PATTERNS = st.lists(LITERALS | st.sampled_from(["{{ name }}", "{{link}}"]), max_size=6).map("".join)
EVERYDAY = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
VALUES = (
    EVERYDAY
    | st.text(st.characters(codec="utf-8"), max_size=30)
    | CRAFTED.filter(lambda text: "\n" not in text[:1])
)
ATTACHMENTS = st.lists(
    st.sampled_from(
        [
            Attachment.from_bytes(b"x" * 50, filename="small.bin"),
            Attachment.from_bytes(b"y" * 100_000, filename="large.bin"),
            Attachment.from_bytes(b"p", filename="p.png").as_inline("p"),
            Attachment.from_mime(b"Content-Type: text/plain\n\nready"),
        ]
    ),
    max_size=2,
    unique_by=lambda attachment: attachment.filename,
)


def composer() -> Composer:
    return Composer(clock=ManualClock(), ids=FixedIds())


def outcome(octets: bytes) -> bytes:
    """What is left when names that differ by nature are made the same."""
    without_boundaries = re.sub(rb"=_[amrp]_fixed\w+", b"BOUNDARY", octets)
    return re.sub(rb"<fixed\d+@", b"<ID@", without_boundaries)


@given(
    subject=PATTERNS,
    text=st.none() | PATTERNS,
    html=st.none() | PATTERNS,
    attachments=ATTACHMENTS,
    name=VALUES,
    link=VALUES,
    body=st.sampled_from([BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT]),
)
@example("{{ name }}", "{{name}}", "<p>{{ name }}", [], "a\r\nb", "x", BodyKind.SEVEN_BIT)
@example("", "w" * 980 + "{{name}}", None, [], "0123456789a", "x", BodyKind.SEVEN_BIT)
@example("", "{{name}}", "", [], "=_a_fixed0000000000000000001_1_", "x", BodyKind.SEVEN_BIT)
@example("{{name}}", "{{name}}", "<p>{{link}}", [], "Jürgen", "x", BodyKind.EIGHT_BIT)
@example("x", "ü {{name}}", "<p>{{link}}", [], "x", "Jürgen & Söhne", BodyKind.EIGHT_BIT)
@example("x", "{{name}}", "<p>ü", [], "Jürgen", "x", BodyKind.SEVEN_BIT)
@example("x", "{{name}}" * 20, None, [], "\U0001f600" * 13, "x", BodyKind.EIGHT_BIT)
def test_same_as_composing_each(  # noqa: PLR0917 - drawn by name
    subject: str,
    text: str | None,
    html: str | None,
    attachments: list[Attachment],
    name: str,
    link: str,
    body: BodyKind,
) -> None:
    values = {"name": name, "link": link}
    pattern = Draft(from_="a@b.example", subject=subject, text=text, html=html, attachments=attachments)
    series = composer().series(pattern, body=body)
    recipient = SeriesRecipient("Ann Other <ann@example.net>", values)
    if text is None and html is not None:
        from eilbote.template.html_text import html_to_text

        text = html_to_text(html)

    def each() -> Composed:
        filled = Draft(
            from_="a@b.example",
            to="Ann Other <ann@example.net>",
            subject=Pattern(subject, "subject").fill(values),
            text=None if text is None else Pattern(text, "text").fill(values),
            html=None if html is None else Pattern(html, "html").fill(values, in_html),
            attachments=attachments,
        )
        return composer().compose(filled, body=body)

    expected = attempt(each)
    made = attempt(lambda: series.compose(recipient))
    if isinstance(made, DraftError):
        assert isinstance(expected, DraftError)
        return
    assert not isinstance(expected, DraftError)
    assert outcome(made.message.octets()) == outcome(expected.message.octets())
    assert made.envelope == expected.envelope
    assert (made.message.body, made.message.smtputf8) == (expected.message.body, expected.message.smtputf8)
    assert made.message.size == len(made.message.octets())
    assert_sound(made.message.octets(), eight_bit=made.message.body is not BodyKind.SEVEN_BIT)
    # and the next one does not remember the last
    assert outcome(series.compose(recipient).message.octets()) == outcome(made.message.octets())


@given(st.text(st.sampled_from('{}x \n"_'), max_size=12), VALUES)
def test_a_pattern_is_read_once(text: str, value: str) -> None:
    pattern = attempt(lambda: Pattern(text, "text"))
    if isinstance(pattern, DraftError):
        assert pattern.field == "text"
        assert pattern.position is not None
        assert text.startswith("{{", pattern.position)
        return
    filled = pattern.fill(dict.fromkeys(pattern.names, value))
    assert filled == "".join(
        literal + piece
        for literal, piece in zip(pattern.literals, [value] * len(pattern.names) + [""], strict=True)
    )
    if "{{" not in text:
        assert filled == text
