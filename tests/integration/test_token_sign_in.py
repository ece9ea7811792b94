"""Sessions that sign in with fetched tokens: refused, renewed, tried once more, and nothing of it shown."""

from __future__ import annotations

import asyncio
import base64
import logging

import pytest
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.web_server import answer
from tests.integration.sending import draft_to
from tests.integration.token_endpoint import RotatingEndpoint, rotating_endpoint
from tests.integration.token_mail_server import TokenMailServer, token_mail_server

from eilbote import AuthenticationError, Connection, Durability, Mailer, Receipt, Scope
from eilbote.deliver.smtp_transport import SmtpTransport
from eilbote.engine.token_sources import TokenSources
from eilbote.engine.transports import Transports
from eilbote.errors import DeliveryError, TokenError
from eilbote.model.credentials import AccessToken, Credentials
from eilbote.model.moment import Moment, moment_of
from eilbote.model.oauth2 import OAuth2, ProvidedToken, RefreshTokenGrant
from eilbote.model.secret import Secret
from eilbote.model.tls import Security
from eilbote.testing import ManualClock

pytestmark = pytest.mark.asyncio

DRAFT = draft_to("somebody@example.com")


def oauth2(endpoint: RotatingEndpoint, **more: object) -> OAuth2:
    grant = RefreshTokenGrant(
        client_id="app", refresh_token=Secret("refresh-0"), client_secret=Secret("app-secret")
    )
    return OAuth2(user="anna@example.com", grant=grant, token_url=endpoint.url, **more)  # type: ignore[arg-type]


def connection(server: TokenMailServer, credentials: Credentials) -> Connection:
    return Connection(host=server.host, port=server.port, security=Security.NONE, credentials=credentials)


async def send(server: TokenMailServer, endpoint: RotatingEndpoint, credentials: Credentials) -> Receipt:
    clock = ManualClock()
    made = connection(server, credentials)
    source = TokenSources(clock=clock, http=endpoint.http).of(made)
    transport = SmtpTransport(made, clock=clock, tokens=source)
    async with Mailer(made, transport=transport) as mailer:
        return await mailer.send(DRAFT)


async def refusal(
    server: TokenMailServer, endpoint: RotatingEndpoint, credentials: Credentials
) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await send(server, endpoint, credentials)
    assert server.messages == 0
    return caught.value


