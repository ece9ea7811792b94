"""What Microsoft Graph is given of a message: its octets, with the recipients in them that SMTP has in the envelope.

Graph has no envelope. It sends to whomever To, Cc and Bcc of the header name, and takes Bcc out before anybody sees it.
So a Bcc field is written here, and nowhere else in eilbote, with those recipients whom the header does not name. It
stands before all other fields, where it breaks no signature: DKIM does not sign it (RFC 6376 §5.4.1).

The reverse is refused: to leave out somebody whom To or Cc names, the fields would have to be rewritten, and everybody
else would read that this person was never written to. It happens when a message that was taken for some is tried again
for the others, which Graph itself never causes, because it takes a message for all recipients or for none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.errors import DeliveryError, Durability, EilboteError, ExtensionError, Scope
from eilbote.model.address import mailboxes, parse_address_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message

LARGEST: Final = 4 * 1024 * 1024
"""Octets of a message: Graph takes requests of 4 MB, and refuses some that are smaller, since base64 makes them larger."""

_END_OF_HEADER: Final = b"\r\n\r\n"
_FOLD: Final = re.compile(r"\r\n(?=[ \t])")
_NAMED: Final = re.compile(r"^(to|cc):(.*)$", re.IGNORECASE | re.MULTILINE)


def graph_octets(envelope: Envelope, message: Message, *, server: str) -> bytes:
    """Give the octets to hand over.

    Raises:
        ExtensionError: The message is larger than Graph takes, holds UTF-8 in its header, or demands TLS of every hop.
        DeliveryError: Its header names somebody whom the envelope does not.
    """
    _check(envelope, message, server=server)
    octets = message.octets()
    named = {_compared(address) for address in _addresses_in(octets)}
    wanted = {_compared(path) for path in envelope.forward_paths}
    left_out = sorted(named - wanted)
    if left_out:
        raise DeliveryError(
            f"the message would also go to {_listed(left_out)}, who {'is' if len(left_out) == 1 else 'are'} not to get it",
            field="to",
            stage="content",
            server=server,
            scope=Scope.MESSAGE,
            durability=Durability.PERMANENT,
            cause="Microsoft Graph sends to everybody whom To and Cc name, and cannot send to some of them",
            remedy="Send it to the others as a message of its own, or through SMTP",
        )
    hidden = [path for path in envelope.forward_paths if _compared(path) not in named]
    return _bcc(hidden) + octets if hidden else octets


def _check(envelope: Envelope, message: Message, *, server: str) -> None:
    if message.size > LARGEST:
        raise ExtensionError(
            f"the message has {message.size:,} octets and Microsoft Graph takes at most {LARGEST:,}",
            extension="SIZE",
            field="message",
            stage="content",
            server=server,
            remedy="Send smaller or fewer attachments, or a link to them; or send through SMTP",
        )
    need = ""
    if message.smtputf8 or envelope.needs_smtputf8:
        need = "SMTPUTF8"
    elif envelope.require_tls:
        need = "REQUIRETLS"
    if need:
        raise ExtensionError(
            f"Microsoft Graph has nothing like {need}",
            extension=need,
            field="message" if need == "SMTPUTF8" else "require_tls",
            stage="content",
            server=server,
            remedy="Send through SMTP",
        )


def _addresses_in(octets: bytes) -> Iterator[str]:
    end = octets.find(_END_OF_HEADER)
    header = octets[: len(octets) if end < 0 else end].decode("ascii", "replace")
    for field in _NAMED.finditer(_FOLD.sub("", header)):
        try:
            found = parse_address_list(field.group(2).strip(), field=field.group(1).lower())
        except EilboteError as error:
            raise DeliveryError(
                f"the {field.group(1)} field of the message cannot be read",
                field=field.group(1).lower(),
                stage="content",
                scope=Scope.MESSAGE,
                durability=Durability.PERMANENT,
                cause=f"Microsoft Graph sends to whomever it names, and {error.what}",
                remedy="Correct the field, or send through SMTP",
            ) from error
        yield from (mailbox.addr_spec for mailbox in mailboxes(found))


def _compared(address: str) -> str:
    """Give an address in the form in which two are the same mailbox at Microsoft: the case never matters there."""
    return address.lower()


def _bcc(paths: Iterable[str]) -> bytes:
    """Write the field, one address a line (RFC 5322 §2.2.3, §3.6.3)."""
    return ("Bcc: " + ",\r\n ".join(paths) + "\r\n").encode("ascii")


def _listed(addresses: list[str]) -> str:
    shown = ", ".join(addresses[:3])
    return shown if len(addresses) <= 3 else f"{shown} and {len(addresses) - 3} more"  # noqa: PLR2004 - as shown
