"""The commands of everyday mail: what needs no closer look is asked for and written in one step.

Everyday is a message to one ASCII address whose octets are at hand, that wants no notification, no REQUIRETLS and no
SMTPUTF8, may be sent at any time, and needs nothing that the server does not announce. Several are asked together
whether their commands hold anything but printable ASCII. Whatever else there may be is left to
:func:`eilbote.smtp.requirements.unmet` and :meth:`eilbote.smtp.transaction_sending.Sending.prepare`, which every
message can go by; a property compares both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from eilbote.model.message import BodyKind
from eilbote.smtp.commands import everyday_octets
from eilbote.smtp.content import PIECE_OCTETS
from eilbote.smtp.requirements import BODY_PARAMETERS
from eilbote.smtp.script import Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message
    from eilbote.smtp.extensions import Extensions
    from eilbote.smtp.pace import Pace

_SEVEN_BIT, _EIGHT_BIT = BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT
_EIGHT_BIT_PARAMETER = BODY_PARAMETERS[BodyKind.EIGHT_BIT]


class Letter(Protocol):
    """What is to be sent.

    Attributes:
        envelope: Where it goes; its paths have been checked.
        message: What goes.
        not_after: The last moment at which its content may be begun; ``None`` for ever.
    """

    envelope: Envelope
    message: Message
    not_after: float | None


class Everyday:
    """What one session asks of a message before it is everyday; made when the server has announced what it can.

    Args:
        extensions: What the server announces.
        pace: How far the session may run ahead.
    """

    __slots__ = ("_announces_size", "_eight_bit", "_end", "_ends", "_is_possible", "_largest")

    def __init__(self, extensions: Extensions, pace: Pace) -> None:
        self._is_possible = pace.pipelining  # without it, commands leave one by one
        self._largest = PIECE_OCTETS if extensions.size is None else min(extensions.size, PIECE_OCTETS)
        self._announces_size = extensions.announces_size
        self._eight_bit = extensions.eight_bit
        self._end = "\r\nDATA\r\n" if pace.route is Route.DATA else "\r\n"
        self._ends = b"\r\n" * (1 + self._end.count("\r\n"))

    def commands(self, letters: Sequence[Letter]) -> list[bytes] | None:
        """Give the octets of each envelope's commands, or ``None`` if one of the messages is not everyday."""
        if not self._is_possible:
            return None
        largest, announces_size, end = self._largest, self._announces_size, self._end
        texts: list[str] = []
        for letter in letters:
            envelope, message = letter.envelope, letter.message
            paths, segments = envelope.forward_paths, message.segments
            size, body = message.size, message.body
            if (
                len(paths) != 1
                or len(segments) != 1
                or type(content := segments[0]) is not bytes
                or content[-2:] != b"\r\n"
                or size > largest
                or message.smtputf8
                or envelope.require_tls
                or envelope.dsn is not None
                or letter.not_after is not None
            ):
                return None
            parameters = f" SIZE={size}" if announces_size else ""
            if body is not _SEVEN_BIT:
                if body is not _EIGHT_BIT or not self._eight_bit:
                    return None
                parameters += _EIGHT_BIT_PARAMETER
            texts.append(f"MAIL FROM:<{envelope.reverse_path}>{parameters}\r\nRCPT TO:<{paths[0]}>{end}")
        return everyday_octets(texts, self._ends)
