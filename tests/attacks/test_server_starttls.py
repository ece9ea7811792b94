"""STARTTLS stripped, refused, or poisoned: whoever sits in between must get nothing, and change nothing.

In 2021 "NO STARTTLS" showed some forty mail programs that took octets sent in clear behind the server's 220 for
the server's first words in TLS: an attacker could put replies there, announce extensions, or steal the password.
Others went on in clear when STARTTLS was taken out of the list of extensions.
"""

import ssl

import pytest
from tests.attacks.hostile_server import Conversation, Peer, hostile
from tests.attacks.scene import CREDENTIALS, HASTY, PASSWORD, fault_of, send
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.tls_server import server_context

from eilbote.errors import DisconnectedError, Durability, Scope, TLSError
from eilbote.model.tls import Security, TlsPolicy

pytestmark = pytest.mark.asyncio


@pytest.fixture
def good(certificates: Certificates) -> ssl.SSLContext:
    return server_context(certificates.good)


@pytest.fixture
def trusting(certificates: Certificates) -> dict[str, object]:
    return {
        "security": Security.STARTTLS,
        "tls": TlsPolicy(ca_file=str(certificates.ca_file)),
        "credentials": CREDENTIALS,
    }


def without_starttls(*extensions: str) -> Conversation:
    async def conversation(peer: Peer) -> None:
        await peer.welcome(*extensions)
        await peer.take_mail()

    return conversation


@pytest.mark.parametrize(
    "extensions",
    [("PIPELINING", "AUTH PLAIN LOGIN"), ("STARTTLSX", "AUTH PLAIN"), ("XXXXXXXX", "AUTH PLAIN"), ()],
    ids=["stripped", "mangled", "overwritten", "nothing at all"],
)
async def test_starttls_taken_out_of_the_list(
    extensions: tuple[str, ...], trusting: dict[str, object]
) -> None:
    async with hostile(without_starttls(*extensions)) as server:
        error = await fault_of(server, **trusting)

    assert isinstance(error, TLSError)
    assert (error.field, error.durability, error.scope) == ("security", Durability.PERMANENT, Scope.SITE)
    said = [line.split()[0] for line in server.heard.decode().splitlines()]
    assert said in (["EHLO"], ["EHLO", "QUIT"])


@pytest.mark.parametrize(
    "reply,durability",
    [
        ("454 TLS not available due to temporary reason", Durability.TRANSIENT),
        ("502 command not implemented", Durability.PERMANENT),
        ("501 syntax error", Durability.PERMANENT),
        ("250 fine", Durability.PERMANENT),
    ],
)
async def test_starttls_offered_and_refused(
    reply: str, durability: Durability, trusting: dict[str, object]
) -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome("STARTTLS", "AUTH PLAIN")
        await peer.answer(reply)
        await peer.take_mail()

    async with hostile(conversation) as server:
        error = await fault_of(server, **trusting)

    assert isinstance(error, TLSError)
    assert error.durability is durability
    assert server.count("AUTH") == server.count("MAIL") == 0


@pytest.mark.parametrize(
    "injected",
    [
        b"250-hostile.example\r\n250-XINJECTED\r\n250 AUTH PLAIN LOGIN\r\n",
        b"220 once more\r\n",
        b"250 XINJECTED",
        b"2",
        b"\r\n",
        b"\x16\x03\x01",
    ],
    ids=[
        "whole replies",
        "a second 220",
        "a line without its end",
        "one octet",
        "an empty line",
        "a TLS record",
    ],
)
async def test_octets_in_clear_behind_the_220(
    injected: bytes, good: ssl.SSLContext, trusting: dict[str, object]
) -> None:
    """One TCP segment holds the server's 220 and what the attacker put behind it."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome("STARTTLS")
        await peer.hear()
        peer.send(b"220 go ahead\r\n" + injected)
        await peer.start_tls(good)
        await peer.announce("AUTH PLAIN")
        await peer.take_mail()

    async with hostile(conversation) as server:
        error = await fault_of(server, timeouts=HASTY, **trusting)

    assert isinstance(error, TLSError | DisconnectedError)
    assert "XINJECTED" not in str(error)
    assert server.count("AUTH") == server.count("MAIL") == 0
    assert server.count("EHLO") == 1


async def test_octets_in_clear_a_moment_after_the_220(
    good: ssl.SSLContext, trusting: dict[str, object]
) -> None:
    """They come in a segment of their own, so no parser can see them beside the 220; TLS must choke on them."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome("STARTTLS")
        await peer.answer("220 go ahead")
        await peer.flush()
        await peer.hear_octets(5)  # the client has begun its handshake
        peer.send(b"250 XINJECTED\r\n")
        await peer.silence()

    async with hostile(conversation) as server:
        error = await fault_of(server, timeouts=HASTY, **trusting)

    assert isinstance(error, TLSError)
    assert b"AUTH" not in server.heard
    assert b"MAIL" not in server.heard


