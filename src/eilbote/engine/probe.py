"""The test of a connection, step by step: what works, how long it takes, and where and why it stops.

Steps, in their order: ``dns``, ``connect``, ``tls`` (here with implicit TLS, after ``starttls`` otherwise),
``greeting``, ``ehlo``, ``token`` where one is fetched, ``auth``, and ``mail``, ``verify`` and ``sender`` when asked. No
message is sent: ``mail`` offers a reverse-path and takes it back (RSET), so the server's opinion of the sender is known
before the first real message. ``verify`` and ``sender`` tell what they find and fail no test.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.deliver.smtp_transport import client_options, gate_of, own_tokens
from eilbote.deliver.token_sign_in import TokenAttempt
from eilbote.engine.address_check import check_address
from eilbote.engine.early_look import open_unless_in_tls, with_less_patience
from eilbote.engine.probe_findings import Probe, ReachablePort, Step
from eilbote.engine.probe_session import offer_sender, open_watched
from eilbote.engine.probe_watch import Watch, WatchedTokens
from eilbote.engine.second_look import add_certificate_detail, find_reachable_ports, name_pair
from eilbote.engine.sender_look import look_at_sender
from eilbote.errors import DisconnectedError, EilboteError, TLSError
from eilbote.model.envelope import check_path
from eilbote.model.mail_protocol import MailProtocol
from eilbote.model.tls import Security
from eilbote.smtp.commands import Mail

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.connections.connection import Connection
    from eilbote.deliver.client_options import ClientOptions
    from eilbote.engine.probe_watch import WatchedClient
    from eilbote.engine.sender_look import Names
    from eilbote.model.clock import Clock
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.source import TokenSource

__all__ = ["Probe", "ReachablePort", "Step", "probe"]


async def probe(
    connection: Connection,
    *,
    clock: Clock,
    mail_from: str | None = None,
    verify: str | tuple[str, ...] = (),
    suggest: bool = False,
    names: Names | None = None,
    tokens: TokenSource | None = None,
    egress: EgressPolicy | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> Probe:
    """Test a connection; faults are in the result and not raised.

    Args:
        connection: Which server, how protected, as whom.
        clock: Tells the time.
        mail_from: A reverse-path to offer to the server; ``None`` leaves that step out.
        verify: Addresses to ask the server about (VRFY); without any that step is left out.
        suggest: When no session comes about, look where the same host would have answered. This makes connections that
            the settings do not ask for, so it is not done on behalf of others, for whom there is an ``egress`` policy.
        names: The name servers to ask whether receivers will believe the sender, ``mail_from`` or else the connection's
            default; ``None`` leaves that step out.
        tokens: Where access tokens come from; ``None`` has them fetched for this test alone, where any are needed.
        egress: Which addresses may be connected to; ``None`` allows any, and a refused certificate is looked at once
            more to tell what is wrong with it.
        on_step: Told each step when it is over.

    Raises:
        AddressError: ``mail_from`` cannot be a reverse-path, or something in ``verify`` is no address.
    """
    offer = None if mail_from is None else Mail(mail_from)
    asked = (verify,) if isinstance(verify, str) else verify
    for address in asked:
        check_path(address, field="verify")
    watch = Watch(clock, on_step)
    egress = gate_of(connection, egress)
    own = own_tokens(connection, clock=clock, egress=egress) if tokens is None else None
    source = tokens or own
    test = _Test(
        connection, watch, None if source is None else WatchedTokens(source, watch, clock), clock, egress
    )
    try:
        found = await test.run(offer, asked, suggest=suggest)
    finally:
        if own is not None:
            await own.close()
    sender = mail_from or (connection.default_from.addr_spec if connection.default_from else "")
    if names is not None and sender and found.ok:
        review = await look_at_sender(connection, sender, names=names)
        watch.done("sender", review.seen, review.warnings)
    return replace(found, steps=tuple(watch.steps))


class _Test:
    """One test, up to what the name servers say."""

    def __init__(
        self,
        connection: Connection,
        watch: Watch,
        tokens: WatchedTokens | None,
        clock: Clock,
        egress: EgressPolicy | None,
    ) -> None:
        self._connection = connection
        self._watch = watch
        self._tokens = tokens
        self._clock = clock
        self._egress = egress
        self._options = with_less_patience(client_options(connection, egress=egress, tokens=tokens))
        watch.stays_in_clear = self._options.security is Security.NONE
        self._opened: list[WatchedClient] = []

    async def run(self, offer: Mail | None, verify: tuple[str, ...], *, suggest: bool) -> Probe:
        """Go through the steps until one fails."""
        reachable: tuple[ReachablePort, ...] = ()
        try:
            if self._connection.protocol is MailProtocol.GRAPH:
                await self._ask_graph()
            else:
                await self._ask_server(offer, verify)
        except EilboteError as error:
            if isinstance(error, TLSError) and self._egress is None:
                await add_certificate_detail(error, self._options, clock=self._clock)
            self._watch.failed(error)
            if suggest and self._egress is None and self._connection.protocol is MailProtocol.SMTP:
                reachable = await find_reachable_ports(error, self._options, clock=self._clock)
                name_pair(error, reachable)
        seen = self._opened[-1] if self._opened else None
        return Probe(
            server=self._options.server,
            steps=tuple(self._watch.steps),
            extensions=() if seen is None else seen.extensions.lines,
            tls_version="" if seen is None else seen.tls_version,
            transcript=() if seen is None else seen.transcript,
            reachable=reachable,
        )

    async def _ask_graph(self) -> None:
        from eilbote.engine.probe_graph import probe_graph

        await probe_graph(
            self._connection, self._watch, tokens=self._tokens, clock=self._clock, egress=self._egress
        )

    async def _ask_server(self, offer: Mail | None, verify: tuple[str, ...]) -> None:
        seconds = self._connection.timeouts.command
        client = await self._open()
        try:
            if offer is not None:
                await offer_sender(client, self._watch, offer, seconds=seconds)
            for address in verify:
                await check_address(client, self._watch, address, seconds=seconds)
        finally:
            await client.quit()

    async def _open(self) -> WatchedClient:
        """Open a session; a second one when the server ended the first because of a token that has a successor."""
        if self._tokens is None:
            return await self._open_with(self._options)
        attempt = TokenAttempt(self._tokens)
        options = replace(self._options, tokens=attempt)
        try:
            return await self._open_with(options)
        except DisconnectedError:
            if attempt.other is None:
                raise
        return await self._open_with(options)

    async def _open_with(self, options: ClientOptions) -> WatchedClient:
        return await open_unless_in_tls(
            open_watched(options, self._watch, self._opened, clock=self._clock),
            options,
            has_connected=lambda: self._watch.last() == "connect",
        )
