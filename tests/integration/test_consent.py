"""Consent at an authorization server of other people's making, by a person who reads its pages and agrees."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.integration.lab.authorization_server import (
    DESKTOP,
    FORGETFUL,
    SCOPE,
    WEB,
    AuthorizationServer,
)
from tests.integration.lab.authorization_server import (
    Application as Registered,
)

from eilbote.engine.consent import Consent
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import SettingsError, TokenError
from eilbote.model.secret import Secret
from eilbote.model.tls import TlsPolicy
from eilbote.net.http import HttpDoor
from eilbote.oauth2.consent import Application, DeviceCode
from eilbote.oauth2.token import Token
from eilbote.testing.manual_clock import ManualClock

ANNA = "anna@lab.example"


def application(server: AuthorizationServer, registered: Registered = DESKTOP) -> Application:
    return Application(
        user=ANNA,
        client_id=registered.client_id,
        client_secret=Secret(registered.client_secret),
        token_url=server.token_url,
        authorize_url=server.authorization_url,
        device_url=server.device_url,
        scope=f"openid offline_access {SCOPE}",
        parameters={"prompt": "consent"},
    )


def consent(server: AuthorizationServer, asking: Application, clock: ManualClock | None = None) -> Consent:
    door = HttpDoor(tls=TlsPolicy(ca_file=str(server.ca_file)))
    return Consent(asking, http=door, clock=clock or SystemClock(), ids=RandomIds())


async def in_browser(server: AuthorizationServer, asking: Application) -> Token:
    pages: list[asyncio.Task[str]] = []

    def show(url: str) -> None:
        pages.append(asyncio.create_task(asyncio.to_thread(server.person(ANNA).agree, url)))

    token = await consent(server, asking).in_browser(show)
    assert "Thank you" in await pages[0]
    return token


@pytest.mark.asyncio
@pytest.mark.parametrize("registered", [DESKTOP, WEB], ids=["public", "confidential"])
async def test_a_person_consents_in_the_browser(
    authorization_server: AuthorizationServer, registered: Registered
) -> None:
    token = await in_browser(authorization_server, application(authorization_server, registered))
    assert token.access_token
    assert token.refresh_token
    assert token.expires is not None
    last = authorization_server.answers()[-1]
    assert (last.grant, last.client, last.status) == ("authorization_code", registered.client_id, 200)


@pytest.mark.asyncio
async def test_without_a_refresh_token_a_consent_is_worth_little(
    authorization_server: AuthorizationServer,
) -> None:
    asking = replace(application(authorization_server), scope="openid", parameters={})
    with pytest.raises(TokenError) as refused:
        await in_browser(authorization_server, replace(asking, client_id=FORGETFUL.client_id))
    assert refused.value.field == "scope"
    assert "offline_access" in (refused.value.remedy or "")


@pytest.mark.asyncio
async def test_a_person_consents_on_another_machine(authorization_server: AuthorizationServer) -> None:
    asked: list[DeviceCode] = []
    pauses: list[float] = []

    async def agree_meanwhile(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            await asyncio.to_thread(authorization_server.person(ANNA).agree, asked[0].page_with_code)

    before = len(authorization_server.answers())
    consenting = consent(authorization_server, application(authorization_server))
    token = await consenting.by_device(asked.append, pause=agree_meanwhile)
    assert token.refresh_token
    assert asked[0].user_code in asked[0].page_with_code
    assert pauses == [5.0, 5.0]
    answers = authorization_server.answers()[before:]
    assert [answer.error for answer in answers] == ["authorization_pending", ""]


@pytest.mark.asyncio
async def test_a_device_code_that_nobody_types_in_runs_out(authorization_server: AuthorizationServer) -> None:
    clock = ManualClock()

    async def go_by(seconds: float) -> None:
        clock.advance(max(seconds, 120.0))

    with pytest.raises(TokenError) as refused:
        await consent(authorization_server, application(authorization_server), clock).by_device(
            lambda _: None, pause=go_by
        )
    assert "in time" in refused.value.what


@pytest.mark.asyncio
async def test_an_application_that_nobody_registered_is_named(
    authorization_server: AuthorizationServer,
) -> None:
    asking = replace(application(authorization_server), client_id="nobody")
    with pytest.raises(TokenError) as refused:
        await consent(authorization_server, asking).by_device(lambda _: None)
    assert refused.value.field == "client_id"


@pytest.mark.asyncio
async def test_a_wrong_secret_is_named_and_not_shown(authorization_server: AuthorizationServer) -> None:
    asking = replace(application(authorization_server, WEB), client_secret=Secret("guessed-5b1d-secret"))
    with pytest.raises(TokenError) as refused:
        await in_browser(authorization_server, asking)
    assert refused.value.field == "client_id"
    assert "guessed-5b1d" not in str(refused.value)


@pytest.mark.asyncio
async def test_a_page_that_is_not_known_cannot_be_shown(authorization_server: AuthorizationServer) -> None:
    asking = replace(application(authorization_server), authorize_url="", device_url="")
    with pytest.raises(SettingsError) as refused:
        await consent(authorization_server, asking).in_browser(print)
    assert refused.value.field == "authorize_url"
    with pytest.raises(SettingsError) as refused:
        await consent(authorization_server, asking).by_device(print)
    assert refused.value.field == "device_url"