async def test_a_fetched_token_signs_in(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint, token_mail_server(valid={"access-1"}) as server:
        receipt = await send(server, endpoint, oauth2(endpoint))

    assert [result.status.value for result in receipt.results] == ["accepted"]
    assert server.shown == ["access-1"]


async def test_a_refused_token_is_replaced_in_the_same_session(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint, token_mail_server(valid={"access-1"}) as server:
        await send(server, endpoint, oauth2(endpoint, access_token=Secret("revoked")))

    assert server.shown == ["revoked", "access-1"]
    assert server.sessions == 1
    assert server.messages == 1


async def test_a_refused_token_is_replaced_in_another_session_when_the_server_hangs_up(
    certificates: Certificates,
) -> None:
    async with (
        rotating_endpoint(certificates) as endpoint,
        token_mail_server(valid={"access-1"}, hangs_up=True) as server,
    ):
        await send(server, endpoint, oauth2(endpoint, access_token=Secret("revoked")))

    assert server.shown == ["revoked", "access-1"]
    assert server.sessions == 2
    assert server.messages == 1


@pytest.mark.parametrize("hangs_up", [False, True])
async def test_two_refusals_are_the_last_word(certificates: Certificates, hangs_up: bool) -> None:
    """The mailbox may not send at all: asking for token after token would look like an attack."""
    async with rotating_endpoint(certificates) as endpoint, token_mail_server(hangs_up=hangs_up) as server:
        error = await refusal(server, endpoint, oauth2(endpoint))

    assert isinstance(error, AuthenticationError)
    assert error.reply_code == 535
    assert error.durability is Durability.PERMANENT
    assert error.field == "access_token"
    assert server.shown == ["access-1", "access-2"]
    assert len(endpoint.requests) == 2


async def test_a_token_that_was_refused_twice_is_shown_to_nobody_again(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint, token_mail_server() as server:
        clock = ManualClock()
        made = connection(server, oauth2(endpoint))
        sources = TokenSources(clock=clock, http=endpoint.http)
        for _ in range(3):
            transport = SmtpTransport(made, clock=clock, tokens=sources.of(made))
            async with Mailer(made, transport=transport) as mailer:
                with pytest.raises(AuthenticationError):
                    await mailer.send(DRAFT)

    assert len(server.shown) == len(set(server.shown)) == 6


@pytest.mark.parametrize(
    "said", ["454 4.7.0 Temporary authentication failure", "535 5.7.139 disabled for the tenant"]
)
async def test_what_may_pass_costs_no_token(certificates: Certificates, said: str) -> None:
    async with rotating_endpoint(certificates) as endpoint, token_mail_server(refusal=said) as server:
        error = await refusal(server, endpoint, oauth2(endpoint))

    assert len(endpoint.requests) == (1 if said.startswith("454") else 2)
    assert (error.durability is Durability.TRANSIENT) is said.startswith("454")


async def test_without_a_token_nothing_is_shown_and_nobody_is_failed(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint, token_mail_server() as server:
        endpoint.current = "another"
        error = await refusal(server, endpoint, oauth2(endpoint))

    assert isinstance(error, TokenError)
    assert error.scope is Scope.SITE
    assert error.durability is Durability.PERMANENT
    assert "consent again" in str(error)
    assert server.sessions == 0


async def test_an_endpoint_that_is_busy_is_no_reason_for_anybody_to_act(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint, token_mail_server() as server:
        endpoint.faults = [answer(b"", status="503 Oh", headers=("Retry-After: 77",))]
        error = await refusal(server, endpoint, oauth2(endpoint))

    assert isinstance(error, TokenError)
    assert error.scope is Scope.SITE
    assert error.durability is Durability.TRANSIENT
    assert error.retry_after == 77


async def test_nothing_that_was_shown_is_told(
    certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that repeats the token in its refusal; neither error, transcript nor log holds it in any form."""
    caplog.set_level(logging.DEBUG)
    async with rotating_endpoint(certificates) as endpoint, token_mail_server(echoes=True) as server:
        error = await refusal(server, endpoint, oauth2(endpoint))

    told = "\n".join(
        [str(error), error.reply_text or "", *error.transcript, caplog.text, repr(error.__cause__)]
    )
    for secret in ("access-1", "access-2", "refresh-0", "refresh-1", "app-secret"):
        assert secret not in told
        assert base64.b64encode(secret.encode()).decode().rstrip("=")[:-2] not in told


async def test_fifty_mails_by_several_mailers_cost_one_token(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint, token_mail_server(valid={"access-1"}) as server:
        clock = ManualClock()
        expired = oauth2(endpoint, access_token=Secret("old"), expires=moment_of(clock.now()))
        made = connection(server, expired)
        sources = TokenSources(clock=clock, http=endpoint.http)

        async def one() -> None:
            transport = SmtpTransport(made, clock=clock, tokens=sources.of(made))
            async with Mailer(made, transport=transport) as mailer:
                await mailer.send(DRAFT)

        await asyncio.gather(*(one() for _ in range(50)))

    assert server.messages == 50
    assert set(server.shown) == {"access-1"}
    assert len(endpoint.requests) == 1


# ── tokens that nobody fetches from an endpoint ─────────────────────────────────────────────────────────────────


async def test_a_program_gives_its_own_tokens(certificates: Certificates) -> None:
    given = iter(["stale", "good"])

    async def provide() -> str:
        return next(given)

    async with token_mail_server(valid={"good"}) as server:
        made = connection(server, ProvidedToken(user="anna@example.com", provide=provide))
        async with Mailer(made) as mailer:
            await mailer.send(DRAFT)

    assert server.shown == ["stale", "good"]


async def test_a_program_that_gives_the_same_token_again_is_not_believed(certificates: Certificates) -> None:
    async def provide() -> str:
        return "stale"

    async with token_mail_server() as server:
        made = connection(server, ProvidedToken(user="anna@example.com", provide=provide))
        async with Mailer(made) as mailer:
            with pytest.raises(AuthenticationError):
                await mailer.send(DRAFT)

    assert server.shown == ["stale"]


async def test_a_token_that_is_over_is_not_shown(certificates: Certificates) -> None:
    async with token_mail_server(valid={"old"}) as server:
        made = connection(
            server, AccessToken(user="anna@example.com", token=Secret("old"), expires=Moment(1))
        )
        async with Mailer(made) as mailer:
            with pytest.raises(TokenError, match="has expired") as caught:
                await mailer.send(DRAFT)

    assert caught.value.durability is Durability.PERMANENT
    assert server.shown == []


# ── who shares ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_transports_of_the_same_credentials_share_their_tokens(certificates: Certificates) -> None:
    async with (
        rotating_endpoint(certificates) as endpoint,
        token_mail_server(valid={"access-1"}) as one,
        token_mail_server(valid={"access-1"}) as two,
    ):
        clock = ManualClock()
        transports = Transports(clock=clock, tokens=TokenSources(clock=clock, http=endpoint.http))
        for server in (one, two):
            made = connection(server, oauth2(endpoint))
            async with Mailer(made, transport=transports.borrow(made)) as mailer:
                await mailer.send(DRAFT)
            await transports.give_back(made)

    assert one.shown == two.shown == ["access-1"]
    assert len(endpoint.requests) == 1


async def test_a_new_access_token_in_the_settings_is_used(certificates: Certificates) -> None:
    async with rotating_endpoint(certificates) as endpoint, token_mail_server(valid={"newer"}) as server:
        sources = TokenSources(clock=ManualClock(), http=endpoint.http)
        older = sources.of(connection(server, oauth2(endpoint, access_token=Secret("older"))))
        newer = sources.of(connection(server, oauth2(endpoint, access_token=Secret("newer"))))
        assert older is not None
        assert newer is not None
        assert (await newer.token()).token == Secret("newer")
