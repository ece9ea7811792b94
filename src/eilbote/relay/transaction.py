"""One mail on its way in: from whom, to whom, and what is handed to the outbox in the end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eilbote.compose.date_field import date_field
from eilbote.model.envelope import Envelope, Notify
from eilbote.relay.parameters import dsn_request

if TYPE_CHECKING:
    from datetime import datetime

    from eilbote.relay.content import IncomingContent
    from eilbote.relay.parameters import MailParameters

_HELLO: Final = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}\Z")
_OWN_DATE: Final = re.compile(rb"^date[ \t]*:", re.IGNORECASE | re.MULTILINE)
_OWN_ID: Final = re.compile(rb"^message-id[ \t]*:", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who sends.

    Attributes:
        address: The IP address.
        hello: What it calls itself.
        is_extended: Whether it said EHLO.
        is_secured: Whether TLS protects the session.
        is_signed_in: Whether it is known who it is.
    """

    address: str
    hello: str
    is_extended: bool
    is_secured: bool
    is_signed_in: bool


@dataclass(slots=True, kw_only=True)
class Transaction:
    """What MAIL and RCPT have said so far.

    Attributes:
        reverse_path: Empty for the null path.
        parameters: What MAIL says beside it.
        forward_paths: The recipients.
        notified: For each of them, when a notification is wanted.
        is_bounce: Whether they are our own addresses for returned mail.
    """

    reverse_path: str
    parameters: MailParameters
    forward_paths: list[str] = field(default_factory=list[str])
    notified: list[frozenset[Notify] | None] = field(default_factory=list[frozenset[Notify] | None])
    is_bounce: bool = False

    def envelope(self) -> Envelope:
        """Give the envelope."""
        return Envelope(
            reverse_path=self.reverse_path,
            forward_paths=tuple(self.forward_paths),
            dsn=dsn_request(self.parameters, self.notified),
        )


def trace_field(client: Client, *, host_name: str, token: str, now: datetime, smtputf8: bool) -> str:
    """Give the Received field (RFC 5321 section 4.4); the protocol is named as RFC 3848 and RFC 6531 have it."""
    hello = client.hello if _HELLO.match(client.hello) else "unknown"
    address = f"IPv6:{client.address}" if ":" in client.address else client.address
    if client.is_extended:
        protocol = "UTF8SMTP" if smtputf8 else "ESMTP"
        protocol += ("S" if client.is_secured else "") + ("A" if client.is_signed_in else "")
    else:
        protocol = "SMTP"
    date = date_field(now).removeprefix("Date: ")
    return f"Received: from {hello} ([{address}])\r\n\tby {host_name} with {protocol} id {token};\r\n\t{date}"


def key_of(transaction: Transaction, content: IncomingContent, *, organization: str, hour: int) -> str | None:
    """Give the key under which the same message is accepted once within an hour.

    A client that has lost our 250 sends again what it sent, octet by octet. Only a message with a Date and a Message-ID of its own is
    known by that: without them a second one of the same words may well be meant.
    """
    header = content.looked_over.header
    if not (_OWN_DATE.search(header) and _OWN_ID.search(header)):
        return None
    import hashlib

    said = repr((organization, transaction.reverse_path, sorted(transaction.forward_paths), hour)).encode()
    return f"relay-{hashlib.sha256(said + content.digest()).hexdigest()}"
