"""The commands of everyday mail: what needs no closer look is asked for and written in one step.

Everyday is a message to one ASCII address whose octets are at hand, that wants no notification, no REQUIRETLS and no
SMTPUTF8, and needs nothing that the server does not announce. Whatever else there may be is left to
:func:`eilbote.smtp.requirements.unmet` and :meth:`eilbote.smtp.transaction_sending.Sending.prepare`, which every
message can go by; a property compares both.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from eilbote.model.message import BodyKind
from eilbote.smtp.commands import everyday_envelope
from eilbote.smtp.requirements import BODY_PARAMETERS
from eilbote.smtp.script import GROUP_OCTETS, Route

if TYPE_CHECKING:
    from eilbote.model.envelope import Envelope
    from eilbote.model.message import Message
    from eilbote.smtp.extensions import Extensions
    from eilbote.smtp.pace import Pace

_SEVEN_BIT, _EIGHT_BIT = BodyKind.SEVEN_BIT, BodyKind.EIGHT_BIT
_EIGHT_BIT_PARAMETER = BODY_PARAMETERS[BodyKind.EIGHT_BIT]


class Everyday:
    """What one session asks of a message before it is everyday; made when the server has announced what it can.

    Args:
        extensions: What the server announces.
        pace: How far the session may run ahead.
    """

    __slots__ = ("_announces_size", "_data", "_eight_bit", "_is_possible", "_largest")

    def __init__(self, extensions: Extensions, pace: Pace) -> None:
        self._is_possible = pace.pipelining  # without it, commands leave one by one
        self._largest = sys.maxsize if extensions.size is None else extensions.size
        self._announces_size = extensions.announces_size
        self._eight_bit = extensions.eight_bit
        self._data = pace.route is Route.DATA

    def envelope(self, envelope: Envelope, message: Message) -> bytes | None:
        """Give the octets of the envelope's commands, or ``None`` for a message that is not everyday."""
        paths, size, body = envelope.forward_paths, message.size, message.body
        if (
            not self._is_possible
            or len(paths) != 1
            or size > self._largest
            or message.smtputf8
            or envelope.require_tls
            or envelope.dsn is not None
        ):
            return None
        parameters = f" SIZE={size}" if self._announces_size else ""
        if body is not _SEVEN_BIT:
            if body is not _EIGHT_BIT or not self._eight_bit:
                return None
            parameters += _EIGHT_BIT_PARAMETER
        octets = everyday_envelope(envelope.reverse_path, paths[0], parameters, data=self._data)
        return None if octets is None or len(octets) > GROUP_OCTETS else octets
