"""Short cuts give what the long ways give."""

from __future__ import annotations

import re

import hypothesis.strategies as st
from hypothesis import example, given
from tests.properties.mail_oracle import ENCODABLE, HOSTILE, attempt, compose, composer

from eilbote.compose.address_fields import address_field, mailbox_field
from eilbote.compose.composer import Composer
from eilbote.compose.encoded_word import encoded_words
from eilbote.compose.header_fields import free_text
from eilbote.compose.header_section import own_section_of_one, section
from eilbote.compose.limits import ComposeLimits
from eilbote.compose.parts import IN_PLACE, html_part, plain_part
from eilbote.compose.passages import Passages
from eilbote.compose.transfer_encoding import encode_text
from eilbote.compose.tree import Tokens, absent_token, arrange, two_texts
from eilbote.errors import DraftError
from eilbote.model.address import Mailbox
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft
from eilbote.model.envelope import DsnRequest
from eilbote.model.message import BodyKind
from eilbote.testing.fixed_ids import FixedIds
from eilbote.testing.manual_clock import ManualClock

TEXTS = HOSTILE | ENCODABLE | st.just("=_a_fixed0000000000000000001_1_")


@given(TEXTS, TEXTS, st.sampled_from(BodyKind))
@example("=_a_fixed0000000000000000001_1_", "", BodyKind.SEVEN_BIT)
@example("", "fixed0000000000000000001_1_", BodyKind.SEVEN_BIT)
@example("ü", "x", BodyKind.EIGHT_BIT)
def test_the_everyday_body_and_the_tree(text: str, html: str, body: BodyKind) -> None:
    def long_way() -> list[object]:
        versions = [plain_part(text, body), html_part(html, body)]
        root = arrange(versions, (), (), absent_token(versions, Tokens(FixedIds())))
        return [root.header, b"".join(root.content), root.kind, root.clear]  # type: ignore[arg-type] - all octets

    def short_cut() -> list[object]:
        root = two_texts(text, html, body, Tokens(FixedIds()))
        return [root.header, b"".join(root.content), root.kind, root.clear]  # type: ignore[arg-type] - all octets

    expected, got = attempt(long_way), attempt(short_cut)
    if isinstance(expected, DraftError):
        assert isinstance(got, DraftError)
        assert (got.field, got.position) == (expected.field, expected.position)
    else:
        assert got == expected


@given(HOSTILE)
def test_one_address_and_a_list_of_one(name: str) -> None:
    mailbox = attempt(lambda: Mailbox(name, "reader", "example.net"))
    if not isinstance(mailbox, DraftError):
        assert mailbox_field("To", mailbox) == address_field("To", [mailbox])


@given(HOSTILE | st.text(' .=?_("\u00fc\u20ac\tAz9!-', max_size=30))
@example("J\u00fcrgen (x) ")
@example(".")
@example("\u00fc ")
def test_one_word_by_the_interpreter_and_by_the_table(text: str) -> None:
    text = text.rstrip(" ")
    try:
        octets = text.encode()
    except UnicodeEncodeError:
        return
    literal = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
    by_the_table = "".join("_" if o == 0x20 else chr(o) if o in literal else f"={o:02X}" for o in octets)
    word = encoded_words(text, room=75)
    if word and word[0].startswith("=?utf-8?Q?") and len(word) == 1:
        assert word == [f"=?utf-8?Q?{by_the_table}?="]


# Lines that two texts may share, and what a text may have of its own between them.
SHARED = ["\u20ac" * 300, "x" * 600, "y" * 989, "<tr>", "", "\u00fc", "From x", "."]
BETWEEN = ENCODABLE | HOSTILE | st.sampled_from(["", "a\rb", "\0", "\udc80", "z" * 985, "\u20ac\n", "\n\n"])


def woven(shared: list[str], own: list[str]) -> str:
    """Put a text's own lines between those it shares."""
    lines = [*shared]
    for at, piece in enumerate(own):
        lines.insert(2 * at + 1, piece)
    return "\n".join(lines)


