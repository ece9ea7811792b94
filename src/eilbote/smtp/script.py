"""The commands of one envelope, in the order they are sent, and how they are cut into groups (RFC 2920)."""

from __future__ import annotations

from enum import IntEnum, auto
from functools import lru_cache
from typing import TYPE_CHECKING

from eilbote.model.message import BodyKind
from eilbote.smtp.commands import DATA_LINE, GROUP_OCTETS, everyday_envelope, mail_line, octets, rcpt_line
from eilbote.smtp.requirements import BODY_PARAMETERS, mail_parameters, rcpt_parameters

if TYPE_CHECKING:
    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message
    from eilbote.smtp.extensions import Extensions

_OK = 250
_GO_AHEAD = 354


class Route(IntEnum):
    """How the content travels."""

    DATA = auto()
    """After 354, made transparent, ended by a dot (RFC 5321 §4.1.1.4)."""
    BDAT = auto()
    """Counted, after the replies to RCPT (RFC 3030 §2)."""
    STREAM = auto()
    """Counted, together with the envelope."""


_DATA = Route.DATA
_SEVEN_BIT = BodyKind.SEVEN_BIT


def envelope_octets(envelope: Envelope, message: Message, extensions: Extensions, route: Route) -> bytes:
    """Write MAIL, every RCPT and, on its route, DATA.

    Raises:
        LocalProtocolError: A command would hold a control character.
    """
    reverse_path, paths = envelope.reverse_path, envelope.forward_paths
    if len(paths) == 1 and envelope.dsn is None and not (envelope.require_tls or message.smtputf8):
        parameters = f" SIZE={message.size}" if extensions.announces_size else ""
        if message.body is not _SEVEN_BIT:
            parameters += BODY_PARAMETERS[message.body]
        made = everyday_envelope(reverse_path, paths[0], parameters, data=route is _DATA)
        if made is not None:
            return made
    utf8 = message.smtputf8 or not ("".join(paths) + reverse_path).isascii()
    dsn = envelope.dsn
    lines = [mail_line(reverse_path, mail_parameters(envelope, message, extensions, utf8=utf8))]
    if dsn is not None and extensions.dsn:
        lines += [rcpt_line(path, rcpt_parameters(path, dsn)) for path in paths]
    else:
        lines += [rcpt_line(path, "") for path in paths]
    if route is Route.DATA:
        lines.append(DATA_LINE)
    return octets(lines)


def end_of_group(lines: list[bytes], first: int) -> int:
    """Find how far a group reaches that begins at a line: below 8 KB, and at least one command."""
    size = 0
    for index in range(first, len(lines)):
        size += len(lines[index])
        if size > GROUP_OCTETS and index > first:
            return index
    return len(lines)


@lru_cache(maxsize=256)
def codes_of_acceptance(route: Route, recipients: int, resets: int) -> list[int]:
    """Give the reply codes of a server that says yes to everything; the list is shared and not to be changed."""
    codes = [_OK] * (resets + 1 + recipients)
    if route is Route.DATA:
        codes.append(_GO_AHEAD)
    elif route is Route.STREAM:
        codes.append(_OK)
    return codes