async def test_extensions_from_before_tls_are_forgotten(
    good: ssl.SSLContext, trusting: dict[str, object]
) -> None:
    """What was announced in clear may have come from anybody; only what is announced in TLS counts."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome("STARTTLS", "PIPELINING", "SIZE 1", "XINJECTED", "AUTH PLAIN")
        await peer.answer("220 go ahead")
        await peer.start_tls(good)
        await peer.announce("8BITMIME", "AUTH PLAIN")
        await peer.answer("235 2.7.0 welcome")
        await peer.take_mail()

    async with hostile(conversation) as server:
        receipt = await send(server, **trusting)

    assert receipt.ok
    assert receipt.extensions == ("8BITMIME", "AUTH PLAIN")
    assert receipt.tls_version == "TLSv1.3"
    assert server.count("EHLO") == 2


async def test_starttls_offered_again_inside_tls_is_not_taken(
    good: ssl.SSLContext, trusting: dict[str, object]
) -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome("STARTTLS")
        await peer.answer("220 go ahead")
        await peer.start_tls(good)
        await peer.announce("STARTTLS", "AUTH PLAIN")
        await peer.answer("235 2.7.0 welcome")
        await peer.take_mail()

    async with hostile(conversation) as server:
        receipt = await send(server, **trusting)

    assert receipt.ok
    assert server.count("STARTTLS") == 1


async def test_a_server_that_goes_on_in_clear_after_its_220(trusting: dict[str, object]) -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome("STARTTLS")
        await peer.answer("220 go ahead")
        await peer.hear_octets(5)
        peer.say("500 what was that?")
        await peer.silence()

    async with hostile(conversation) as server:
        error = await fault_of(server, timeouts=HASTY, **trusting)

    assert isinstance(error, TLSError)
    assert "clear" in str(error)


async def test_a_plain_server_on_a_port_for_tls(certificates: Certificates) -> None:
    async with hostile(without_starttls("AUTH PLAIN")) as server:
        error = await fault_of(
            server,
            security=Security.TLS,
            tls=TlsPolicy(ca_file=str(certificates.ca_file)),
            credentials=CREDENTIALS,
        )

    assert isinstance(error, TLSError)
    assert error.field == "security"
    assert "starttls" in (error.remedy or "")
    assert PASSWORD.encode() not in server.heard


@pytest.mark.parametrize("security", [Security.NONE, Security.STARTTLS])
async def test_a_tls_server_on_a_port_for_plain_smtp(security: Security, good: ssl.SSLContext) -> None:
    """Both sides wait for the other to begin; the deadline ends that, and its error names the likely cause."""
    async with hostile(without_starttls(), tls=good) as server:
        error = await fault_of(server, security=security, timeouts=HASTY)

    assert error.stage == "greeting"
    assert "465" in (error.remedy or "")
    assert server.heard == b""


async def test_a_tls_server_that_answers_in_tls_records() -> None:
    """Some TLS servers send an alert to whoever is silent: octets 0x15 0x03 in the place of a greeting."""

    async def conversation(peer: Peer) -> None:
        peer.send(b"\x15\x03\x01\x00\x02\x02\x46")
        await peer.hang_up()

    async with hostile(conversation) as server:
        error = await fault_of(server, timeouts=HASTY)

    assert error.scope is Scope.SITE
    assert "465" in (error.remedy or "")