@given(
    st.lists(st.sampled_from(SHARED), min_size=1, max_size=9),
    st.lists(st.sampled_from(["a", "", "b\u00fc"]), max_size=3),
    st.lists(BETWEEN, max_size=4),
    st.sampled_from(BodyKind),
)
@example(["x" * 600] * 5, ["a", "b"], ["z" * 300, "\0"], BodyKind.EIGHT_BIT)
@example(["x" * 600] * 5, ["a", "b"], ["z" * 995, ""], BodyKind.EIGHT_BIT)
@example(["x" * 600] * 5, ["a", "b"], ["a\rb", ""], BodyKind.SEVEN_BIT)
@example(["x" * 600] * 5, ["a", "b"], ["\udc80", ""], BodyKind.SEVEN_BIT)
@example(["y" * 989] * 5, [], [], BodyKind.SEVEN_BIT)
@example(["\u20ac" * 300] * 5, ["a"], ["c"], BodyKind.SEVEN_BIT)
def test_passages_that_texts_share(
    shared: list[str], seen: list[str], own: list[str], body: BodyKind
) -> None:
    text = woven(shared, own)
    other = text[:-1] + "!" if text else "!"
    longest = max(shared, key=len)
    for whole in (
        text,
        text + "more",
        "more" + text,
        text[:-600],
        other,
        text.replace(longest, longest + "!"),
    ):
        alike = Passages()
        for number in range(2):
            alike.encode(woven(shared, [f"{piece}{number}" for piece in seen]), "html", body)
        expected, got = (
            attempt(lambda encode=encode, whole=whole: encode(whole, "html", body))  # type: ignore[misc]
            for encode in (encode_text, alike.encode)
        )
        if isinstance(expected, DraftError):
            assert isinstance(got, DraftError)
            assert (got.field, got.position) == (expected.field, expected.position)
        else:
            assert got == expected


BOUNDARY = re.compile(rb"=_(.)_fixed[0-9]+(_[0-9a-f]+_)?")
OWN_TEXTS = (
    ENCODABLE | HOSTILE | st.sampled_from(["", "x" * 991, "=_a_fixed0000000000000000001_1_", ".\r\nFrom \0"])
)
TRAITS: dict[str, dict[str, object]] = {
    "no more": {},
    "author": {"from_": "Other <other@example.org>"},
    "sender": {"sender": "robot@example.org", "reply_to": "J\u00fcrgen <answers@example.org>"},
    "international": {"from_": "j\u00fcrgen@example.org"},
    "priority": {"priority": "high", "auto_submitted": "auto-generated"},
    "list": {"headers": {"List-Id": "<x.example.org>"}, "unsubscribe": "https://example.org/u"},
    "bounces": {"reverse_path": "bounces@example.org", "require_tls": True, "dsn": DsnRequest()},
    "null path": {"reverse_path": ""},
    "hidden": {"bcc": "hidden@example.net"},
    "copy": {"cc": "copy@example.net"},
    "thread": {"in_reply_to": "<a@x>", "references": ("<a@x>", "<b@x>")},
    "attachment": {"attachments": [Attachment.from_bytes(b"x", filename="x.bin")]},
}


@given(
    st.lists(st.sampled_from([*TRAITS]), min_size=1, max_size=2),
    st.lists(
        st.tuples(
            st.sampled_from(
                ["reader@example.net", "J\u00fcrgen <j\u00fcrgen@example.net>", "a@x, b@x", "T: a@x;"]
            ),
            OWN_TEXTS,
            OWN_TEXTS | st.none(),
            OWN_TEXTS | st.none(),
            st.sampled_from(BodyKind),
        ),
        min_size=2,
        max_size=5,
    ),
)
@example(["no more"], [("reader@example.net", "Hi", "\u20ac", "a_b", BodyKind.EIGHT_BIT)] * 3)
@example(["no more"], [("reader@example.net", "Hi", "\u20ac", "x", BodyKind.SEVEN_BIT)] * 3)
@example(["no more"], [("reader@example.net", "Hi", "\udc80", "x", BodyKind.SEVEN_BIT)] * 3)
@example(["no more"], [("reader@example.net", "a\0b", "x", "x", BodyKind.SEVEN_BIT)] * 3)
@example(["list"], [("reader@example.net", "Hi", "a\rb", "x", BodyKind.SEVEN_BIT)] * 3)
@example(["list"], [("reader@example.net", "Hi", "a\0b", "x", BodyKind.SEVEN_BIT)] * 3)
@example(["list"], [("reader@example.net", "Hi", "x", "x" * 991, BodyKind.SEVEN_BIT)] * 3)
@example(["international"], [("reader@example.net", "Hi", "x", "x", BodyKind.SEVEN_BIT)] * 3)
def test_what_a_draft_shares_with_the_one_before(
    kinds: list[str], own: list[tuple[str, str, str | None, str | None, BodyKind]]
) -> None:
    def outcome(maker: Composer, draft: Draft, body: BodyKind) -> object:
        made = attempt(lambda: maker.compose(draft, body=body, message_id="<m@x>"))
        if isinstance(made, DraftError):
            return made.field, made.position, made.what
        envelope, message = made
        octets = BOUNDARY.sub(rb"=_\1", message.octets())
        assert message.size == len(message.octets())
        return envelope, octets, message.body, message.smtputf8, message.message_id

    experienced = composer()
    for kind in kinds:
        for to, subject, text, html, body in own:
            fields: dict[str, object] = {"from_": "author@example.org", **TRAITS[kind]}
            fields |= {"to": to, "subject": subject, "text": text, "html": html}
            draft = attempt(lambda fields=fields: Draft(**fields))  # type: ignore[misc] - a draft's own words
            if not isinstance(draft, DraftError):
                assert outcome(experienced, draft, body) == outcome(composer(), draft, body)


