"""The test of a connection tells where it stops and why, and sends no mail."""

import ssl
from typing import TYPE_CHECKING

import pytest
from tests.attacks.hostile_server import HOST, HostileServer, Peer, hostile
from tests.attacks.scene import CREDENTIALS, HASTY, PASSWORD
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.tls_server import server_context

from eilbote.connections.connection import Connection
from eilbote.engine.mailer import Mailer
from eilbote.engine.probe import Probe, Step, probe
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import AddressError, AuthenticationError, ConnectError, TLSError
from eilbote.model.tls import Security, TlsPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.asyncio


async def probed(
    server: HostileServer,
    mail_from: str | None = None,
    on_step: "Callable[[Step], None] | None" = None,
    **settings: object,
) -> Probe:
    connection = Connection(host=HOST, port=server.port, **settings)  # type: ignore[arg-type]
    return await probe(connection, clock=SystemClock(), mail_from=mail_from, on_step=on_step)


def names(found: Probe) -> list[str]:
    return [step.name for step in found.steps]


@pytest.fixture
def good(certificates: Certificates) -> ssl.SSLContext:
    return server_context(certificates.good)


@pytest.fixture
def trusting(certificates: Certificates) -> TlsPolicy:
    return TlsPolicy(ca_file=str(certificates.ca_file))


async def secure(peer: Peer, context: ssl.SSLContext) -> None:
    await peer.welcome("STARTTLS")
    await peer.answer("220 go ahead")
    await peer.start_tls(context)
    await peer.announce("AUTH PLAIN", "SIZE 1000")
    await peer.answer("235 2.7.0 welcome")
    await peer.take_mail()


async def test_every_step_of_a_good_connection(good: ssl.SSLContext, trusting: TlsPolicy) -> None:
    heard: list[str] = []
    async with hostile(lambda peer: secure(peer, good)) as server:
        found = await probed(
            server,
            "me@example.org",
            lambda step: heard.append(step.name),
            security=Security.STARTTLS,
            tls=trusting,
            credentials=CREDENTIALS,
        )

    assert found.ok
    assert names(found) == heard == [
        "dns", "connect", "greeting", "ehlo", "starttls", "tls", "ehlo", "auth", "mail",
    ]  # fmt: skip
    seen = {step.name: step.seen for step in found.steps}
    assert seen["dns"] == seen["connect"] == HOST
    assert seen["tls"].startswith("TLSv1.3 with TLS_")
    assert seen["ehlo"] == "AUTH PLAIN, SIZE 1000"
    assert all(step.seconds >= 0 for step in found.steps)
    assert found.extensions == ("AUTH PLAIN", "SIZE 1000")
    assert PASSWORD not in repr(found)
    assert server.count("RSET") == 1
    assert server.count("RCPT") == server.count("DATA") == 0


async def test_no_mail_is_begun_unless_asked() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        await peer.take_mail()

    async with hostile(conversation) as server:
        found = await probed(server, security=Security.NONE)

    assert names(found) == ["dns", "connect", "greeting", "ehlo"]
    assert server.count("MAIL") == 0
    assert server.count("QUIT") == 1


async def test_implicit_tls_comes_before_the_greeting(good: ssl.SSLContext, trusting: TlsPolicy) -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        await peer.take_mail()

    async with hostile(conversation, tls=good) as server:
        found = await probed(server, security=Security.TLS, tls=trusting)

    assert names(found) == ["dns", "connect", "tls", "greeting", "ehlo"]
    assert found.tls_version == "TLSv1.3"


async def test_it_stops_where_the_fault_is(good: ssl.SSLContext) -> None:
    async def plain(peer: Peer) -> None:
        await peer.welcome("AUTH PLAIN")
        await peer.answer("535 5.7.8 no")
        await peer.take_mail()

    async with hostile(plain) as server:
        on_tls_port = await probed(server, security=Security.TLS)
        refused = await probed(server, security=Security.NONE, credentials=CREDENTIALS)
        no_starttls = await probed(server, security=Security.STARTTLS)
    async with hostile(plain, tls=good) as server:
        on_plain_port = await probed(server, security=Security.NONE, timeouts=HASTY)
        untrusted = await probed(server, security=Security.TLS)

    stops = [found.steps[-1].name for found in (on_tls_port, refused, no_starttls, on_plain_port, untrusted)]
    assert stops == ["tls", "auth", "starttls", "greeting", "tls"]
    for found in (on_tls_port, refused, no_starttls, on_plain_port, untrusted):
        assert not found.ok
        assert found.error is not None
        assert found.error.cause
        assert found.error.remedy
    assert isinstance(refused.error, AuthenticationError)
    assert isinstance(untrusted.error, TLSError)
    assert any("535" in line for line in refused.transcript)


async def test_a_sender_the_server_does_not_take() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        await peer.answer("553 5.7.1 not your address")
        await peer.take_mail()

    async with hostile(conversation) as server:
        found = await probed(server, "me@example.org", security=Security.NONE)

    assert names(found)[-1] == "mail"
    assert found.error is not None
    assert "not your address" in str(found.error)
    assert found.error.remedy


async def test_a_sender_that_could_not_stand_in_a_command() -> None:
    with pytest.raises(AddressError):
        await probe(
            Connection(host=HOST, port=1, security="none"), clock=SystemClock(), mail_from="a@b>\r\nDATA"
        )


async def test_nothing_listens() -> None:
    async with Mailer(Connection(host=HOST, port=1, security="none")) as mailer:
        found = await mailer.test()

    assert names(found) == ["dns", "connect"]
    assert isinstance(found.error, ConnectError)


async def test_a_setting_that_cannot_be_used() -> None:
    async with Mailer(Connection(host=HOST, security="tls", tls=TlsPolicy(ca_file="/absent.pem"))) as mailer:
        found = await mailer.test()

    assert names(found) == ["settings"]
    assert found.error is not None
    assert found.error.field == "tls.ca_file"
