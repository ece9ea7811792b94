"""A ready-made message that goes as it is (RFC 5322): what is looked at, what is added, and what is taken out.

Nothing is composed anew. ``Bcc``, ``Resent-Bcc`` and ``Return-Path`` are taken out of the header; a trace line is put before it, and a
``Message-ID`` and a ``Date`` where there is none (RFC 6409 section 8). All else stays octet by octet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eilbote.errors import AddressError, DraftError, HeaderError
from eilbote.model.address import mailboxes, parse_address_list
from eilbote.model.message import BodyKind
from eilbote.model.status import RecipientKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.compose.raw_octets import RawOctets
    from eilbote.model.address import Mailbox

MOST_RECEIVED: Final = 30
"""A message that has passed so many servers runs in a circle (RFC 5321 section 6.3)."""
_FIELD: Final = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
_MESSAGE_ID: Final = re.compile(r"<[^\x00-\x20\x7f<>]{1,990}@[^\x00-\x20\x7f<>]{1,990}>\Z")
_ENCODED: Final = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=")
_TAKEN_OUT: Final = frozenset({"bcc", "resent-bcc", "return-path"})
_AT_MOST_ONCE: Final = frozenset({"from", "sender", "subject", "date", "message-id", "reply-to"})
_LONGEST_SUBJECT: Final = 2000


class MailLoopError(DraftError):
    """The message runs in a circle between servers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawHeader:
    """The header of a ready-made message, as it is sent.

    Attributes:
        octets: The header section with the empty line behind it.
        message_id: With its angle brackets.
        subject: Decoded, for people who look for it.
        authors: Who is named in From and Sender.
        kinds: For each address in To and Cc, in small letters, which of them names it.
        smtputf8: It holds UTF-8.
    """

    octets: bytes
    message_id: str
    subject: str
    authors: tuple[Mailbox, ...]
    kinds: dict[str, RecipientKind]
    smtputf8: bool


def read_header(header: bytes, *, trace: str, date: Callable[[], str], token: Callable[[], str]) -> RawHeader:
    """Look over a header section, and give it as it is sent.

    Args:
        header: The section without the empty line behind it.
        trace: What is put before it: whole fields with their line ends, or nothing.
        date: Gives a Date field, for a message without one.
        token: Gives a name that nobody else has, for a message without Message-ID.

    Raises:
        HeaderError: A field cannot be read, or comes twice and may come once only, or there is no From.
        MailLoopError: The message has passed too many servers.
    """
    fields = _fields(header)
    values: dict[str, list[str]] = {}
    for name, raw in fields:
        values.setdefault(name, []).append(_text(name, raw))
    for name in sorted(_AT_MOST_ONCE & values.keys()):
        if len(values[name]) > 1:
            raise HeaderError(
                f"there are {len(values[name])} fields {name.title()}",
                field=name,
                cause="RFC 5322 section 3.6 allows one, and readers would show different ones",
                remedy="Send one",
            )
    if len(values.get("received", ())) > MOST_RECEIVED:
        raise MailLoopError(
            f"the message has passed {len(values['received'])} servers",
            field="received",
            cause=f"More than {MOST_RECEIVED} means that servers send it to one another in a circle",
            remedy="See where the connection's server sends it; it must not come back here",
        )
    authors = _authors(values)
    given = values.get("message-id", [""])[0]
    added = trace
    is_usable = _MESSAGE_ID.match(given) is not None
    if not is_usable:
        given = f"<{token()}@{authors[0].domain}>"
        added += f"Message-ID: {given}\r\n"
    if not values.get("date", [""])[0]:
        added += date()
    left_out = set(_TAKEN_OUT)
    if not is_usable:
        left_out.add("message-id")  # one that is none
    if not values.get("date", [""])[0]:
        left_out.add("date")  # the same
    kept = b"".join([raw for name, raw in fields if name not in left_out])
    octets = b"".join((added.encode(), kept, b"\r\n"))
    return RawHeader(
        octets=octets,
        message_id=given,
        subject=_decoded(values.get("subject", [""])[0]),
        authors=authors,
        kinds=_kinds(values),
        smtputf8=not octets.isascii(),
    )


def body_kind(octets: RawOctets) -> BodyKind:
    """Tell what the body demands of the next hop."""
    return BodyKind.EIGHT_BIT if octets.has_eight_bit_body else BodyKind.SEVEN_BIT


def _fields(header: bytes) -> list[tuple[str, bytes]]:
    """Give the fields in order: the name in small letters, and all of its octets."""
    found: list[tuple[str, list[bytes]]] = []
    for place, line in enumerate(
        header.split(b"\r\n")[:-1] if header.endswith(b"\r\n") else header.split(b"\r\n")
    ):
        if line[:1] in {b" ", b"\t"} and found:
            found[-1][1].append(line + b"\r\n")
            continue
        field = _FIELD.fullmatch(line)
        if field is None:
            raise HeaderError(
                f"line {place + 1} of the header is no field",
                field="header",
                cause="A field is a name, a colon and a value; lines that go on begin with a blank",
                remedy="Correct it, or put the empty line before the text",
            )
        found.append((field[1].decode("ascii").lower(), [line + b"\r\n"]))
    return [(name, b"".join(lines)) for name, lines in found]


def _text(name: str, raw: bytes) -> str:
    """Give the unfolded value of a field."""
    try:
        text = raw.partition(b":")[2].decode("utf-8")
    except UnicodeDecodeError:
        raise HeaderError(
            f"the field {name.title()} is no UTF-8",
            field=name,
            remedy="Write it in UTF-8, or as encoded words (RFC 2047)",
        ) from None
    return " ".join(text.replace("\r\n", "").replace("\t", " ").split(" ")).strip()


def _authors(values: dict[str, list[str]]) -> tuple[Mailbox, ...]:
    found: list[Mailbox] = []
    for name in ("from", "sender"):
        for value in values.get(name, ()):
            try:
                found += mailboxes(parse_address_list(value, field=name))
            except AddressError as fault:
                raise HeaderError(
                    f"the field {name.title()} cannot be read: {fault.what}",
                    field=name,
                    position=fault.position,
                    remedy="Write it as Name <local-part@domain>",
                ) from fault
        if name == "from" and not found:
            raise HeaderError(
                "there is no From", field="from", remedy="Name the author: From: Name <local-part@domain>"
            )
    return tuple(found)


def _kinds(values: dict[str, list[str]]) -> dict[str, RecipientKind]:
    """Tell which field names an address; who cannot be read here is named by the envelope alone."""
    found: dict[str, RecipientKind] = {}
    for name, kind in (("cc", RecipientKind.CC), ("to", RecipientKind.TO)):
        for value in values.get(name, ()):
            try:
                named: Sequence[Mailbox] = tuple(mailboxes(parse_address_list(value, field=name)))
            except AddressError:
                continue
            found |= {each.addr_spec.lower(): kind for each in named}
    return found


def _decoded(text: str) -> str:
    text = text[:_LONGEST_SUBJECT]
    if not _ENCODED.search(text):
        return text
    from email.errors import HeaderParseError  # seldom needed, and slow to load
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):
        return text
