"""What a composed message looks like, for each kind of draft."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.message import Message as StdlibMessage

import pytest
from tests.properties.mail_oracle import (
    assert_sound,
    compose,
    composer,
    header_of,
    names_of,
    parsed,
    value_of,
)

from eilbote.compose.composer import Composer
from eilbote.compose.limits import ComposeLimits
from eilbote.errors import (
    AddressError,
    AttachmentError,
    DraftError,
    HeaderError,
    NoRecipientsError,
    SettingsError,
)
from eilbote.model.address import Mailbox, parse_mailbox
from eilbote.model.attachment import Attachment
from eilbote.model.draft import Draft, Priority
from eilbote.model.envelope import DsnRequest, Envelope, Notify
from eilbote.model.invitation import Invitation
from eilbote.model.message import BodyKind
from eilbote.testing.fixed_ids import FixedIds
from eilbote.testing.manual_clock import ManualClock

PDF = Attachment.from_bytes(b"%PDF", filename="a.pdf")
LOGO = Attachment.from_bytes(b"PNG", filename="logo.png").as_inline("logo")
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
MEETING = Invitation(summary="Plan", start=START, end=START + timedelta(hours=1))


def shape(part: StdlibMessage) -> object:
    """A tree as nested lists of media types."""
    if not part.is_multipart():
        return part.get_content_type()
    return [part.get_content_type(), *map(shape, part.get_payload())]  # type: ignore[arg-type] - parts, as it is one


def test_a_text_alone() -> None:
    envelope, message = compose(subject="Hello", text="One\nTwo")
    assert message.octets() == (
        b"From: author@example.org\r\n"
        b"To: reader@example.net\r\n"
        b"Subject: Hello\r\n"
        b"Date: Thu, 15 Jan 2026 09:30:00 +0000\r\n"
        b"Message-ID: <fixed0000000000000000002@example.org>\r\n"
        b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"One\r\nTwo\r\n"
    )
    assert envelope == Envelope(
        reverse_path="author@example.org", forward_paths=("reader@example.net",), kinds=envelope.kinds
    )
    assert message.message_id == "<fixed0000000000000000002@example.org>"
    assert (message.size, message.body, message.smtputf8) == (
        len(message.octets()),
        BodyKind.SEVEN_BIT,
        False,
    )


@pytest.mark.parametrize(
    "fields, expected",
    [
        ({}, "text/plain"),
        ({"html": "<p>x"}, ["multipart/alternative", "text/plain", "text/html"]),
        (
            {"html": "<p>x", "attachments": [LOGO]},
            ["multipart/related", ["multipart/alternative", "text/plain", "text/html"], "image/png"],
        ),
        (
            {"html": "<p>x", "attachments": [PDF, LOGO]},
            [
                "multipart/mixed",
                ["multipart/related", ["multipart/alternative", "text/plain", "text/html"], "image/png"],
                "application/pdf",
            ],
        ),
        ({"text": "x", "attachments": [PDF]}, ["multipart/mixed", "text/plain", "application/pdf"]),
        ({"attachments": [PDF]}, ["multipart/mixed", "application/pdf"]),
        ({"text": "x", "attachments": [LOGO]}, ["multipart/mixed", "text/plain", "image/png"]),
        (
            {"invitation": MEETING},
            ["multipart/mixed", ["multipart/alternative", "text/plain", "text/calendar"], "application/ics"],
        ),
        (
            {"html": "<p>x", "invitation": MEETING, "attachments": [LOGO]},
            [
                "multipart/mixed",
                [
                    "multipart/related",
                    ["multipart/alternative", "text/plain", "text/html", "text/calendar"],
                    "image/png",
                ],
                "application/ics",
            ],
        ),
    ],
)
def test_the_tree_has_the_levels_it_needs(fields: dict[str, object], expected: object) -> None:
    octets = compose(**fields).message.octets()
    assert_sound(octets)
    assert shape(parsed(octets)) == expected


def test_the_root_of_related_is_announced() -> None:
    octets = compose(html="<p>x", attachments=[LOGO]).message.octets()
    assert (
        b'multipart/related; boundary="=_r_fixed0000000000000000001_1_"; type="multipart/alternative"'
        in octets
    )


def test_inline_and_beside() -> None:
    root = parsed(compose(html="<img src=cid:logo>", attachments=[LOGO, PDF]).message.octets())
    logo, pdf = (part for part in root.walk() if part.get_filename())
    assert (logo["Content-ID"], logo.get_content_disposition()) == ("<logo>", "inline")
    assert (pdf["Content-ID"], pdf.get_content_disposition()) == (None, "attachment")


def test_two_parts_cannot_share_a_content_id() -> None:
    with pytest.raises(AttachmentError) as caught:
        compose(html="x", attachments=[LOGO, LOGO])
    assert caught.value.field == "attachments[1].content_id"


def test_every_field_of_a_draft() -> None:
    octets = compose(
        from_="Änne <anne@example.org>",
        sender="bot@example.org",
        reply_to="Help: a@example.org, b@example.org;",
        cc="c@example.org",
        subject="S",
        text="x",
        priority="high",
        headers={"X-Tag": "t", "List-Id": "News <news.example.org>"},
        message_id="<m@example.org>",
        date=datetime(2026, 7, 5, 1, 2, 3, tzinfo=timezone(-timedelta(hours=3, minutes=30))),
        in_reply_to="<a@x>",
        references=["<a@x> <b@x>", "<c@x>"],
        auto_submitted="auto-generated",
        unsubscribe=["https://example.org/u", "mailto:u@example.org?subject=stop"],
        one_click_unsubscribe=True,
    ).message.octets()
    assert [(field.name, field.value) for field in header_of(octets)] == [
        ("From", "=?utf-8?B?w4RubmU=?= <anne@example.org>"),
        ("Sender", "bot@example.org"),
        ("Reply-To", "Help: a@example.org, b@example.org;"),
        ("To", "reader@example.net"),
        ("Cc", "c@example.org"),
        ("Subject", "S"),
        ("Date", "Sun, 05 Jul 2026 01:02:03 -0330"),
        ("Message-ID", "<m@example.org>"),
        ("In-Reply-To", "<a@x>"),
        ("References", "<a@x> <b@x> <c@x>"),
        ("X-Priority", "1 (Highest)"),
        ("X-MSMail-Priority", "High"),
        ("Importance", "high"),
        ("Auto-Submitted", "auto-generated"),
        ("List-Unsubscribe", "<https://example.org/u>, <mailto:u@example.org?subject=stop>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("X-Tag", "t"),
        ("List-Id", "News <news.example.org>"),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "7bit"),
    ]


def test_low_priority_is_said_and_normal_is_not() -> None:
    low = compose(text="x", priority=Priority.LOW).message.octets()
    assert value_of(low, "X-Priority") == "5 (Lowest)"
    assert "X-Priority" not in names_of(compose(text="x").message.octets())


def test_a_sender_who_is_the_author_is_not_named_twice() -> None:
    assert "Sender" not in names_of(compose(sender="author@example.org", text="x").message.octets())


@pytest.mark.parametrize(
    "reverse_path, expected",
    [(None, "author@example.org"), ("", ""), ("Bounce@Bücher.example", "Bounce@xn--bcher-kva.example")],
)
def test_reverse_path(reverse_path: str | None, expected: str) -> None:
    assert compose(reverse_path=reverse_path, text="x").envelope.reverse_path == expected


def test_what_the_envelope_carries_besides() -> None:
    dsn = DsnRequest(notify=frozenset({Notify.SUCCESS}))
    envelope = compose(dsn=dsn, require_tls=True, text="x").envelope
    assert (envelope.dsn, envelope.require_tls) == (dsn, True)


def test_the_connections_author() -> None:
    default = parse_mailbox("Default <default@example.org>", field="default_from")
    subject = Composer(clock=ManualClock(), ids=FixedIds(), default_from=default)
    made = subject.compose(Draft(to="a@b.example", text="x"))
    assert value_of(made.message.octets(), "From") == "Default <default@example.org>"
    assert made.envelope.reverse_path == "default@example.org"
    own = subject.compose(Draft(to="a@b.example", from_="own@example.org", text="x"))
    assert value_of(own.message.octets(), "From") == "own@example.org"


def test_nobody_as_author() -> None:
    with pytest.raises(SettingsError) as caught:
        composer().compose(Draft(to="a@b.example", text="x"))
    assert caught.value.field == "default_from"


def test_nobody_to_send_to() -> None:
    with pytest.raises(NoRecipientsError) as caught:
        compose(to="Nobody:;", text="x")
    assert caught.value.field == "to"


def test_the_message_id_is_the_callers_the_drafts_or_minted() -> None:
    draft = Draft(from_="a@b.example", to="c@d.example", text="x")
    subject = Composer(clock=ManualClock(), ids=FixedIds(), message_id_domain="ids.example")
    assert subject.compose(draft).message.message_id == "<fixed0000000000000000002@ids.example>"
    assert subject.compose(draft, message_id="<kept@x>").message.message_id == "<kept@x>"
    own = draft.replace(message_id="<own@x>")
    assert subject.compose(own, message_id="<kept@x>").message.message_id == "<own@x>"


@pytest.mark.parametrize(
    "message_id", ["x@y", "<x>", "<x@y", "<x y@z>", "<x@y>\n", "<ü@y>", "<@>", "", "<a@b><c@d>"]
)
def test_what_is_no_message_id(message_id: str) -> None:
    with pytest.raises(HeaderError) as caught:
        compose(message_id=message_id, text="x")
    assert caught.value.field == "message_id"
    with pytest.raises(HeaderError):
        compose(in_reply_to=[message_id], text="x")


def test_the_date_follows_the_clock_second_by_second() -> None:
    clock = ManualClock(datetime(2026, 2, 28, 23, 59, 59, 400_000, tzinfo=UTC))
    subject = Composer(clock=clock, ids=FixedIds())
    draft = Draft(from_="a@b.example", to="c@d.example", text="x")
    seen = []
    for seconds in (0.0, 0.5, 0.2, 3600.0):
        clock.advance(seconds)
        seen.append(value_of(subject.compose(draft).message.octets(), "Date"))
    assert seen == [
        "Sat, 28 Feb 2026 23:59:59 +0000",
        "Sat, 28 Feb 2026 23:59:59 +0000",
        "Sun, 01 Mar 2026 00:00:00 +0000",
        "Sun, 01 Mar 2026 01:00:00 +0000",
    ]


@pytest.mark.parametrize("date", [datetime(2026, 1, 1), datetime(1899, 12, 31, tzinfo=UTC)])  # noqa: DTZ001 - the fault
def test_a_date_that_cannot_be_written(date: datetime) -> None:
    with pytest.raises(DraftError) as caught:
        compose(date=date, text="x")
    assert caught.value.field == "date"


def test_an_international_local_part_makes_the_header_utf8_and_nothing_else_does() -> None:
    ascii_only = compose(to="Jürgen <j@bücher.example>", subject="Grüße", text="x").message
    assert not ascii_only.smtputf8
    assert_sound(ascii_only.octets())
    for fields in (
        {"to": "Jürgen <jürgen@x.example>"},
        {"reply_to": "jürgen@x.example"},
        {"cc": "jürgen@x.example"},
    ):
        message = compose(**fields, subject="Grüße", text="x").message
        assert message.smtputf8
        assert_sound(message.octets(), utf8_header=True)
        assert "jürgen@x.example".encode() in message.octets()
        assert b"Subject: =?utf-8?" in message.octets()
    hidden = compose(bcc="jürgen@x.example", text="x")
    assert not hidden.message.smtputf8
    assert hidden.envelope.needs_smtputf8


def test_eight_bit_only_where_the_next_hop_takes_it() -> None:
    for body, encoding in ((BodyKind.SEVEN_BIT, "quoted-printable"), (BodyKind.EIGHT_BIT, "8bit")):
        message = compose(body, text="Grüße an alle, die das hier lesen").message
        assert value_of(message.octets(), "Content-Transfer-Encoding") == encoding
        assert message.body is body
        assert_sound(message.octets(), eight_bit=body is BodyKind.EIGHT_BIT)


def test_a_multipart_says_what_its_parts_demand() -> None:
    octets = compose(BodyKind.EIGHT_BIT, text="ü", attachments=[PDF]).message.octets()
    assert value_of(octets, "Content-Transfer-Encoding") == "8bit"


def test_binary_only_where_the_next_hop_takes_it() -> None:
    data = b"\x00\r\n.\r\n\xff--=_"
    message = compose(BodyKind.BINARY, text="ü", attachments=[Attachment.from_bytes(data)]).message
    assert message.body is BodyKind.BINARY
    assert b"Content-Transfer-Encoding: binary\r\n\r\n" + data + b"\r\n--" in message.octets()
    assert compose(BodyKind.BINARY, text="ü").message.body is BodyKind.EIGHT_BIT
    assert compose(BodyKind.EIGHT_BIT, text="ü", attachments=[Attachment.from_bytes(data)]).message.body is (
        BodyKind.EIGHT_BIT
    )


def test_a_text_with_nul_is_base64() -> None:
    octets = compose(BodyKind.EIGHT_BIT, text="a\0b").message.octets()
    assert value_of(octets, "Content-Transfer-Encoding") == "base64"
    assert parsed(octets).get_payload(decode=True) == b"a\0b"


def test_half_a_character_has_a_position() -> None:
    for field in ("text", "html"):
        with pytest.raises(DraftError) as caught:
            compose(**{"text": "x", field: "ab\ud800"})
        assert (caught.value.field, caught.value.position) == (field, 2)


def test_text_is_derived_from_html() -> None:
    octets = compose(html='<p>Hello <a href="https://x.example">there</a></p>').message.octets()
    assert b"Hello there (https://x.example)\r\n" in octets


def test_limits() -> None:
    def small(**limits: int) -> Composer:
        return Composer(clock=ManualClock(), ids=FixedIds(), limits=ComposeLimits(**limits))

    draft = Draft(from_="a@b.example", to="c@d.example", text="x" * 500, attachments=[PDF, PDF])
    for limited, field in (
        (small(message_octets=1000), "attachments"),
        (small(attachments=1), "attachments"),
        (small(header_octets=100), None),
    ):
        with pytest.raises(DraftError) as caught:
            limited.compose(draft)
        assert caught.value.field == field
        assert caught.value.cause


def test_a_reverse_path_that_is_none() -> None:
    with pytest.raises(AddressError) as caught:
        compose(reverse_path="not an address", text="x")
    assert caught.value.field == "reverse_path"


def test_long_lists_are_folded_between_addresses() -> None:
    people = [Mailbox(f"Person Number {n}", f"person-{n}", "example.org") for n in range(50)]
    octets = compose(to=people, text="x").message.octets()
    assert_sound(octets)
    header = octets.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 78 for line in header.split(b"\r\n"))
    assert not any(line.endswith(b"<") or b" <person" in line[:1] for line in header.split(b"\r\n"))
