"""Invitations as iCalendar, and in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from tests.properties.mail_oracle import compose, parts_of

from eilbote.compose.calendar import calendar_text, meeting_in_words
from eilbote.errors import DraftError
from eilbote.model.address import Mailbox
from eilbote.model.draft import Draft
from eilbote.model.invitation import Invitation, Method

START = datetime(2026, 7, 1, 9, 30, tzinfo=ZoneInfo("Europe/Berlin"))
PLAN = Invitation(
    summary="Plan; next, steps\\", start=START, end=START + timedelta(hours=2), location="Room 1\nfloor 2"
)
DRAFT = Draft(to="Hans Müller <hans@example.net>", cc="b@example.net, hans@example.net")
CHIEF = Mailbox('The "Chief"', "chief", "example.org")


def lines_of(invitation: Invitation = PLAN, draft: Draft = DRAFT) -> list[str]:
    text = calendar_text(invitation, draft, CHIEF, datetime(2026, 1, 15, tzinfo=UTC), "minted@example.org")
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def test_a_request() -> None:
    assert lines_of() == [
        "BEGIN:VCALENDAR",
        "PRODID:-//eilbote//eilbote//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "UID:minted@example.org",
        "DTSTAMP:20260115T000000Z",
        "DTSTART:20260701T073000Z",
        "DTEND:20260701T093000Z",
        "SEQUENCE:0",
        "SUMMARY:Plan\\; next\\, steps\\\\",
        "LOCATION:Room 1\\nfloor 2",
        'ORGANIZER;CN="The ”Chief”":mailto:chief@example.org',
        'ATTENDEE;CN="Hans Müller";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:hans@example.net',
        "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:b@example.net",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


@pytest.mark.parametrize("text", ["ü" * 200, "名前" * 99, "a" + "😀" * 99, "x" * 500])
def test_folds_never_cut_a_character(text: str) -> None:
    long = Invitation(summary=text, start=START, end=START + timedelta(hours=1))
    assert f"SUMMARY:{text}" in lines_of(long)


def test_a_cancellation_has_the_uid_and_a_higher_sequence() -> None:
    gone = Invitation(
        summary="x", start=START, end=START + timedelta(hours=1), uid="u1", sequence=3, method=Method.CANCEL
    )
    lines = lines_of(gone)
    assert {"METHOD:CANCEL", "UID:u1", "SEQUENCE:3", "STATUS:CANCELLED"} <= set(lines)
    assert "ATTENDEE:mailto:b@example.net" in lines
    assert meeting_in_words(gone).startswith("Cancelled:\nx\n")


def test_a_published_meeting_has_no_guests() -> None:
    public = Invitation(summary="x", start=START, end=START + timedelta(hours=1), method=Method.PUBLISH)
    assert not [line for line in lines_of(public) if line.startswith("ATTENDEE")]


@pytest.mark.parametrize("sequence", [-1, 2**31])
def test_a_sequence_that_is_none(sequence: int) -> None:
    with pytest.raises(DraftError) as caught:
        lines_of(Invitation(summary="x", start=START, end=START + timedelta(hours=1), sequence=sequence))
    assert caught.value.field == "invitation.sequence"


def test_in_words() -> None:
    assert meeting_in_words(PLAN) == (
        "Plan; next, steps\\\n\n2026-07-01 09:30 - 11:30 (UTC+02:00)\nRoom 1\nfloor 2\n"
    )
    overnight = Invitation(summary="x", start=START, end=START + timedelta(days=1), description="d")
    assert "2026-07-01 09:30 - 2026-07-02 09:30 (UTC+02:00)\n\nd\n" in meeting_in_words(overnight)


def test_two_forms_of_the_same() -> None:
    octets = compose(text="Please come", invitation=PLAN).message.octets()
    plain, shown, file = parts_of(octets)
    assert plain.get_payload(decode=True) == b"Please come"
    assert shown["Content-Type"] == "text/calendar; charset=utf-8; method=REQUEST"
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    assert shown.get_payload(decode=True) == file.get_payload(decode=True)


def test_the_uid_stays_when_a_message_is_composed_again() -> None:
    first, second = (
        compose(text="x", invitation=PLAN, message_id="<kept@example.org>").message.octets() for _ in range(2)
    )
    assert b"UID:kept@example.org\r\n" in first
    assert first == second


def test_a_time_that_utc_has_not_is_refused() -> None:
    first = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
    last = datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))
    for field, start, end in (
        ("invitation.start", first, START),
        ("invitation.end", START, last),
    ):
        with pytest.raises(DraftError, match="outside the years") as caught:
            lines_of(Invitation(summary="Plan", start=start, end=end))
        assert caught.value.field == field
