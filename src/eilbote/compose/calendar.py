"""A meeting as iCalendar (RFC 5545, RFC 5546, RFC 6047): one version of the text, and a file to open.

Times are written in UTC, which every calendar shows in its reader's zone and which needs no table of zones.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from eilbote.errors import DraftError
from eilbote.model.address import mailboxes
from eilbote.model.free_text import find_control
from eilbote.model.invitation import Method

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from eilbote.model.address import Mailbox
    from eilbote.model.draft import Draft
    from eilbote.model.invitation import Invitation

_LINE = 75  # RFC 5545 §3.1, in octets
_CONTINUATION = 0x80
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
# A parameter value cannot escape a quote (RFC 6868 can, few readers do): the typographic one looks the same.
_IN_QUOTES = str.maketrans({'"': "”", "\n": " ", "\r": " ", "\t": " "})
_MAX_SEQUENCE = 2**31 - 1  # RFC 5545 §3.3.8


def calendar_text(
    invitation: Invitation, draft: Draft, organizer: Mailbox, moment: datetime, uid: str
) -> str:
    """Give the iCalendar object, with CRLF line ends.

    Args:
        invitation: The meeting.
        draft: Who is invited: its To and Cc. People in Bcc are not named.
        organizer: Who invites.
        moment: The time of composition.
        uid: The UID for an invitation without one.

    Raises:
        DraftError: A text holds control characters or lone surrogates, or the sequence is no count.
    """
    if not 0 <= invitation.sequence <= _MAX_SEQUENCE:
        raise DraftError(
            "the sequence is not a count",
            field="invitation.sequence",
            remedy="Begin at 0 and add 1 with each update",
        )
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//eilbote//eilbote//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        f"METHOD:{invitation.method.value}",
        "BEGIN:VEVENT",
        f"UID:{_text(invitation.uid or uid, 'uid')}",
        f"DTSTAMP:{_time(moment, 'date')}",
        f"DTSTART:{_time(invitation.start, 'invitation.start')}",
        f"DTEND:{_time(invitation.end, 'invitation.end')}",
        f"SEQUENCE:{invitation.sequence}",
        f"SUMMARY:{_text(invitation.summary, 'summary')}",
    ]
    if invitation.location:
        lines.append(f"LOCATION:{_text(invitation.location, 'location')}")
    if invitation.description:
        lines.append(f"DESCRIPTION:{_text(invitation.description, 'description')}")
    lines.append(f"ORGANIZER{_common_name(organizer)}:mailto:{_uri(organizer)}")
    if invitation.method is not Method.PUBLISH:  # a published meeting has no attendees (RFC 5546 §3.2.1)
        lines += _attendees(draft, ask=invitation.method is Method.REQUEST)
    lines.append(f"STATUS:{'CANCELLED' if invitation.method is Method.CANCEL else 'CONFIRMED'}")
    lines += ["TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(map(_fold, lines))


def meeting_in_words(invitation: Invitation) -> str:
    """Give the meeting as a plain text, for readers without a calendar."""
    start, end = invitation.start, invitation.end
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    lines = [invitation.summary, "", f"{start:%Y-%m-%d %H:%M} - {until} {_zone(start)}"]
    if invitation.location:
        lines.append(invitation.location)
    if invitation.description:
        lines += ["", invitation.description]
    if invitation.method is Method.CANCEL:
        lines.insert(0, "Cancelled:")
    return "\n".join(lines) + "\n"


def _attendees(draft: Draft, *, ask: bool) -> Iterator[str]:
    seen: set[str] = set()
    for mailbox in mailboxes((*draft.to, *draft.cc)):
        if mailbox.addr_spec not in seen:
            seen.add(mailbox.addr_spec)
            status = ";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE" if ask else ""
            yield f"ATTENDEE{_common_name(mailbox)}{status}:mailto:{_uri(mailbox)}"


def _common_name(mailbox: Mailbox) -> str:
    name = mailbox.display_name.translate(_IN_QUOTES)
    return f';CN="{name}"' if name else ""


def _uri(mailbox: Mailbox) -> str:
    from urllib.parse import quote

    # RFC 6068 §2: what separates parts of a URI is escaped; UTF-8 stays readable only in the local part's escape.
    return quote(mailbox.addr_spec, safe="@!$'*+-._~[]:")


def _time(moment: datetime, field: str) -> str:
    try:
        return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    except OverflowError:
        raise DraftError(
            "the time lies outside the years 1 to 9999 in UTC", field=field, remedy="Give another time"
        ) from None


def _zone(moment: datetime) -> str:
    offset = f"{moment:%z}"
    return f"(UTC{offset[:3]}:{offset[3:5]})"


def _text(text: str, name: str) -> str:
    """Escape a TEXT value (RFC 5545 §3.3.11)."""
    field = f"invitation.{name}"
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if (at := find_control(text)) >= 0:
        raise DraftError(
            f"the text holds the control character {text[at]!a}", field=field, position=at, remedy="Remove it"
        )
    # What some reader takes for a line break becomes one that all of them know.
    for other in "\v\f\x1c\x1d\x1e\x85\u2028\u2029":
        text = text.replace(other, "\n")
    return text.translate(_ESCAPES)


def _fold(line: str) -> str:
    """Fold a content line at 75 octets, never within a character (RFC 5545 §3.1)."""
    octets = line.encode()
    if len(octets) <= _LINE:
        return line
    pieces: list[str] = []
    start, room = 0, _LINE
    while start < len(octets):
        end = min(start + room, len(octets))
        while end < len(octets) and octets[end] & 0xC0 == _CONTINUATION:
            end -= 1
        pieces.append(octets[start:end].decode())
        start, room = end, _LINE - 1
    return "\r\n ".join(pieces)
