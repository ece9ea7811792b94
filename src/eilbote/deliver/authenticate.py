"""The AUTH dialogue (RFC 4954): a mechanism of :mod:`eilbote.smtp.sasl` in conversation with the server.

Credentials that were refused are not tried again, nor by another mechanism: servers lock accounts for that.
Only a server that does not know a mechanism it announced (504) is asked by the next best one.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import secrets
from typing import TYPE_CHECKING, Final

from eilbote.errors import AuthenticationError, Durability, ProtocolError, RemoteProtocolError
from eilbote.model.credentials import AccessToken
from eilbote.smtp.commands import Auth, AuthResponse
from eilbote.smtp.explain import Explanation, explain
from eilbote.smtp.sasl import Circumstances, choose
from eilbote.smtp.scram import ChannelBinding
from eilbote.smtp.states import SessionState

if TYPE_CHECKING:
    from eilbote.deliver.client_options import ClientOptions
    from eilbote.deliver.dialogue import Dialogue
    from eilbote.model.credentials import Password
    from eilbote.net.stream import Stream
    from eilbote.smtp.replies import Reply
    from eilbote.smtp.sasl import Mechanism

_CHALLENGE: Final = 334
_MAX_ROUNDS: Final = 12
# RFC 4954 §4: an initial response that would make the line longer must wait for an empty challenge.
_MAX_LINE: Final = 512
_MECHANISM_UNKNOWN: Final = frozenset({502, 503, 504})
_NONCE_OCTETS: Final = 18
# Exchange and Exim invite the client in clear words: "334 ntlm supported".
_INVITED_IN_WORDS: Final = "NTLM"

_TOKEN_REFUSED: Final = Explanation(
    "the server does not accept the access token for this user",
    "Get a new token: this one may have expired, or may not be meant for sending mail; check the user as well",
    "access_token",
)


async def authenticate(
    client: Dialogue, stream: Stream, options: ClientOptions, credentials: Password | AccessToken
) -> None:
    """Prove the identity by the best mechanism both sides know.

    Raises:
        AuthenticationError: The server refuses, or no mechanism may be used here.
        DeliveryTimeoutError: A deadline passed.
        DisconnectedError: The server went away.
    """
    unknown: frozenset[str] = frozenset()
    while True:
        try:
            mechanism = choose(credentials, _circumstances(client, stream, options, unknown))
        except AuthenticationError as error:
            error.server = options.server
            raise
        reply = await _converse(client, options, mechanism)
        if reply.is_positive:
            _accept(options, mechanism)
            return
        if reply.code not in _MECHANISM_UNKNOWN:
            raise _refused(client, options, credentials, mechanism, reply)
        unknown |= {mechanism.name}
        if not client.session.extensions.mechanisms - unknown:
            raise _refused(client, options, credentials, mechanism, reply)


def _circumstances(
    client: Dialogue, stream: Stream, options: ClientOptions, unknown: frozenset[str]
) -> Circumstances:
    binding = stream.channel_binding()
    return Circumstances(
        offered=client.session.extensions.mechanisms,
        secure=client.session.secure,
        allow_clear=options.allow_clear_authentication,
        is_loopback=_is_loopback(stream.address),
        pinned=options.mechanism,
        excluded=unknown,
        host=options.host,
        port=options.port,
        nonce=secrets.token_urlsafe(_NONCE_OCTETS),
        channel_binding=ChannelBinding(*binding) if binding is not None else None,
    )


def _is_loopback(address: str) -> bool:
    """Judge by the address in use, not by the name: a name can point anywhere."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


async def _converse(client: Dialogue, options: ClientOptions, mechanism: Mechanism) -> Reply:
    seconds = options.timeouts.command
    initial = mechanism.initial()
    command = Auth(mechanism.name, initial)
    postponed: bytes | None = None
    if initial is not None and len(command.line()) + 2 > _MAX_LINE:
        command, postponed = Auth(mechanism.name), initial
    reply = await client.ask(command, stage="auth", seconds=seconds)
    for number in range(_MAX_ROUNDS):
        if reply.code != _CHALLENGE:
            return reply
        if postponed is not None:
            response, postponed = postponed, None
        elif number == 0 and mechanism.name == _INVITED_IN_WORDS:
            response = mechanism.step(b"")
        else:
            response = await _answer(client, options, mechanism, reply)
        reply = await client.ask(AuthResponse(response), stage="auth", seconds=seconds)
    if reply.code != _CHALLENGE:
        return reply
    raise AuthenticationError(
        f"the server did not come to an end within {_MAX_ROUNDS} challenges",
        stage="auth",
        server=options.server,
        remedy="Pin another mechanism, or ask the server's administrator",
    )


async def _answer(client: Dialogue, options: ClientOptions, mechanism: Mechanism, reply: Reply) -> bytes:
    try:
        return mechanism.step(_challenge_in(reply))
    except (AuthenticationError, ProtocolError) as fault:
        # "*" makes the server end the exchange (RFC 4954 §4); what it says to that does not matter.
        if client.session.state is SessionState.CHALLENGE:
            await client.ask(AuthResponse(None), stage="auth", seconds=options.timeouts.command)
        if isinstance(fault, AuthenticationError):
            fault.server = options.server
            raise
        raise AuthenticationError(
            fault.what,
            field="mechanism",
            stage="auth",
            server=options.server,
            cause=fault.cause,
            remedy="Pin another mechanism, or ask the server's administrator",
        ) from fault


def _challenge_in(reply: Reply) -> bytes:
    text = reply.text.strip()
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise RemoteProtocolError(
            "the server's challenge is not base64", cause="RFC 4954 section 4 demands it"
        ) from exc


def _accept(options: ClientOptions, mechanism: Mechanism) -> None:
    try:
        mechanism.succeeded()
    except AuthenticationError as error:
        error.server = options.server
        raise


def _refused(
    client: Dialogue,
    options: ClientOptions,
    credentials: Password | AccessToken,
    mechanism: Mechanism,
    reply: Reply,
) -> AuthenticationError:
    by_token = isinstance(credentials, AccessToken)
    explanation = explain(reply, stage="auth", server=options.host, login="token" if by_token else "password")
    if by_token and (not explanation or explanation.field == "password"):
        explanation = _TOKEN_REFUSED
    said = client.redactor.presentable(str(reply))
    details = mechanism.explanation()
    cause = f"it said: {said}" if explanation is None else f"{explanation.cause} (it said: {said})"
    if details is not None:
        cause = f"{cause}; before that: {client.redactor.presentable(details)}"
    return AuthenticationError(
        f"the server refuses the credentials (mechanism {mechanism.name})"
        if reply.is_permanent
        else f"the server cannot check the credentials for now (mechanism {mechanism.name})",
        field=(explanation.field or None) if explanation is not None else "password",
        durability=Durability.PERMANENT if reply.is_permanent else Durability.TRANSIENT,
        stage="auth",
        server=options.server,
        reply_code=reply.code,
        enhanced_status_code=str(reply.enhanced) if reply.enhanced is not None else None,
        reply_text=client.redactor.presentable(reply.text),
        cause=cause,
        remedy=explanation.remedy if explanation is not None else "Check user and password",
    )
