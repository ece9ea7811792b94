"""What is said at the beginning of a session: what this server offers behind EHLO (RFC 5321 section 4.1.1.1), or that there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio

_LONGEST_NAME: Final = 255  # RFC 5321 section 4.5.3.1.2


def hello_reply(name: str, *, max_size: int, starttls: bool, auth: bool) -> str:
    """Give the reply to EHLO, of several lines.

    Args:
        name: What the server calls itself.
        max_size: Octets that a message may have (RFC 1870).
        starttls: Whether TLS can begin now (RFC 3207).
        auth: Whether somebody may sign in now (RFC 4954).
    """
    lines = [name, "PIPELINING", f"SIZE {max_size}", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"]
    if starttls:
        lines.append("STARTTLS")
    if auth:
        lines.append("AUTH PLAIN LOGIN")
    return "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])


def is_name(text: str | None) -> bool:
    """Tell whether a client may call itself that."""
    return text is not None and 0 < len(text) <= _LONGEST_NAME and text.isprintable() and " " not in text


def send_away(transport: asyncio.Transport) -> None:
    """Tell a client that it is one too many."""
    transport.write(b"421 4.7.0 Too many connections; come again later\r\n")
    transport.close()
