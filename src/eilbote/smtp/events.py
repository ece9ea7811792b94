"""What a session tells whoever drives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from eilbote.smtp.transaction import Transaction

if TYPE_CHECKING:
    from eilbote.errors import RemoteProtocolError
    from eilbote.smtp.commands import SetupCommand
    from eilbote.smtp.replies import Reply


@dataclass(frozen=True, slots=True)
class Answered:
    """The server answered a single command.

    Attributes:
        command: Which one; ``None`` for the greeting.
        reply: What it said.
    """

    command: SetupCommand | None
    reply: Reply


@dataclass(frozen=True, slots=True)
class Closing:
    """The server said 421: it is closing the session, and nothing more will be answered.

    Attributes:
        reply: What it said.
    """

    reply: Reply


@dataclass(frozen=True, slots=True)
class Broken:
    """The server broke a rule: which reply belongs to what is unknown from here on.

    Attributes:
        error: Which rule, and how.
    """

    error: RemoteProtocolError


Event: TypeAlias = Transaction | Answered | Closing | Broken
"""A transaction that is over is its own event."""
