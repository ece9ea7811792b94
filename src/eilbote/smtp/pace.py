"""How far a session's sender may run ahead of the receiver: by the options, and by what the server announces.

The rules stand in RFC 2920 §3.1 (PIPELINING) and RFC 3030 §2 (CHUNKING).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from eilbote.smtp.script import Route

if TYPE_CHECKING:
    from eilbote.smtp.extensions import Extensions


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How a session sends.

    Attributes:
        pipelining: Use PIPELINING where it is announced.
        chunking_window: Transactions that may be under way by BDAT where CHUNKING is announced: 0 never uses
            BDAT, 1 waits for the replies to RCPT as RFC 3030 §2 describes, more sends that many ahead.
    """

    pipelining: bool = True
    chunking_window: int = 1


class Pace(NamedTuple):
    """What may be sent before it is asked for.

    Attributes:
        pipelining: Commands leave in groups.
        windowed: Whole messages leave before those before them are answered.
        window: How many transactions may be under way at once.
        route: How a content travels that is at hand in one piece.
        large_route: How one travels that is delivered piece by piece.
    """

    pipelining: bool
    windowed: bool
    window: int
    route: Route
    large_route: Route


def pace_of(options: SessionOptions, extensions: Extensions) -> Pace:
    """Say how far a session may run ahead."""
    pipelining = extensions.pipelining and options.pipelining
    chunking = options.chunking_window if extensions.chunking else 0
    # Dovecot's submission server (seen in 2.3) panics on a RCPT that waits behind a content it has not answered
    # yet, and leaves that content in doubt. BURL (RFC 4468) is announced by it and hardly anybody else; there
    # each envelope waits for the verdict before it.
    may_run_ahead = pipelining and not extensions.has("BURL")
    windowed = may_run_ahead and chunking > 1
    # A large content is not sent before somebody is known to want it.
    large_route = Route.BDAT if chunking > 0 else Route.DATA
    return Pace(
        pipelining=pipelining,
        windowed=windowed,
        # Two when running ahead: one whose content is on its way, one whose envelope is.
        window=chunking if windowed else 2 if may_run_ahead else 1,
        route=Route.STREAM if windowed else large_route,
        large_route=large_route,
    )
