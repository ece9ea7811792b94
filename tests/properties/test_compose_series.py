"""A series gives the very messages that composing each filled draft would give."""

from __future__ import annotations

import re

import hypothesis.strategies as st
import pytest
from hypothesis import example, given
from tests.properties.mail_oracle import CRAFTED, assert_sound, attempt

from eilbote.compose.composed import Composed
from eilbote.compose.composer import Composer
from eilbote.compose.placeholders import Pattern, in_html
from eilbote.compose.series import SeriesRecipient
from eilbote.errors import DraftError, EilboteError
from eilbote.model.address import Mailbox
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

PLAIN = ("Ann Lee <a@b.example>", {"name": "Ann", "link": "x"})
UMLAUT = ("Jürgen <j@b.example>", {"name": "Jürgen", "link": "ü"})
MARKUP = ("a@b.example", {"name": "a & b", "link": "a & b"})
TOKEN = "=_a_fixed0000000000000000001_1_"
LARGE = Attachment.from_bytes(b"y" * 100_000, filename="large.bin")


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


BLOCKS = st.lists(
    st.tuples(
        st.sampled_from(
            ["a@b.example", "Ann Lee <a@b.example>", "Jürgen <a@b.example>", '"A, B" <a@b.example>']
        )
        | st.just(Mailbox("Max", "max", "b.example"))
        | st.just("müller@b.example")
        | st.sampled_from(["", "a@", "J" * 80 + " <a@b.example>", "x\r\nBcc: c <a@b.example>"]),
        st.fixed_dictionaries({"name": VALUES, "link": VALUES}) | st.just({"name": "n", "link": "l"}),
    ),
    min_size=1,
    max_size=5,
)


@given(
    subject=PATTERNS,
    text=st.none() | PATTERNS,
    html=st.none() | PATTERNS,
    attachments=ATTACHMENTS,
    headers=st.sampled_from([{}, {"X-Campaign": "spring"}, {"X-Campaign": "{{ name }}"}]),
    recipients=BLOCKS,
    body=st.sampled_from([BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT]),
)
@example("{{ name }} %s", "{{name}}", "<p>{{ name }}", [], {}, [PLAIN, UMLAUT, PLAIN], BodyKind.EIGHT_BIT)
@example("{{ name }}", "ü{{name}}", "<p>ü{{link}}", [], {}, [PLAIN, UMLAUT, PLAIN], BodyKind.EIGHT_BIT)
@example("{{ name }}", "ü{{name}}", None, [], {}, [PLAIN, MARKUP], BodyKind.EIGHT_BIT)
@example("x", "ü", "<p>{{ name }}{{link}}", [], {}, [PLAIN, MARKUP], BodyKind.EIGHT_BIT)
@example("x", "ü{{name}}", None, [], {}, [PLAIN, ("a@b.example", {"name": "a\r\nb"})], BodyKind.EIGHT_BIT)
@example(
    "{{name}}", "ü", None, [], {}, [PLAIN, ("a@b.example", {"name": "=?utf-8?Q?a?="})], BodyKind.EIGHT_BIT
)
@example("{{name}}", "ü", None, [], {}, [PLAIN, ("a@b.example", {"name": " "})], BodyKind.EIGHT_BIT)
@example("{{name}}", "ü", None, [], {}, [PLAIN, ("a@b.example", {"name": "long " * 20})], BodyKind.EIGHT_BIT)
@example(
    "x", "w" * 980 + "{{name}}", None, [], {}, [PLAIN, ("a@b", {"name": "0123456789"})], BodyKind.EIGHT_BIT
)
@example("x", "{{name}}", "", [], {}, [PLAIN, ("a@b.example", {"name": TOKEN})], BodyKind.EIGHT_BIT)
@example("x", "{{name}}", None, [LARGE], {}, [PLAIN, PLAIN], BodyKind.EIGHT_BIT)
def test_several_at_once_are_the_same_as_each(  # noqa: PLR0917 - drawn by name
    subject: str,
    text: str | None,
    html: str | None,
    attachments: list[Attachment],
    headers: dict[str, str],
    recipients: list[tuple[str | Mailbox, dict[str, str]]],
    body: BodyKind,
) -> None:
    try:
        draft = Draft(
            from_="me@example.org",
            subject=subject,
            text=text,
            html=html,
            attachments=attachments,
            headers=headers,
        )
        several, each = (composer().series(draft, body=body) for _ in range(2))
    except EilboteError:
        return
    block = [SeriesRecipient(to, values) for to, values in recipients]
    try:
        made = several.compose_several(block)
    except EilboteError:
        made = None
        with pytest.raises(EilboteError):
            [each.compose(one) for one in block]
    if made is None:
        return
    assert len(made) == len(block)
    for composed, alone in zip(made, map(each.compose, block), strict=True):
        assert composed.envelope == alone.envelope
        assert outcome(composed.message.octets()) == outcome(alone.message.octets())
        assert (composed.message.size, composed.message.body, composed.message.smtputf8) == (
            alone.message.size,
            alone.message.body,
            alone.message.smtputf8,
        )
        assert len(composed.message.segments) == len(alone.message.segments)


def test_most_blocks_are_made_at_once() -> None:
    """Or nothing would be compared above."""
    draft = Draft(from_="me@example.org", subject="For {{ name }}", text="Hi {{name}}, ü", html="<p>{{link}}")
    series = composer().series(draft, body=BodyKind.EIGHT_BIT)
    block = [SeriesRecipient(*each) for each in (PLAIN, UMLAUT, MARKUP)]

    made = series.compose_several(block)

    assert made is not None
    assert len({one.message.message_id for one in made}) == 3
    assert b"a &amp; b" in made[2].message.octets()


@pytest.mark.parametrize(
    "unusual",
    [
        ('"A, B" <a@b.example>', PLAIN[1]),
        ("müller@b.example", PLAIN[1]),
        (PLAIN[0], {"name": "x"}),
        (PLAIN[0], {"name": "a\r\nBcc: c@d.example", "link": "x"}),
        (PLAIN[0], {"name": "w" * 1_000, "link": "x"}),
        (PLAIN[0], {"name": 7, "link": "x"}),
    ],
)
def test_one_unusual_recipient_sends_the_block_the_long_way(unusual: tuple[str, dict[str, str]]) -> None:
    draft = Draft(from_="me@example.org", subject="s", text="Hi {{name}}, ü", html="<p>{{link}}")
    series = composer().series(draft, body=BodyKind.EIGHT_BIT)

    assert series.compose_several([SeriesRecipient(*PLAIN), SeriesRecipient(*unusual)]) is None
