"""The way from a host name to a session that is ready for mail: connect, greeting, EHLO, STARTTLS, AUTH.

Rules it keeps:

* TLS that was asked for is had, or nothing is sent (RFC 8314 §4.1): no AUTH, no MAIL, no second try in clear.
* What the server said before STARTTLS is forgotten, and EHLO is asked again (RFC 3207 §4.2).
* A refusal here concerns the connection, and never a recipient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from eilbote.connections.host import read_ehlo_name
from eilbote.deliver.authenticate import authenticate
from eilbote.deliver.token_sign_in import sign_in_by_token
from eilbote.errors import (
    ConnectError,
    DeliveryTimeoutError,
    DisconnectedError,
    Durability,
    RemoteProtocolError,
    Scope,
    TLSError,
)
from eilbote.model.credentials import AccessToken, Anonymous, Password
from eilbote.model.oauth2 import OAuth2, ProvidedToken
from eilbote.model.tls import Security
from eilbote.net.stream import Stream
from eilbote.net.tls import context
from eilbote.smtp.commands import Ehlo, Helo, StartTls
from eilbote.smtp.explain import explain

if TYPE_CHECKING:
    from eilbote.deliver.client_options import ClientOptions, Connect
    from eilbote.deliver.dialogue import Dialogue
    from eilbote.errors import DeliveryError
    from eilbote.smtp.replies import Reply

_READY = 220
_CLOSING = 421
# RFC 5321 §4.1.1.1 and §4.2.4: what a server says that is older than EHLO.
_EHLO_UNKNOWN = frozenset({500, 501, 502, 503, 504, 550, 554})


async def open_session(client: Dialogue, options: ClientOptions, connect: Connect | None = None) -> None:
    """Bring a client from nothing to a session that is ready for mail.

    Raises:
        ConnectError: The server cannot be reached, or refuses to serve.
        TLSError: TLS is required and cannot be had.
        AuthenticationError: The credentials are refused, or cannot be used here.
        TokenError: They are to be a token, and none can be had.
        DeliveryTimeoutError: A deadline passed.
        DisconnectedError: The server went away.
    """
    implicit = options.security is Security.TLS
    stream = await (connect or Stream.connect)(
        options.host,
        options.port,
        receiver=client,
        ssl_context=context(options.tls) if implicit else None,
        server_name=options.tls.server_name,
        timeout=options.timeouts.connect,
        egress=options.egress,
        local_address=options.local_address,
    )
    client.connected(stream)
    await _hear_greeting(client, options)
    own_name = options.ehlo_name or read_ehlo_name(stream.local_address)
    await _say_hello(client, options, own_name)
    if options.security is Security.STARTTLS:
        await _start_tls(client, stream, options)
        await _say_hello_in_tls(client, options, own_name)
    match options.credentials:
        case Anonymous():
            pass
        case AccessToken() as token if options.tokens is None:
            await authenticate(client, stream, options, token)
        case Password() as password:
            await authenticate(client, stream, options, password)
        case AccessToken() | OAuth2() | ProvidedToken():
            await sign_in_by_token(client, stream, options)
        case _:
            assert_never(options.credentials)


async def _hear_greeting(client: Dialogue, options: ClientOptions) -> None:
    try:
        greeting = await client.ask(None, stage="greeting", seconds=options.timeouts.greeting)
    except (DisconnectedError, DeliveryTimeoutError) as error:
        # No reply in the place of a greeting: a server that is not SMTP, or one that waits for TLS.
        remedy = "Check host, port and security: port 465 speaks TLS from the first octet, 25 and 587 do not"
        if not isinstance(error.__cause__, RemoteProtocolError):
            error.scope, error.field, error.remedy = Scope.SITE, "port", remedy
            error.cause = error.cause or "it said nothing; it may wait for TLS, or be too busy"
            raise
        raise ConnectError(
            error.what,
            field="port",
            durability=Durability.PERMANENT,
            stage="greeting",
            server=options.server,
            cause=error.cause,
            remedy=remedy,
            transcript=error.transcript,
        ) from error.__cause__
    if not greeting.is_positive:
        raise _refusal(client, options, greeting, "greeting", "the server does not serve this client")


async def _say_hello_in_tls(client: Dialogue, options: ClientOptions, own_name: str) -> None:
    try:
        await _say_hello(client, options, own_name)
    except DisconnectedError as error:
        # In TLS 1.3 a server judges the client's certificate after the handshake. What it says is lost when it
        # hangs up while EHLO is on its way.
        if error.reply_code is None and error.field is None:
            error.field = "tls.client_certificate"
            error.remedy = (
                "Try again; if it stays so, set tls.client_certificate if the server wants one, or check the one "
                "that is set"
            )
        raise


async def _say_hello(client: Dialogue, options: ClientOptions, own_name: str) -> None:
    seconds = options.timeouts.command
    reply = await client.ask(Ehlo(own_name), stage="ehlo", seconds=seconds)
    if reply.is_positive:
        return
    if reply.code in _EHLO_UNKNOWN:
        reply = await client.ask(Helo(own_name), stage="ehlo", seconds=seconds)
        if reply.is_positive:
            return
    raise _refusal(client, options, reply, "ehlo", f"the server does not take {own_name!r} as a client")


def _refusal(client: Dialogue, options: ClientOptions, reply: Reply, stage: str, what: str) -> ConnectError:
    explanation = explain(reply, stage=stage)
    shown = client.redactor.presentable(str(reply))
    return ConnectError(
        what,
        field=explanation.field or None if explanation is not None else None,
        durability=Durability.TRANSIENT if reply.is_transient else Durability.PERMANENT,
        stage=stage,
        server=options.server,
        reply_code=reply.code,
        enhanced_status_code=str(reply.enhanced) if reply.enhanced is not None else None,
        reply_text=client.redactor.presentable(reply.text),
        cause=f"it said: {shown}" if explanation is None else f"{explanation.cause} (it said: {shown})",
        remedy=explanation.remedy
        if explanation is not None
        else "Check host, port and ehlo_name; ask the server's administrator",
    )


async def _start_tls(client: Dialogue, stream: Stream, options: ClientOptions) -> None:
    if not client.session.extensions.starttls:
        raise TLSError(
            "TLS is required, and the server does not offer STARTTLS",
            field="security",
            durability=Durability.PERMANENT,
            stage="starttls",
            server=options.server,
            cause="its reply to EHLO has no STARTTLS line, or somebody in between has taken it out",
            remedy="Use security 'tls' with the port for implicit TLS (usually 465); nothing was sent in clear",
        )
    seconds = options.timeouts.command
    try:
        reply = await client.ask(StartTls(), stage="starttls", seconds=seconds)
    except DisconnectedError as error:
        if isinstance(error.__cause__, RemoteProtocolError):
            raise _poisoned(error, options) from error
        raise
    if reply.code != _READY:
        explanation = explain(reply, stage="starttls")
        raise TLSError(
            "TLS is required, and the server refuses to start it",
            field="security",
            durability=Durability.TRANSIENT if reply.is_transient else Durability.PERMANENT,
            stage="starttls",
            server=options.server,
            reply_code=reply.code,
            enhanced_status_code=str(reply.enhanced) if reply.enhanced is not None else None,
            reply_text=client.redactor.presentable(reply.text),
            cause=explanation.cause
            if explanation is not None
            else f"it said: {client.redactor.presentable(str(reply))}",
            remedy="Try again later, or use implicit TLS; nothing was sent in clear",
        )
    if client.lost is not None:  # whatever came behind the 220 came in clear
        raise _poisoned(client.lost, options) from client.lost
    await stream.start_tls(context(options.tls), options.tls.server_name, timeout=seconds)
    client.session.tls_started()


def _poisoned(error: DeliveryError, options: ClientOptions) -> TLSError:
    return TLSError(
        error.what,
        field="security",
        durability=Durability.PERMANENT,
        stage="starttls",
        server=options.server,
        cause=error.cause,
        remedy=error.remedy,
        transcript=error.transcript,
    )
