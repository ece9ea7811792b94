"""Ways out for capture mode: each leads onto the shelf, and to the real server for what was released alone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from eilbote.engine.capture import CapturingTransport
from eilbote.engine.token_sources import TokenSources
from eilbote.engine.transports import Transports
from eilbote.engine.way_out import way_out

if TYPE_CHECKING:
    from eilbote.connections.connection import Connection
    from eilbote.deliver.transport import Transport
    from eilbote.engine.capture import CaptureShelf
    from eilbote.model.clock import Clock
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.token import TokenStore

_LOG: Final = logging.getLogger("eilbote")


def capturing_transports(
    shelf: CaptureShelf, *, clock: Clock, egress: EgressPolicy, tokens: TokenStore
) -> Transports:
    """Give ways out of which none leads out, and say so in the log.

    Args:
        shelf: Where mail is kept.
        clock: Tells the time.
        egress: Where the servers of organizations may be.
        tokens: What is known of access tokens.
    """
    _LOG.warning("capture mode is on: mail is kept to be looked at, and nothing is sent")
    sources = TokenSources(clock=clock, store=tokens)

    def usual(connection: Connection) -> Transport:
        gate = egress if connection.public_only else None
        return way_out(connection, clock=clock, egress=gate, tokens=sources.of(connection, egress=gate))

    return Transports(
        clock=clock, tokens=sources, make=lambda connection: CapturingTransport(shelf, connection, usual)
    )
