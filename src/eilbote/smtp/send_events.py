"""What saying each command before mail does to the state of a session (:mod:`eilbote.smtp.states`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.smtp.commands import Auth, AuthResponse, Ehlo, Helo, Mail, Noop, Quit, Rset, StartTls, Vrfy
from eilbote.smtp.states import SessionEvent

if TYPE_CHECKING:
    from eilbote.smtp.commands import SetupCommand

SEND_EVENTS: Final[dict[type[SetupCommand], SessionEvent]] = {
    Ehlo: SessionEvent.SEND_HELLO,
    Helo: SessionEvent.SEND_HELLO,
    StartTls: SessionEvent.SEND_STARTTLS,
    Auth: SessionEvent.SEND_AUTH,
    AuthResponse: SessionEvent.SEND_RESPONSE,
    Mail: SessionEvent.SEND_CHECK,  # to see whether it would be taken; a RSET follows
    Noop: SessionEvent.SEND_CHECK,
    Rset: SessionEvent.SEND_CHECK,
    Vrfy: SessionEvent.SEND_CHECK,
    Quit: SessionEvent.SEND_QUIT,
}
