"""How long to wait for a server, step by step (RFC 5321 §4.5.3.2)."""

from __future__ import annotations

from dataclasses import dataclass, fields

from eilbote.errors import SettingsError
from eilbote.model.kinds import shown

_LONGEST = 24 * 60 * 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Deadlines in seconds; each covers a whole step, not one read.

    RFC 5321 asks for five minutes at most steps; a notification waits less for a greeting, because another
    attempt follows, and as long as the RFC says after the final dot, because there a client that leaves too
    early makes the server deliver twice.

    Attributes:
        connect: Name look-up, TCP and, with implicit TLS, its handshake.
        greeting: From the connection to the server's first reply.
        command: From a command to its reply; also the STARTTLS handshake.
        data_block: From one block of content to the moment the next can be written.
        final_dot: From the end of the content to the server's verdict.
        total: From the first octet of a message's transaction to its verdict; ``None`` for no such deadline.

    Raises:
        SettingsError: A deadline is not a number of seconds above 0 and up to a day.
    """

    connect: float = 30.0
    greeting: float = 60.0
    command: float = 120.0
    data_block: float = 180.0
    final_dot: float = 600.0
    total: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no timer can keep."""
        for item in fields(self):
            value: object = getattr(self, item.name)
            if value is None and item.name == "total":
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= _LONGEST:
                raise SettingsError(
                    f"{shown(value)} is not a deadline",
                    field=f"timeouts.{item.name}",
                    remedy="Give seconds, more than 0 and at most 86400",
                )
