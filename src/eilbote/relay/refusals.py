"""From what eilbote cannot do to what the client of the relay hears (RFC 5321 section 4.2, RFC 3463).

4yz keeps the message with the client, which comes again; 5yz gives it back to whoever has written it. Whatever an administrator can
mend is 4yz, so that no mail is lost for it.
"""

from __future__ import annotations

from typing import Final

from eilbote.compose.raw_message import MailLoopError
from eilbote.connections.allowed_senders import is_sender_refusal
from eilbote.errors import (
    AccessError,
    AlreadySubmittedError,
    ConfigurationError,
    DraftError,
    EilboteError,
    ForbiddenError,
    OutboxUnavailableError,
    SuppressedError,
    ThrottledError,
)

_LONGEST: Final = 400
_REPLIES: Final[tuple[tuple[type[EilboteError], str], ...]] = (
    (MailLoopError, "554 5.4.6"),
    (SuppressedError, "550 5.7.1"),
    (ThrottledError, "452 4.2.1"),
    (AccessError, "550 5.7.1"),
    (DraftError, "550 5.6.0"),
    (ConfigurationError, "451 4.3.5"),
    (OutboxUnavailableError, "451 4.3.1"),
    (AlreadySubmittedError, "554 5.6.0"),
)


def reply_to(error: Exception) -> str:
    """Give the reply for a message that could not be accepted."""
    if not isinstance(error, EilboteError):
        return "451 4.3.0 Something went wrong that nobody has foreseen; the log tells more"
    codes = next((codes for kind, codes in _REPLIES if isinstance(error, kind)), "451 4.3.0")
    if codes == "550 5.6.0" and isinstance(error, DraftError) and is_sender_refusal(error):
        codes = "550 5.7.1"
    return f"{codes} {plain_words(str(error))}"


def sign_in_reply(error: Exception, *, codes: str = "") -> str:
    """Give the reply for a sign-in that was refused; it is the same for unknown names and for wrong passwords.

    Args:
        error: Why.
        codes: Reply code and enhanced status code, where others are due than those of a refused sign-in.
    """
    refused, text = "454 4.7.0", "Nobody can be let in for now; come again later"
    if isinstance(error, ThrottledError):
        text = "Too many wrong passwords; come again later"
    elif isinstance(error, ForbiddenError):
        refused, text = "535 5.7.8", "This user or key may not hand in messages"
    elif isinstance(error, AccessError):
        refused, text = "535 5.7.8", "User name or password is wrong"
    return f"{codes or refused} {text}"


def plain_words(text: str) -> str:
    """Write a text so that it can stand in a reply: one line of printable ASCII."""
    words = " ".join(text.split()).encode("ascii", "backslashreplace").decode()
    return "".join(each if each.isprintable() else "?" for each in words)[:_LONGEST]
