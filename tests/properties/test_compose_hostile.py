"""Whatever is put into a draft: it is refused with a name, or the octets are sound and hold what they should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import hypothesis.strategies as st
import pytest
from hypothesis import given
from tests.properties.mail_oracle import (
    HOSTILE,
    assert_sound,
    attempt,
    compose,
    decoded,
    header_of,
    names_of,
    parts_of,
    value_of,
)

from eilbote.errors import DraftError
from eilbote.model.address import Mailbox
from eilbote.model.attachment import Attachment
from eilbote.model.free_text import find_control, one_line
from eilbote.model.invitation import Invitation
from eilbote.model.message import BodyKind

SINGLE = ["From", "To", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
BODIES = st.sampled_from([BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT])


@given(HOSTILE)
def test_subject(text: str) -> None:
    expected = ["From", "To", *(["Subject"] if one_line(text) else []), *SINGLE[2:]]
    composed = attempt(lambda: compose(subject=text, text="x"))
    if isinstance(composed, DraftError):
        assert composed.field == "subject"
        assert composed.position is not None
        assert composed.position == find_control(text)
        return
    octets = composed.message.octets()
    assert_sound(octets)
    assert names_of(octets) == expected
    if one_line(text):
        assert decoded(value_of(octets, "Subject")) == one_line(text)


@given(HOSTILE)
def test_display_name(name: str) -> None:
    mailbox = attempt(lambda: Mailbox(name, "reader", "example.net"))
    if isinstance(mailbox, DraftError):
        assert mailbox.field == "display_name"
        return
    envelope, message = compose(to=mailbox, text="x")
    octets = message.octets()
    assert envelope.forward_paths == ("reader@example.net",)
    assert_sound(octets)
    assert names_of(octets) == SINGLE
    assert value_of(octets, "To").endswith(
        "reader@example.net>" if mailbox.display_name else "reader@example.net"
    )


@given(HOSTILE, HOSTILE, BODIES)
def test_texts(text: str, html: str, body: BodyKind) -> None:
    composed = attempt(lambda: compose(body, text=text, html=html))
    if isinstance(composed, DraftError):
        assert composed.field in {"text", "html"}
        return
    octets = composed.message.octets()
    assert_sound(octets, eight_bit=composed.message.body is BodyKind.EIGHT_BIT)
    assert names_of(octets)[:5] == ["From", "To", "Date", "Message-ID", "MIME-Version"]
    plain, shown = parts_of(octets)
    assert plain.get_content_type() == "text/plain"
    assert shown.get_content_type() == "text/html"


@given(HOSTILE, HOSTILE)
def test_custom_header(name: str, value: str) -> None:
    composed = attempt(lambda: compose(headers={f"X-{name}": value}, text="x"))
    if isinstance(composed, DraftError):
        assert composed.field is not None
        assert composed.field.startswith("headers")
        return
    octets = composed.message.octets()
    assert_sound(octets)
    assert names_of(octets) == ["From", "To", "Date", "Message-ID", f"X-{name}", *SINGLE[4:]]
    assert decoded(value_of(octets, f"X-{name}")) == value.strip(" ")


@given(st.sampled_from(["List-Id", "Feedback-ID", "Precedence", "Auto-Submitted", "Comments"]), HOSTILE)
def test_known_header(name: str, value: str) -> None:
    composed = attempt(lambda: compose(headers=[(name, value)], text="x"))
    if isinstance(composed, DraftError):
        assert composed.field == f"headers.{name}"
        return
    octets = composed.message.octets()
    assert_sound(octets)
    assert names_of(octets) == ["From", "To", "Date", "Message-ID", name, *SINGLE[4:]]


@pytest.mark.parametrize(
    "field", ["message_id", "in_reply_to", "references", "unsubscribe", "auto_submitted"]
)
@given(text=HOSTILE)
def test_fields_with_a_language_of_their_own(field: str, text: str) -> None:
    for value in (text, f"<{text}@example.org>", f"https://example.org/{text}"):
        composed = attempt(partial(compose, **{field: value}, text="x"))
        if isinstance(composed, DraftError):
            assert composed.field is not None
            assert composed.field.partition("[")[0] == field
            continue
        octets = composed.message.octets()
        assert_sound(octets)
        assert len(names_of(octets)) in {7, 8}


@given(HOSTILE, HOSTILE)
def test_file_name_and_media_type(name: str, parameter: str) -> None:
    try:
        attachment = Attachment.from_bytes(
            b"x", filename=name, media_type=f'text/x-note; title="{parameter}"'
        )
    except DraftError:
        attachment = Attachment.from_bytes(b"x", filename=name)
    composed = attempt(lambda: compose(text="x", attachments=[attachment]))
    if isinstance(composed, DraftError):
        assert composed.field == "attachments[0].filename"
        return
    octets = composed.message.octets()
    assert_sound(octets)
    assert names_of(octets) == SINGLE[:-1]
    _, part = parts_of(octets)
    assert part.keys() == ["Content-Type", "Content-Disposition", "Content-Transfer-Encoding"]
    shown = part.get_filename()
    assert isinstance(shown, str)
    assert shown
    assert len(shown.encode()) <= 255
    assert not {"/", "\\", "\r", "\n", "\0", "\u202e"} & set(shown)
    assert part.get_payload(decode=True) == b"x"


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_invitation(summary: str, location: str, description: str, uid: str) -> None:
    start = datetime(2026, 3, 1, 9, tzinfo=UTC)
    meeting = Invitation(
        summary=summary,
        start=start,
        end=start + timedelta(hours=1),
        location=location,
        description=description,
        uid=uid or None,
    )
    composed = attempt(lambda: compose(invitation=meeting))
    if isinstance(composed, DraftError):
        assert composed.field in {
            f"invitation.{name}" for name in ("summary", "location", "description", "uid")
        }
        return
    octets = composed.message.octets()
    assert_sound(octets)
    calendar = parts_of(octets)[1]
    assert calendar.get_content_type() == "text/calendar"
    payload = calendar.get_payload(decode=True)
    assert isinstance(payload, bytes)
    text = payload.decode()
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    lines = text.replace("\r\n ", "").split("\r\n")
    assert [
        line for line in lines if line.startswith(("BEGIN", "END", "ATTENDEE", "METHOD", "ORGANIZER"))
    ] == [
        "BEGIN:VCALENDAR",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "ORGANIZER:mailto:author@example.org",
        "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:reader@example.net",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


@given(
    st.lists(
        st.tuples(st.sampled_from(["to", "cc", "bcc", "reply_to", "from_", "sender"]), HOSTILE), max_size=4
    )
)
def test_address_texts(given_fields: list[tuple[str, str]]) -> None:
    fields: dict[str, object] = dict(given_fields)
    composed = attempt(lambda: compose(**fields, text="x"))
    if isinstance(composed, DraftError):
        assert composed.field is not None
        return
    assert_sound(composed.message.octets(), utf8_header=composed.message.smtputf8)
    assert "bcc" not in [field.name.lower() for field in header_of(composed.message.octets())]
