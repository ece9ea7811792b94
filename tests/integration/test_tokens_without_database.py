"""Mailers that come and go in one program: each begins with the refresh token that the one before was handed."""

from __future__ import annotations

import asyncio

import pytest
from tests.integration.lab.web_server import web_server
from tests.integration.sending import draft_to
from tests.integration.token_endpoint import RotatingEndpoint
from tests.integration.token_mail_server import token_mail_server

from eilbote import Connection, Mailer, send_sync
from eilbote.model.oauth2 import OAuth2, RefreshTokenGrant
from eilbote.model.secret import Secret
from eilbote.model.tls import Security

pytestmark = pytest.mark.asyncio

DRAFT = draft_to("somebody@example.com")


async def test_messages_sent_one_by_one_spend_one_refresh_token() -> None:
    """``send_sync`` makes a loop and a mailer for each message; a spent refresh token would end the consent."""
    endpoint = RotatingEndpoint(seconds=None)
    endpoint.gate.set()
    async with web_server(endpoint) as web, token_mail_server(valid={"access-1"}) as mail:
        grant = RefreshTokenGrant(client_id="app", refresh_token=Secret("refresh-0"))
        credentials = OAuth2(user="anna@example.com", grant=grant, token_url=web.url)
        connection = Connection(
            host=mail.host, port=mail.port, security=Security.NONE, credentials=credentials
        )
        for _ in range(2):
            await asyncio.to_thread(send_sync, DRAFT, connection)
        async with Mailer(connection) as mailer:
            await mailer.send(DRAFT)
        mail.valid = {"access-2"}  # the first was revoked; the newest refresh token gets another
        await asyncio.to_thread(send_sync, DRAFT, connection)

    assert mail.messages == 4
    assert mail.shown == ["access-1", "access-1", "access-1", "access-1", "access-2"]
    assert [request.form["refresh_token"] for request in endpoint.requests] == ["refresh-0", "refresh-1"]