@given(HOSTILE, st.sampled_from(["reader", "j\u00fcrgen"]), HOSTILE | st.just(""))
@example("J\u00fcrgen", "reader", "")
@example("", "j\u00fcrgen", "x" * 70)
def test_the_fields_of_one_recipient(name: str, local_part: str, subject: str) -> None:
    to = attempt(lambda: Mailbox(name, local_part, "example.net"))
    if isinstance(to, DraftError):
        return
    date = "Date: Thu, 15 Jan 2026 09:30:00 +0000\r\n"

    def long_way() -> tuple[bytes, bool]:
        line = free_text("Subject", subject, field="subject")
        fields = [address_field("To", [to]), *([line] if line else []), date, "Message-ID: <m@x>\r\n"]
        return section(fields, [to])

    expected, got = attempt(long_way), attempt(lambda: own_section_of_one(to, subject, date, "<m@x>"))
    if isinstance(expected, DraftError):
        assert isinstance(got, DraftError)
        assert (got.field, got.position) == (expected.field, expected.position)
    else:
        assert got == expected


@given(ENCODABLE, st.integers(min_value=-1, max_value=1))
def test_a_message_whose_limits_need_no_measuring(text: str, room: int) -> None:
    """The short way asks for the limits only when the whole message is larger than the smallest of them."""
    octets = compose(text=text, message_id="<m@x>").message.octets()
    header = octets.index(b"\r\n\r\n") + 2
    strict = Composer(clock=ManualClock(), ids=FixedIds(), limits=ComposeLimits(header_octets=header + room))
    draft = Draft(from_="author@example.org", to="reader@example.net", text=text, message_id="<m@x>")

    made = attempt(lambda: strict.compose(draft))

    if room < 0:
        assert isinstance(made, DraftError)
    else:
        assert not isinstance(made, DraftError)
        assert made.message.octets() == octets


@given(st.lists(st.sampled_from(["author", "to", "bcc", "headers"]), max_size=4, unique=True), ENCODABLE)
def test_pieces_joined_at_once_or_around_one_that_comes_later(given_fields: list[str], text: str) -> None:
    """The octets before a file are those of the same message without it."""
    chosen: dict[str, object] = {
        "author": {"reply_to": "answers@example.org"},
        "to": {"to": ["reader@example.net", "J\u00fcrgen <second@example.net>"]},
        "bcc": {"bcc": "hidden@example.net"},
        "headers": {"headers": {"X-Order": "4711"}},
    }
    fields: dict[str, object] = {"text": text, "message_id": "<m@x>"}
    for name in given_fields:
        fields |= chosen[name]  # type: ignore[operator]
    plain = compose(**fields).message
    large = Attachment.from_bytes(b"x" * (IN_PLACE + 1), filename="x.bin")
    with_file = compose(**fields, attachments=[large]).message

    assert len(plain.segments) == 1
    assert len(with_file.segments) == 3
    assert with_file.size == len(with_file.octets())
    until = plain.octets().index(b"Content-Type")
    assert with_file.octets()[:until] == plain.octets()[:until]
