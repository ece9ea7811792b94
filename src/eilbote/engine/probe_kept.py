"""The test of a connection that is kept beside an outbox, with the tokens that are kept there.

A test that fetched tokens of its own would spend the refresh token that the couriers go on to use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.engine.probe import probe
from eilbote.engine.token_sources import TokenSources

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.connections.connection import Connection
    from eilbote.engine.probe_findings import Probe, Step
    from eilbote.model.clock import Clock
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.token import TokenStore


async def probe_kept(
    connection: Connection,
    *,
    clock: Clock,
    tokens: TokenStore,
    egress: EgressPolicy | None,
    mail_from: str | None,
    verify: str | tuple[str, ...],
    suggest: bool,
    check_sender: bool,
    on_step: Callable[[Step], None] | None = None,
) -> Probe:
    """Test a connection; the arguments are those of :func:`~eilbote.engine.probe.probe`.

    Raises:
        AddressError: ``mail_from`` cannot be a reverse-path, or something in ``verify`` is no address.
    """
    from eilbote.net.dns import NameServers

    sources = TokenSources(clock=clock, store=tokens)
    try:
        source = sources.of(connection, egress=egress)
        await sources.ask_again(connection)  # whoever tests wants to know what is so now
        return await probe(
            connection,
            clock=clock,
            mail_from=mail_from,
            verify=verify,
            suggest=suggest,
            names=NameServers() if check_sender else None,
            tokens=source,
            egress=egress,
            on_step=on_step,
        )
    finally:
        await sources.close()
