"""What a test of a connection adds to a failure by looking again, and what it shows of tokens and addresses."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from tests.attacks.hostile_server import HOST, HostileServer, Peer, hostile
from tests.attacks.scene import CREDENTIALS, HASTY, PASSWORD
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.tls_server import server_context
from tests.integration.lab.web_server import WebServer, answer, says, web_server

from eilbote.connections.connection import Connection
from eilbote.engine.mailer import Mailer
from eilbote.engine.probe import Probe, probe
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import AddressError, Durability, TLSError, TokenError
from eilbote.model.credentials import AccessToken, OAuth2, Password
from eilbote.model.draft import Draft
from eilbote.model.moment import moment_of
from eilbote.model.oauth2 import RefreshTokenGrant
from eilbote.model.secret import Secret
from eilbote.model.text_records import TextRecords
from eilbote.model.timeouts import Timeouts
from eilbote.model.tls import Security, TlsPolicy
from eilbote.net.egress import EgressPolicy

pytestmark = pytest.mark.asyncio

TOKEN = "ya29.a-token-nobody-may-see"
OAUTH2 = OAuth2(
    user="anna@example.org",
    grant=RefreshTokenGrant(client_id="app", refresh_token=Secret("r3fresh-me")),
    token_url="https://login.example/token",
)


async def probed(server: HostileServer, **settings: object) -> Probe:
    asked = {
        name: settings.pop(name)
        for name in ("mail_from", "verify", "suggest", "names", "tokens", "egress")
        if name in settings
    }
    connection = Connection(host=HOST, port=server.port, **settings)  # type: ignore[arg-type]
    return await probe(connection, clock=SystemClock(), **asked)  # type: ignore[arg-type]


async def friendly(peer: Peer) -> None:
    await peer.welcome("SIZE 1000")
    await peer.take_mail()


# -- a port that speaks TLS ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.NONE])
async def test_who_waits_for_a_greeting_in_clear_where_tls_is_spoken_is_told_soon(
    certificates: Certificates, security: Security
) -> None:
    """Both sides wait for the other one: a minute, until a deadline, when nobody looks."""
    async with hostile(friendly, tls=server_context(certificates.self_signed)) as server:
        patience = Timeouts(greeting=6, connect=6)
        began = SystemClock().monotonic()
        found = await probed(server, security=security, timeouts=patience)
        seconds = SystemClock().monotonic() - began

    assert found.error is not None
    assert (found.error.field, found.steps[-1].name) == ("security", "greeting")
    assert "it speaks it from the first octet" in (found.error.cause or "")
    assert seconds < 5


async def test_a_server_that_takes_its_time_is_not_mistaken_for_one_that_waits_for_tls() -> None:
    async def slow(peer: Peer) -> None:
        await asyncio.sleep(1)
        await friendly(peer)

    async with hostile(slow) as server:
        found = await probed(server, security=Security.NONE, timeouts=Timeouts(greeting=2))

    assert found.ok


async def test_tls_that_is_offered_and_not_used_is_noted() -> None:
    """Towards this machine no TLS is the default, so a test that says that all is well says nothing about the TLS."""

    async def offers(peer: Peer) -> None:
        await peer.welcome("STARTTLS")
        await peer.take_mail()

    async with hostile(offers) as server, hostile(friendly) as other:
        found = await probed(server, security=Security.NONE)
        without = await probed(other, security=Security.NONE)

    notes = {step.name: step.warnings for step in found.steps}
    assert found.ok
    assert "offers STARTTLS, and it is not used" in " ".join(notes["ehlo"])
    assert not any(step.warnings for step in without.steps)


# -- certificates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind,words,remedy",
    [
        ("expired", "it was valid until 20", "Renew"),
        ("not_yet_valid", "it is valid from 20", "Renew"),
        ("wrong_host", "it is for other.example, 192.0.2.1, and not for 127.0.0.1", "other.example"),
        ("unknown_authority", "it was issued by an authority nobody trusts", "ca_file"),
        ("self_signed", "it was made by mail.lab.example for itself", "ca_file"),
    ],
)
async def test_a_refused_certificate_tells_what_is_wrong_with_it(
    certificates: Certificates, kind: str, words: str, remedy: str
) -> None:
    shown = server_context(getattr(certificates, kind))
    async with hostile(friendly, tls=shown) as server:
        found = await probed(
            server,
            security=Security.TLS,
            tls=TlsPolicy(ca_file=str(certificates.ca_file)),
            credentials=CREDENTIALS,
        )

    assert isinstance(found.error, TLSError)
    assert words in (found.error.cause or "")
    assert remedy in (found.error.remedy or "")
    assert server.heard == b"", "nothing is said to a server that is looked at unchecked"
    assert [step.name for step in found.steps] == ["dns", "connect", "tls"]


async def test_behind_starttls_it_is_looked_at_the_same_way(certificates: Certificates) -> None:
    context = server_context(certificates.expired)

    async def upgrading(peer: Peer) -> None:
        await peer.welcome("STARTTLS")
        await peer.answer("220 go ahead")
        await peer.start_tls(context)
        await peer.announce("AUTH PLAIN")
        await peer.take_mail()

    async with hostile(upgrading) as server:
        found = await probed(
            server,
            security=Security.STARTTLS,
            tls=TlsPolicy(ca_file=str(certificates.ca_file)),
            credentials=CREDENTIALS,
        )

    assert found.error is not None
    assert "it was valid until" in str(found.error)
    assert server.count("AUTH") == 0


async def test_on_behalf_of_others_there_is_no_second_look(certificates: Certificates) -> None:
    """Who has a policy for addresses tests for somebody else: one connection, and no word of what stands there."""
    context = server_context(certificates.expired)
    async with hostile(friendly, tls=context) as server:
        found = await probed(
            server,
            security=Security.TLS,
            tls=TlsPolicy(ca_file=str(certificates.ca_file)),
            egress=EgressPolicy(allow=(ip_network("127.0.0.0/8"),)),
            suggest=True,
            timeouts=HASTY,
        )

    assert isinstance(found.error, TLSError)
    assert found.reachable == ()
    assert "valid until" not in str(found.error)


# -- ports ------------------------------------------------------------------------------------------------------------


async def test_the_mode_that_would_have_worked_is_found(certificates: Certificates) -> None:
    policy = TlsPolicy(ca_file=str(certificates.ca_file))
    async with hostile(friendly, tls=server_context(certificates.good)) as server:
        plain = await probed(
            server, security=Security.NONE, tls=policy, timeouts=HASTY, credentials=CREDENTIALS, suggest=True
        )
        assert server.count("AUTH") == 0
    async with hostile(friendly) as server:
        implicit = await probed(server, security=Security.TLS, tls=policy, timeouts=HASTY, suggest=True)

    assert [(port.port, port.security) for port in plain.reachable if port.port > 1000] == [
        (int(plain.server.partition(":")[2]), Security.TLS)
    ]
    assert [port.security for port in implicit.reachable if port.port > 1000] == [Security.NONE]
    assert implicit.reachable[-1].seen == "SIZE 1000"
    assert plain.error is not None
    assert f"Set port to {plain.server.partition(':')[2]} and security to 'tls'" in (plain.error.remedy or "")
    assert not implicit.ok


async def test_a_port_whose_certificate_is_not_trusted_is_named_with_that(certificates: Certificates) -> None:
    async with hostile(friendly, tls=server_context(certificates.unknown_authority)) as server:
        found = await probed(
            server,
            security=Security.NONE,
            tls=TlsPolicy(ca_file=str(certificates.ca_file)),
            timeouts=HASTY,
            suggest=True,
        )

    own = [port for port in found.reachable if port.port == server.port]
    assert [(port.security, "not known here" in port.certificate_fault) for port in own] == [
        (Security.TLS, True)
    ]


async def test_no_other_port_is_tried_unasked_or_when_a_login_failed() -> None:
    async def refusing(peer: Peer) -> None:
        await peer.welcome("AUTH PLAIN")
        await peer.answer("535 5.7.8 no")
        await peer.take_mail()

    async with hostile(friendly) as server:
        unasked = await probed(server, security=Security.TLS, timeouts=HASTY)
        assert server.connections == 1
    async with hostile(refusing) as server:
        refused = await probed(server, security=Security.NONE, credentials=CREDENTIALS, suggest=True)
        assert server.connections == 1

    assert unasked.reachable == refused.reachable == ()


# -- tokens -----------------------------------------------------------------------------------------------------------


class Tokens:
    """A source of one token, or of an error."""

    def __init__(self, error: TokenError | None = None, *, second: bool = False) -> None:
        self.error = error
        self.second = second

    async def token(self) -> AccessToken:
        if self.error is not None:
            raise self.error
        in_an_hour = moment_of(datetime.now(UTC) + timedelta(hours=1, seconds=1))
        return AccessToken(user=OAUTH2.user, token=Secret(TOKEN), expires=in_an_hour)

    async def replacement(self, refused: AccessToken) -> AccessToken | None:
        return AccessToken(user=OAUTH2.user, token=Secret(f"{TOKEN}-2")) if self.second else None

    async def discard(self, refused: AccessToken) -> None:
        pass

    async def close(self) -> None:
        pass


async def test_the_token_is_a_step_of_its_own_and_never_shown() -> None:
    async def taking(peer: Peer) -> None:
        await peer.welcome("AUTH XOAUTH2 OAUTHBEARER")
        await peer.answer("235 2.7.0 welcome")
        await peer.take_mail()

    async with hostile(taking) as server:
        found = await probed(server, security=Security.NONE, credentials=OAUTH2, tokens=Tokens())

    assert found.ok, found.error
    assert [step.name for step in found.steps] == ["dns", "connect", "greeting", "ehlo", "token", "auth"]
    seen = next(step.seen for step in found.steps if step.name == "token")
    assert OAUTH2.user in seen
    assert "for 60 minutes more" in seen
    assert TOKEN not in repr(found)


async def test_a_token_that_cannot_be_had_fails_at_that_step() -> None:
    error = TokenError(
        "the token endpoint refuses the refresh token",
        stage="answer",
        durability=Durability.PERMANENT,
        remedy="Consent again",
    )
    async with hostile(friendly_with_auth) as server:
        found = await probed(server, security=Security.NONE, credentials=OAUTH2, tokens=Tokens(error))

    assert [step.name for step in found.steps][-1] == "token"
    assert found.error is error
    assert server.count("AUTH ") == 0


async def test_a_token_that_is_refused_and_replaced_shows_as_such() -> None:
    """Exchange ends the session with its refusal, so the other token signs in to another one."""

    async def refusing(peer: Peer) -> None:
        await peer.welcome("AUTH XOAUTH2")
        await peer.answer("535 5.7.3 Authentication unsuccessful")
        await peer.hang_up()

    async def taking(peer: Peer) -> None:
        await peer.welcome("AUTH XOAUTH2")
        await peer.answer("235 2.7.0 welcome")
        await peer.take_mail()

    async with hostile(refusing, taking) as server:
        found = await probed(server, security=Security.NONE, credentials=OAUTH2, tokens=Tokens(second=True))

    assert found.ok, found.error
    assert server.connections == 2
    tokens = [step.seen for step in found.steps if step.name == "token"]
    assert len(tokens) == 2
    assert "refused the first" in tokens[1]
    assert TOKEN not in repr(found)


async def friendly_with_auth(peer: Peer) -> None:
    await peer.welcome("AUTH XOAUTH2")
    await peer.take_mail()


# -- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said,words",
    [
        ("250 2.1.5 Anna <anna@example.org>", "knows the address"),
        ("251 2.1.5 elsewhere", "forwards"),
        ("252 2.0.0 try", "does not say"),
        ("502 5.5.1 VRFY command is disabled", "says nothing about the address"),
        ("550 5.1.1 unknown", "does not know the address"),
        ("530 5.7.0 log in", "says nothing about the address"),
        ("299 hm", "no usable answer"),
    ],
)
async def test_an_address_is_asked_about_and_the_answer_fails_no_test(said: str, words: str) -> None:
    async def answering(peer: Peer) -> None:
        await peer.welcome()
        assert await peer.answer(said) == ["VRFY anna@example.org"]
        await peer.take_mail()

    async with hostile(answering) as server:
        found = await probed(server, security=Security.NONE, verify="anna@example.org")

    assert found.ok
    assert found.steps[-1].name == "verify"
    assert words in found.steps[-1].seen
    assert said in found.steps[-1].seen


async def test_what_could_end_the_line_is_no_address() -> None:
    async with hostile(friendly) as server:
        with pytest.raises(AddressError):
            await probed(server, security=Security.NONE, verify="a@b\r\nDATA")
        assert server.connections == 0


async def test_a_password_is_nowhere_in_what_was_found(certificates: Certificates) -> None:
    context: ssl.SSLContext = server_context(certificates.expired)
    async with hostile(friendly, tls=context) as server:
        found = await probed(
            server,
            security=Security.TLS,
            credentials=Password(user="anna", password=Secret(PASSWORD)),
            suggest=True,
            timeouts=HASTY,
        )

    assert PASSWORD not in repr(found)
    assert PASSWORD.encode() not in server.heard


# -- senders ----------------------------------------------------------------------------------------------------------


class Zone:
    """Name servers that know one domain."""

    async def text_records(self, name: str) -> TextRecords:
        texts = {"example.org": ("v=spf1 -all",), "_dmarc.example.org": ("v=DMARC1; p=none",)}
        return TextRecords(texts=texts[name]) if name in texts else TextRecords(exists=False)


async def test_the_sender_is_looked_up_and_fails_no_test() -> None:
    async with hostile(friendly, friendly) as server:
        asked = await probed(server, security=Security.NONE, mail_from="me@example.org", names=Zone())
        default = await probed(server, security=Security.NONE, default_from="me@gone.example", names=Zone())
        nobody = await probed(server, security=Security.NONE, names=Zone())

    assert asked.ok
    assert [step.name for step in asked.steps][-2:] == ["mail", "sender"]
    assert asked.steps[-1].seen == "the SPF record of example.org is there; DMARC policy none"
    assert default.ok
    assert "does not exist" in default.steps[-1].warnings[0]
    assert nobody.steps[-1].name == "ehlo"


# -- Microsoft Graph --------------------------------------------------------------------------------------------------


async def test_graph_is_tested_without_a_message() -> None:
    refusal = answer(
        b'{"error": {"code": "ErrorMimeContentInvalidBase64String", "message": "Invalid base64"}}',
        status="400 Bad Request",
        headers=("Connection: close",),
    )
    denial = answer(
        b'{"error": {"code": "ErrorAccessDenied"}}', status="403 Forbidden", headers=("Connection: close",)
    )
    async with web_server(says(refusal)) as server:
        found = await probed_graph(server)
        assert [step.name for step in found.steps] == ["dns", "connect", "token", "auth"]
        assert found.ok
        assert "takes the token" in found.steps[-1].seen
        assert {request.body for request in server.requests} == {b""}
    async with web_server(says(denial)) as server:
        refused = await probed_graph(server)
    assert [step.name for step in refused.steps][-1] == "auth"
    assert refused.error is not None
    assert "Mail.Send" in (refused.error.remedy or "")
    assert TOKEN not in repr(found) + repr(refused)


async def probed_graph(server: WebServer) -> Probe:
    connection = Connection(
        host=HOST, port=server.port, security=Security.NONE, protocol="graph", credentials=OAUTH2
    )
    return await probe(connection, clock=SystemClock(), tokens=Tokens())


async def test_a_mailer_and_its_test_share_their_tokens() -> None:
    """A test that fetched a token of its own would spend the refresh token that the mailer goes on to use."""
    handed_out = answer(
        b'{"access_token": "ya29.first", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "next"}'
    )

    async def taking(peer: Peer) -> None:
        await peer.welcome("AUTH XOAUTH2")
        await peer.answer("235 2.7.0 welcome")
        await peer.take_mail()

    async with web_server(says(handed_out)) as endpoint, hostile(taking) as server:
        connection = Connection(
            host=HOST,
            port=server.port,
            security=Security.NONE,
            credentials=replace(OAUTH2, token_url=endpoint.url),
        )
        async with Mailer(connection) as mailer:
            found = await mailer.test()
            receipt = await mailer.send(
                Draft(from_="anna@example.org", to="b@x.example", subject="Hi", text="Hi")
            )
        assert found.ok, found.error
        assert receipt.ok
        assert len(endpoint.requests) == 1
        assert server.connections == 2
