"""Reads returned mail: delivery status notifications (RFC 3464, RFC 6533), complaints (RFC 5965), and what servers of old write instead.

Whatever comes from elsewhere may be anything: every list and text has a limit, nothing is believed to be well-formed, and what cannot be
read is no notification. What a mail claims here is a claim; whether it concerns mail of ours is for others to find out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, cast

from eilbote.record.returned_text import CODE, is_from_a_server, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import Message

MOST_OCTETS: Final = 1024 * 1024
"""Of a returned mail; what lies behind is not looked at."""
_MOST_PARTS: Final = 50
_MOST_HEADERS: Final = 2000
_MOST_RECIPIENTS: Final = 1000
_LONGEST: Final = 1000
_BLANK_LINE: Final = re.compile(rb"\n\r?\n")
_BOUNDARY: Final = re.compile(rb"boundary\s*=", re.IGNORECASE)
_STATUS: Final = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?!\d)")
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,990}>")
_XTEXT: Final = re.compile(r"\+([0-9A-F]{2})")
_UNITEXT: Final = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_STATUS_TYPES: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RETURNED_TYPES: Final = frozenset(
    {
        *("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"),
        *("message/global", "message/global-headers", "text/rfc822-header"),
    }
)


class Action(StrEnum):
    """What a server has done about a recipient (RFC 3464 section 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"
    COMPLAINED = "complained"
    """The recipient has called it unwanted (RFC 5965)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedRecipient:
    """What is said of one recipient.

    Attributes:
        address: Whom the server has tried last; empty when it does not say.
        original: Whom the sender has named; empty when it is not said.
        action: What it has done.
        status: Enhanced status code, such as ``5.1.1``; empty when there is none.
        text: What the server far away has said; at most 1,000 characters.
    """

    address: str
    original: str = ""
    action: Action
    status: str = ""
    text: str = ""

    @property
    def is_hard(self) -> bool:
        """Whether it has failed for good, for a reason that lies in the address: another mail to it would fail the same way.

        A full mailbox, a refused content or a rule of the server (5.2.2, 5.6.x, 5.7.x) say nothing about the next one.
        """
        klass, _, rest = self.status.partition(".")
        subject, _, detail = rest.partition(".")
        return (
            self.action is Action.FAILED
            and klass == "5"
            and (subject in {"0", "1"} or (subject == "2" and detail in {"0", "1"}) or rest == "4.4")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedMail:
    """A notification.

    Attributes:
        recipients: What is said of whom.
        envelope_id: The label that the sender has given (RFC 3461), as it is written there: some servers write it back as xtext.
        message_id: Of the message that is returned; empty when it is not there.
        server: Who reports it.
        is_standard: Whether it is written as RFC 3464 or RFC 5965 have it; otherwise it was guessed from a text.
    """

    recipients: tuple[ReturnedRecipient, ...]
    envelope_id: str = ""
    message_id: str = ""
    server: str = ""
    is_standard: bool = True


def read_returned(octets: bytes) -> ReturnedMail | None:
    """Read a returned mail; ``None`` when it is none, or nobody can tell whom it concerns."""
    octets = octets[:MOST_OCTETS]
    if _is_costly(octets):
        return None
    from email import message_from_bytes  # seldom needed, and slow to load

    try:
        message = message_from_bytes(octets)
        parts = list(_parts(message))
        return _standard(parts) or _complaint(parts) or _guessed(message, parts)
    except (ValueError, LookupError, RecursionError, TypeError, AttributeError):
        # the standard library is not meant for hostile mail; what it stumbles over is no notification
        return None


def _is_costly(octets: bytes) -> bool:
    blank = _BLANK_LINE.search(octets)
    lines = octets.count(b"\n", 0, len(octets) if blank is None else blank.start())
    return len(_BOUNDARY.findall(octets)) > _MOST_PARTS or lines > _MOST_HEADERS


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number >= 4 * _MOST_PARTS:
            return
        yield part


# -- as RFC 3464 has it ------------------------------------------------------------------------------------------


def _standard(parts: list[Message]) -> ReturnedMail | None:
    found = next((part for part in parts if part.get_content_type() in _STATUS_TYPES), None)
    if found is None:
        return None
    groups = _groups(found)
    recipients: list[ReturnedRecipient] = []
    whole: dict[str, str] = {}
    for group in groups[: _MOST_RECIPIENTS + 1]:
        if "final-recipient" in group or "original-recipient" in group:
            recipient = _recipient(group)
            if recipient is not None:
                recipients.append(recipient)
        elif not whole:
            whole = group
    if not recipients:
        return None
    return ReturnedMail(
        recipients=tuple(recipients[:_MOST_RECIPIENTS]),
        envelope_id=_line(whole.get("original-envelope-id", "")),
        message_id=_returned_id(parts),
        server=_value(whole.get("reporting-mta", ""))[:255],
    )


def _groups(part: Message) -> list[dict[str, str]]:
    """Give the groups of fields, names in small letters; some servers leave out the empty lines between them."""
    payload = cast("object", part.get_payload())
    text = (
        "\n\n".join(each.as_bytes().decode("utf-8", "replace") for each in cast("list[Message]", payload))
        if isinstance(payload, list)
        else _decoded(part)
    )
    groups: list[dict[str, str]] = [{}]
    last = ""
    for line in text.splitlines()[: 20 * _MOST_RECIPIENTS]:
        if not line.strip():
            if groups[-1]:
                groups.append({})
            last = ""
            continue
        if line[:1] in {" ", "\t"}:
            if last:
                groups[-1][last] = f"{groups[-1][last]} {line.strip()}"[: 4 * _LONGEST]
            continue
        name, colon, value = line.partition(":")
        last = name.strip().lower() if colon else ""
        if not last:
            continue
        if last in groups[-1] and last in {"final-recipient", "original-recipient"}:
            groups.append({})
        groups[-1].setdefault(last, value.strip()[: 4 * _LONGEST])
    return [group for group in groups if group]


def _recipient(group: Mapping[str, str]) -> ReturnedRecipient | None:
    said = _status(group.get("status", ""))
    diagnostic = _value(group.get("diagnostic-code", "")) or group.get("status", "")
    nearer = CODE.search(diagnostic)
    # many servers say 5.0.0 and leave the reason to the text
    if nearer is not None and (not said or said.endswith(".0.0")) and (not said or nearer[1][0] == said[0]):
        said = nearer[1]
    word = group.get("action", "").split("(")[0].strip().lower()
    try:
        action = Action(word)
    except ValueError:
        by_class = {"5": Action.FAILED, "4": Action.DELAYED, "2": Action.DELIVERED}
        if said[:1] not in by_class:
            return None
        action = by_class[said[0]]
    if action is Action.COMPLAINED:
        return None
    address = _address(group.get("final-recipient", ""))
    original = _address(group.get("original-recipient", ""))
    if not address and not original:
        return None
    return ReturnedRecipient(
        address=address, original=original, action=action, status=said, text=_line(diagnostic)
    )


# -- as RFC 5965 has it ------------------------------------------------------------------------------------------


def _complaint(parts: list[Message]) -> ReturnedMail | None:
    found = next((part for part in parts if part.get_content_type() == "message/feedback-report"), None)
    if found is None:
        return None
    fields: dict[str, str] = {}
    for group in _groups(found):
        fields = {**group, **fields}
    kind = fields.get("feedback-type", "").lower()
    address = _address(fields.get("original-rcpt-to", ""))
    if kind not in {"abuse", "fraud", "opt-out", "complaint"}:
        return None
    return ReturnedMail(
        recipients=(
            ReturnedRecipient(address=address, action=Action.COMPLAINED, text=_line(f"complaint: {kind}")),
        ),
        message_id=_returned_id(parts),
        server=_line(fields.get("user-agent", ""))[:255],
    )


# -- as servers of old have it -----------------------------------------------------------------------------------


def _guessed(message: Message, parts: list[Message]) -> ReturnedMail | None:
    sender, subject = str(message.get("From", "")), str(message.get("Subject", ""))
    failed = str(message.get("X-Failed-Recipients", ""))
    if not failed and not is_from_a_server(sender, subject, str(message.get("Return-Path", "-"))):
        return None
    text = next((_decoded(part) for part in parts if part.get_content_type() == "text/plain"), "")
    found = read_text(text, failed=failed, subject=subject)
    if not found:
        return None
    inside = _MESSAGE_ID.search(_behind(text, "message-id:"))
    return ReturnedMail(
        recipients=tuple(
            ReturnedRecipient(
                address=each.address,
                action=Action.DELAYED if each.is_delayed else Action.FAILED,
                status=each.status,
                text=_line(each.text),
            )
            for each in found
        ),
        message_id=_returned_id(parts) or (inside[0] if inside else ""),
        server=_line(sender)[:255],
        is_standard=False,
    )


def _behind(text: str, word: str) -> str:
    """Give the line behind a word at the beginning of a line, in any letter case."""
    for line in text.splitlines():
        if line.lower().startswith(word):
            return line[len(word) :]
    return ""


# -- values ------------------------------------------------------------------------------------------------------


def _returned_id(parts: list[Message]) -> str:
    """Give the Message-ID of what is returned, whole or as its header."""
    for part in parts:
        if part.get_content_type() not in _RETURNED_TYPES:
            continue
        payload = cast("object", part.get_payload())
        if isinstance(payload, list) and payload:
            inner = cast("list[Message]", payload)[0]
            said = str(inner.get("Message-ID", ""))
        else:
            said = _behind(_decoded(part), "message-id:")
        found = _MESSAGE_ID.search(said)
        if found is not None:
            return found[0]
    return ""


def _decoded(part: Message) -> str:
    payload = cast("object", part.get_payload(decode=True))
    if isinstance(payload, bytes):
        return payload.decode("utf-8", "replace")
    return ""


def _status(text: str) -> str:
    found = _STATUS.match(text)
    return "" if found is None else found[1]


def _value(text: str) -> str:
    """Give what stands behind the type of a value, ``smtp; 550 ...``."""
    kind, semicolon, value = text.partition(";")
    return value.strip() if semicolon and " " not in kind.strip() else text.strip()


def _address(text: str) -> str:
    kind, semicolon, value = text.partition(";")
    said = (value if semicolon else kind).strip().strip("<>").strip()
    said = _unescaped(said) if "+" in said and _XTEXT.search(said) and "@" in _unescaped(said) else said
    said = _UNITEXT.sub(_character, said)
    if "@" not in said or len(said) > 320 or not said.isprintable() or " " in said:  # noqa: PLR2004 - more than any address
        return ""
    return said


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if number < 0x110000 else ""  # noqa: PLR2004 - as many as there are


def _unescaped(text: str) -> str:
    """Read xtext (RFC 3461 section 4); only some servers write it back as they got it."""
    return _XTEXT.sub(lambda found: chr(int(found[1], 16)), text)


def _line(text: str) -> str:
    line = " ".join(text.split())
    return "".join(each for each in line if each.isprintable())[:_LONGEST]
