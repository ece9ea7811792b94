"""Where a connection does not come about, look again: what is wrong with the certificate, and where the host does answer.

Both open further connections to the same host, in which nobody signs in and nothing is sent. So they are for the
administrator's own connections only: on behalf of others this would be a way to explore somebody's network.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eilbote.connections.host import is_loopback
from eilbote.deliver.client import Client
from eilbote.engine.probe_findings import ReachablePort
from eilbote.errors import DeliveryError, EilboteError, TLSError
from eilbote.model.credentials import Anonymous
from eilbote.model.tls import Security, TlsPolicy
from eilbote.net.certificate import detail_of, read_certificate
from eilbote.net.stream import Stream
from eilbote.net.tls import context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.deliver.client_options import ClientOptions
    from eilbote.model.clock import Clock

_SECONDS: Final = 5.0
"""For each look: a server that answers does so in milliseconds, and somebody is waiting for the result."""
_USUAL: Final = ((465, Security.TLS), (587, Security.STARTTLS), (25, Security.STARTTLS))
_WORTH_ANOTHER_PORT: Final = frozenset({"connect", "tls", "greeting", "ehlo", "starttls"})


class _Looker(Client):
    """A client that remembers its stream."""

    __slots__ = ("stream",)

    stream: Stream

    def connected(self, stream: Stream) -> None:
        self.stream = stream
        super().connected(stream)


async def add_certificate_detail(error: TLSError, options: ClientOptions, *, clock: Clock) -> None:
    """Tell of a refused certificate what it says of itself: since when, for whom, by whom.

    It is looked at unchecked in a session of its own, in which nothing is said but EHLO and STARTTLS. Nothing is added
    when it cannot be had.
    """
    if not _is_about_certificate(error):
        return
    unchecked = replace(options.tls, verify=False, ca_file=None)
    der = await _certificate(replace(options, tls=unchecked), clock=clock)
    certificate = None if der is None else read_certificate(der)
    if certificate is None:
        return
    detail = detail_of(
        certificate, error.cause or "", host=options.tls.server_name or options.host, now=clock.now()
    )
    error.cause = f"{error.cause}: {detail}"
    if detail.startswith("it is for") and certificate.names:
        error.remedy = f"Set host, or tls.server_name, to a name of the certificate: {certificate.names_text}"


async def find_reachable_ports(
    error: EilboteError, options: ClientOptions, *, clock: Clock
) -> tuple[ReachablePort, ...]:
    """Try the usual pairs of port and security at the same host, all at once; nobody signs in."""
    if not isinstance(error, DeliveryError) or error.stage not in _WORTH_ANOTHER_PORT:
        return ()
    tried = [_try(options, port, security, clock=clock) for port, security in _pairs(options)]
    return tuple(found for found in await asyncio.gather(*tried) if found is not None)


async def answers_in_tls(options: ClientOptions) -> bool:
    """Tell whether a port speaks TLS from the first octet, whoever its certificate is for."""
    unchecked = replace(options.tls, verify=False, ca_file=None)
    try:
        await _shown_at_once(replace(options, tls=unchecked))
    except EilboteError:
        return False
    return True


def name_pair(error: EilboteError, reachable: tuple[ReachablePort, ...]) -> None:
    """Let the remedy name the first pair that was found to work, an encrypted one before any other."""
    working = [found for found in reachable if not found.certificate_fault]
    if working:
        best = min(working, key=lambda found: found.security is Security.NONE)
        error.remedy = (
            f"Set port to {best.port} and security to '{best.security.value}': the same host answers there"
        )


def _pairs(options: ClientOptions) -> Iterator[tuple[int, Security]]:
    """Give the usual pairs, and the other modes on the port that was given; in clear only where nobody can listen."""
    own = [(options.port, Security.TLS), (options.port, Security.STARTTLS)]
    if is_loopback(options.host):
        own.append((options.port, Security.NONE))
    given = (options.port, options.security)
    # 465 is TLS and 587 STARTTLS everywhere; asking them for the other would only wait for nothing (RFC 8314 §3.3).
    usual_ports = {port for port, _ in _USUAL}
    pairs = _USUAL if options.port in usual_ports and not is_loopback(options.host) else (*_USUAL, *own)
    yield from (pair for pair in dict.fromkeys(pairs) if pair != given)


async def _try(
    options: ClientOptions, port: int, security: Security, *, clock: Clock
) -> ReachablePort | None:
    changed = replace(_quiet(options), port=port, security=security)
    try:
        return await _announced(changed, clock=clock)
    except TLSError as error:
        if not _is_about_certificate(error):
            return None
        fault = error.cause or error.what
    except EilboteError:
        return None
    try:
        found = await _announced(replace(changed, tls=TlsPolicy(verify=False)), clock=clock)
    except EilboteError:
        return None
    return replace(found, certificate_fault=fault)


async def _announced(options: ClientOptions, *, clock: Clock) -> ReachablePort:
    client = await _opened(options, clock=clock)
    try:
        seen = ", ".join(client.extensions.lines)
        return ReachablePort(
            port=options.port, security=options.security, seen=client.redactor.presentable(seen)
        )
    finally:
        await client.quit()


async def _certificate(options: ClientOptions, *, clock: Clock) -> bytes | None:
    try:
        if options.security is Security.TLS:
            return await _shown_at_once(options)
        client = await _opened(_quiet(options), clock=clock)
    except EilboteError:
        return None
    try:
        return client.stream.certificate()
    finally:
        await client.quit()


async def _shown_at_once(options: ClientOptions) -> bytes | None:
    """Get the certificate of a server that speaks TLS from the first octet, whatever it speaks inside."""
    stream = await Stream.connect(
        options.host,
        options.port,
        receiver=_Nobody(),
        ssl_context=context(options.tls),
        server_name=options.tls.server_name,
        timeout=_SECONDS,
        egress=options.egress,
    )
    found = stream.certificate()
    stream.abort()
    return found


class _Nobody:
    """Hears a stream on which nothing is said."""

    def octets_received(self, data: bytes) -> None:
        """Let it pass."""

    def stream_lost(self, error: DeliveryError | None) -> None:
        """Let it pass."""


async def _opened(options: ClientOptions, *, clock: Clock) -> _Looker:
    return await _Looker.open(  # type: ignore[return-value]  # a class method gives its own class
        options,
        clock=clock,
        on_done=lambda _client, _deliveries: None,
        on_room=lambda _client: None,
        on_lost=lambda _client, _error: None,
    )


def _quiet(options: ClientOptions) -> ClientOptions:
    """Take away whatever could be shown to the wrong server, and most of the patience."""
    patience = options.timeouts
    return replace(
        options,
        credentials=Anonymous(),
        tokens=None,
        timeouts=replace(
            patience,
            connect=min(_SECONDS, patience.connect),
            greeting=min(_SECONDS, patience.greeting),
            command=min(_SECONDS, patience.command),
        ),
    )


def _is_about_certificate(error: TLSError) -> bool:
    return error.field in {"tls.ca_file", "host"} and "certificate" in (error.cause or "")
