"""What happens to a password: never in clear, never to a server that should not see it, never in what is shown.

An SMTP library once put the server's reply to AUTH into its error, and the reply repeated the password.
"""

import asyncio
import base64
import json
import pickle
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from tests.attacks.hostile_server import HOST, Conversation, HostileServer, Peer, hostile
from tests.attacks.scene import (
    CREDENTIALS,
    PASSWORD,
    USER,
    envelope,
    fault_of,
    message,
    outcome_of,
    send,
    transport_to,
)

from eilbote.connections.connection import Connection
from eilbote.deliver.client import Client
from eilbote.deliver.client_options import ClientOptions
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import AuthenticationError, DeliveryError, Durability, Scope, SettingsError
from eilbote.model.credentials import Password
from eilbote.model.receipt_dict import error_dict
from eilbote.model.secret import Secret
from eilbote.model.status import RecipientStatus
from eilbote.model.tls import Security
from eilbote.net.stream import Stream

pytestmark = pytest.mark.asyncio


def disguises(secret: str = PASSWORD) -> Iterator[str]:
    """The forms in which a server may send a secret back, and a careless program may print it."""
    yield secret
    yield quote(secret)
    yield base64.b64encode(secret.encode()).decode()
    yield base64.b64encode(f"\0{USER}\0{secret}".encode()).decode()
    yield secret.encode().hex()


def authenticating(*verdicts: str, mechanisms: str = "PLAIN") -> Conversation:
    """Offer mechanisms, give each line of AUTH the next verdict, then be an ordinary server."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome(f"AUTH {mechanisms}")
        for verdict in verdicts:
            if (await peer.hear()).upper() == "QUIT":
                await peer.bye()
            peer.say(verdict)
        await peer.take_mail()

    return conversation


async def open_from_afar(server: HostileServer, *, allow_clear_authentication: bool = False) -> Client:
    """Open a session as if the server were on another machine, where somebody may listen."""

    async def connect(*arguments: object, **settings: object) -> Stream:
        stream = await Stream.connect(*arguments, **settings)  # type: ignore[arg-type]
        stream.address = "192.0.2.25"
        return stream

    return await Client.open(
        ClientOptions(
            host=HOST,
            port=server.port,
            security=Security.NONE,
            credentials=CREDENTIALS,
            allow_clear_authentication=allow_clear_authentication,
        ),
        clock=SystemClock(),
        on_done=lambda _client, _deliveries: None,
        on_room=lambda _client: None,
        on_lost=lambda _client, _error: None,
        connect=connect,
    )


async def test_a_password_is_not_shown_in_clear_to_another_machine() -> None:
    async with hostile(authenticating("235 welcome", mechanisms="PLAIN LOGIN")) as server:
        with pytest.raises(AuthenticationError) as caught:
            await open_from_afar(server)

    assert caught.value.durability is Durability.PERMANENT
    assert b"AUTH" not in server.heard
    assert all(form.encode() not in server.heard for form in disguises())


async def test_a_password_goes_in_clear_when_that_is_allowed_in_as_many_words() -> None:
    async with hostile(authenticating("235 welcome")) as server:
        client = await open_from_afar(server, allow_clear_authentication=True)
        await client.quit()

    assert server.count("AUTH PLAIN") == 1


async def test_a_password_goes_in_clear_to_this_machine() -> None:
    async with hostile(authenticating("235 welcome")) as server:
        receipt = await send(server, credentials=CREDENTIALS)

    assert receipt.ok


@pytest.mark.parametrize(
    "form", list(disguises())[:4], ids=["raw", "percent-encoded", "base64", "as AUTH PLAIN sends it"]
)
@pytest.mark.parametrize("stage", ["AUTH", "MAIL", "RCPT", "content"])
async def test_a_server_that_repeats_the_password(form: str, stage: str) -> None:
    """Errors, receipts, transcripts and what is made of them hold stars in its place, whatever its disguise."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome("AUTH PLAIN")
        said = f"550 5.7.8 no, {form} is wrong"
        for name, good in (("AUTH", "235 ok"), ("MAIL", "250 ok"), ("RCPT", "250 ok"), ("DATA", "354 ok")):
            await peer.answer(said if name == stage else good)
            if name == stage:
                await peer.silence()
        await peer.hear_content()
        peer.say(said)

    async with hostile(conversation) as server:
        try:
            receipt = await outcome_of(server, credentials=CREDENTIALS)
            shown = [str(receipt), repr(receipt)]
        except DeliveryError as error:
            shown = [str(error), repr(error), *error.transcript, json.dumps(error_dict(error))]
            shown += [repr(error.reply_text), repr(vars(error))]

    assert "no, " in " ".join(shown)
    assert all(disguise not in " ".join(shown) for disguise in disguises())


