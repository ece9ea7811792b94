"""The test of a connection, step by step: what works, how long it takes, and where and why it stops.

Steps, in their order: ``dns``, ``connect``, ``tls`` (here with implicit TLS, after ``starttls`` otherwise),
``greeting``, ``ehlo``, ``token`` where one is fetched, ``auth``, and ``mail`` and ``verify`` when asked. No message is
sent: ``mail`` offers a reverse-path and takes it back (RSET), so the server's opinion of the sender is known before the
first real message.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from eilbote.deliver.smtp_transport import client_options
from eilbote.deliver.verdict import judge
from eilbote.engine.address_check import check_address
from eilbote.engine.probe_findings import Probe, ReachablePort, Step
from eilbote.engine.probe_watch import Watch, WatchedClient, WatchedTokens
from eilbote.engine.second_look import add_certificate_detail, find_reachable_ports
from eilbote.errors import DeliveryError, EilboteError, TLSError
from eilbote.model.envelope import check_path
from eilbote.net.stream import Stream
from eilbote.smtp.commands import Mail, Rset
from eilbote.smtp.explain import explain

if TYPE_CHECKING:
    from collections.abc import Callable

    from eilbote.connections.connection import Connection
    from eilbote.deliver.client_options import ClientOptions
    from eilbote.model.clock import Clock
    from eilbote.net.egress import EgressPolicy
    from eilbote.oauth2.source import TokenSource

__all__ = ["Probe", "ReachablePort", "Step", "probe"]


async def probe(
    connection: Connection,
    *,
    clock: Clock,
    mail_from: str | None = None,
    verify: str | None = None,
    suggest: bool = False,
    tokens: TokenSource | None = None,
    egress: EgressPolicy | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> Probe:
    """Test a connection; faults are in the result and not raised.

    Args:
        connection: Which server, how protected, as whom.
        clock: Tells the time.
        mail_from: A reverse-path to offer to the server; ``None`` leaves that step out.
        verify: An address to ask the server about (VRFY); ``None`` leaves that step out.
        suggest: When no session comes about, look where the same host would have answered. This makes connections that
            the settings do not ask for, so leave it out on behalf of others.
        tokens: Where access tokens come from, for credentials that get one.
        egress: Which addresses may be connected to; ``None`` allows any, and a refused certificate is looked at once
            more to tell what is wrong with it.
        on_step: Told each step when it is over.

    Raises:
        AddressError: ``mail_from`` cannot be a reverse-path, or ``verify`` no address.
    """
    offer = None if mail_from is None else Mail(mail_from)
    if verify is not None:
        check_path(verify, field="verify")
    watch = Watch(clock, on_step)
    opened: list[WatchedClient] = []
    options = client_options(connection, egress=egress)
    if tokens is not None:
        options = replace(options, tokens=WatchedTokens(tokens, watch, clock))
    reachable: tuple[ReachablePort, ...] = ()
    try:
        client = await _open(options, watch, opened, clock=clock)
        try:
            if offer is not None:
                await _offer(client, watch, offer, connection.timeouts.command)
            if verify is not None:
                await check_address(client, watch, verify, seconds=connection.timeouts.command)
        finally:
            await client.quit()
    except EilboteError as error:
        if isinstance(error, TLSError) and egress is None:
            await add_certificate_detail(error, options, clock=clock)
        watch.failed(error)
        if suggest:
            reachable = await find_reachable_ports(error, options, clock=clock)
    seen = opened[0] if opened else None
    return Probe(
        server=options.server,
        steps=tuple(watch.steps),
        extensions=() if seen is None else seen.extensions.lines,
        tls_version="" if seen is None else seen.tls_version,
        transcript=() if seen is None else seen.transcript,
        reachable=reachable,
    )


async def _open(
    options: ClientOptions, watch: Watch, opened: list[WatchedClient], *, clock: Clock
) -> WatchedClient:
    async def connect(host: str, port: int, *, receiver: WatchedClient, **settings: object) -> Stream:
        receiver.watch = watch
        opened.append(receiver)
        return await Stream.connect(
            host,
            port,
            receiver=receiver,
            on_step=watch.done,
            **settings,  # type: ignore[arg-type]  # what Client.open gives every stream
        )

    return await WatchedClient.open(  # type: ignore[return-value]  # a class method gives its own class
        options,
        clock=clock,
        on_done=lambda _client, _deliveries: None,
        on_room=lambda _client: None,
        on_lost=lambda _client, _error: None,
        connect=connect,
    )


async def _offer(client: WatchedClient, watch: Watch, offer: Mail, seconds: float) -> None:
    if not offer.reverse_path.isascii():
        offer = Mail(offer.reverse_path, ("SMTPUTF8",))
    reply = await client.ask(offer, stage="mail", seconds=seconds)
    said = client.redactor.presentable(str(reply))
    if reply.is_positive:
        watch.done("mail", said)
        with suppress(DeliveryError):
            await client.ask(Rset(), stage="reset", seconds=seconds)
        return
    verdict = judge(reply.code, reply.enhanced, stage="mail")
    explanation = explain(reply, stage="mail", server=client.server)
    raise DeliveryError(
        f"the server does not take mail from {offer.reverse_path or 'the null path'}",
        field="from",
        stage="mail",
        server=client.server,
        scope=verdict.scope,
        durability=verdict.durability,
        reply_code=reply.code,
        enhanced_status_code=None if reply.enhanced is None else str(reply.enhanced),
        reply_text=client.redactor.presentable(reply.text),
        cause=f"it said: {said}" if explanation is None else f"{explanation.cause} (it said: {said})",
        remedy="Use an address that this user may send from" if explanation is None else explanation.remedy,
    )