async def test_what_was_sent_to_authenticate_is_struck_out_of_the_transcript() -> None:
    async with hostile(authenticating("535 5.7.8 wrong")) as server:
        error = await fault_of(server, credentials=CREDENTIALS)

    assert any(line.startswith("C: AUTH") for line in error.transcript)
    assert all(disguise not in "\n".join(error.transcript) for disguise in disguises())


@pytest.mark.parametrize(
    "verdict,durability",
    [
        ("535 5.7.8 authentication failed", Durability.PERMANENT),
        ("534 5.7.9 mechanism too weak", Durability.PERMANENT),
        ("454 4.7.0 temporary failure", Durability.TRANSIENT),
        ("421 4.7.0 too many attempts", Durability.TRANSIENT),
    ],
)
async def test_a_refused_password_is_tried_once_and_fails_no_recipient(
    verdict: str, durability: Durability
) -> None:
    """Who tries a wrong password again, or by another mechanism, gets the account locked."""
    async with hostile(authenticating(verdict, mechanisms="PLAIN LOGIN CRAM-MD5")) as server:
        error = await fault_of(server, credentials=CREDENTIALS)

    assert (error.scope, error.durability) == (Scope.SITE, durability)
    assert server.count("AUTH") == 1
    assert server.connections == 1
    assert server.count("MAIL") == 0


async def test_a_thousand_waiting_messages_try_a_wrong_password_once() -> None:
    async with (
        hostile(authenticating("535 5.7.8 no")) as server,
        transport_to(server, credentials=CREDENTIALS) as transport,
    ):
        outcomes = await asyncio.gather(
            *(transport.deliver(envelope(), message()) for _ in range(1000)), return_exceptions=True
        )

    assert all(isinstance(outcome, AuthenticationError) for outcome in outcomes)
    assert server.connections == 1


@pytest.mark.parametrize("mechanisms", ["FOO", "GSSAPI KERBEROS_V4", ""])
async def test_no_mechanism_in_common(mechanisms: str) -> None:
    async with hostile(authenticating("504 unknown", mechanisms=mechanisms)) as server:
        error = await fault_of(server, credentials=CREDENTIALS)

    assert isinstance(error, AuthenticationError)
    assert error.remedy
    assert server.count("MAIL") == 0


async def test_a_list_of_mechanisms_in_the_old_form() -> None:
    """Servers before RFC 2554 wrote AUTH=LOGIN, and some still do."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome("AUTH=LOGIN")
        await peer.answer("334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "235 welcome")
        await peer.take_mail()

    async with hostile(conversation) as server:
        receipt = await send(server, credentials=CREDENTIALS)

    assert receipt.ok


async def test_a_server_that_challenges_without_end() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome("AUTH PLAIN LOGIN CRAM-MD5")
        while True:
            await peer.answer("334 ")

    async with hostile(conversation) as server:
        error = await fault_of(server, credentials=CREDENTIALS)

    assert isinstance(error, AuthenticationError)


@pytest.mark.parametrize(
    "user,password", [("a\r\nMAIL FROM:<x@y>", "geheim"), ("a", "geheim\r\nDATA"), ("a\0b", "geheim")]
)
async def test_credentials_cannot_carry_a_command(user: str, password: str) -> None:
    async with hostile(authenticating("235 welcome")) as server:
        with pytest.raises(SettingsError) as caught:
            await send(server, credentials=Password(user=user, password=Secret(password)))

    assert caught.value.field in {"user", "password"}
    assert "geheim" not in str(caught.value)
    assert b"MAIL" not in server.heard


async def test_a_server_that_wants_authentication_from_an_anonymous_session() -> None:
    """530 to MAIL is a matter of the settings: the error names them, and no recipient has failed."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        await peer.answer("530 5.7.0 Authentication required")
        await peer.silence()

    async with hostile(conversation) as server:
        receipt = await outcome_of(server)

    assert isinstance(receipt.error, AuthenticationError)
    assert [result.status for result in receipt.results] == [RecipientStatus.DEFERRED]
    assert receipt.error.remedy


async def test_connections_with_other_passwords_do_not_share_sessions() -> None:
    """A session is as good as the password it was opened with; its fingerprint holds all settings, and none of them."""
    settings = {"host": HOST, "port": 25, "security": "none"}
    one = Connection(**settings, credentials=CREDENTIALS)  # type: ignore[arg-type]
    other = Connection(**settings, credentials=Password(user=USER, password=Secret("other")))  # type: ignore[arg-type]

    assert one.fingerprint() == Connection(**settings, credentials=CREDENTIALS).fingerprint()  # type: ignore[arg-type]
    assert one.fingerprint() != other.fingerprint()
    assert all(disguise not in one.fingerprint() for disguise in disguises())


async def test_a_connection_cannot_be_printed_with_its_password() -> None:
    connection = Connection(host=HOST, credentials=CREDENTIALS)

    assert PASSWORD not in repr(connection)
    assert PASSWORD not in str(connection)
    with pytest.raises(TypeError):
        pickle.dumps(connection)
