"""What the laboratory's authorization server hands out and takes back, checked without eilbote."""

from __future__ import annotations

import base64
import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from tests.integration.conftest import TOKEN_SECONDS
from tests.integration.lab.authorization_server import (
    DESKTOP,
    SCOPE,
    SERVICE,
    SERVICE_MAILBOX,
    AuthorizationServer,
)
from tests.integration.lab.postfix import Postfix
from tests.integration.lab.stdlib_client import bearer, open_session, say

_VERIFIER = "a-verifier-of-at-least-forty-three-characters-0"


def _post(server: AuthorizationServer, url: str, **fields: str) -> tuple[int, dict[str, str]]:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    answer = httpx2.post(url, data=fields, verify=context, trust_env=False)
    return answer.status_code, answer.json()


def _service_token(server: AuthorizationServer) -> dict[str, str]:
    status, answer = _post(
        server,
        server.token_url,
        grant_type="client_credentials",
        client_id=SERVICE.client_id,
        client_secret=SERVICE.client_secret,
        scope=SCOPE,
    )
    assert status == 200, answer
    return answer


@contextmanager
def _visited() -> Iterator[tuple[str, list[str]]]:
    """A page of this machine that a browser is sent to; gives its address and what it was asked for."""
    asked: list[str] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as page:
        thread = threading.Thread(target=page.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{page.server_port}/callback", asked
        finally:
            page.shutdown()
            thread.join()


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_dovecot_asks_the_authorization_server_about_a_token(
    authorization_server: AuthorizationServer, postfix_with_tokens: Postfix, mechanism: str
) -> None:
    token = _service_token(authorization_server)["access_token"]
    for user, shown, code in (
        (SERVICE_MAILBOX, token, 235),
        (SERVICE_MAILBOX, token[:-1], 334),
        ("somebody-else@lab.example", token, 334),
    ):
        with open_session(postfix_with_tokens.starttls) as session:
            session.docmd("AUTH", mechanism)
            assert say(session, bearer(mechanism, user, shown))[0] == code
            assert code == 235 or session.docmd("")[0] == 535


def test_tokens_are_short_lived_and_answers_are_counted(authorization_server: AuthorizationServer) -> None:
    before = len(authorization_server.answers())
    assert int(_service_token(authorization_server)["expires_in"]) == TOKEN_SECONDS
    (answer,) = authorization_server.answers()[before:]
    assert (answer.grant, answer.client, answer.status) == ("client_credentials", SERVICE.client_id, 200)


def test_a_consent_in_the_browser_gives_refresh_tokens_that_rotate(
    authorization_server: AuthorizationServer,
) -> None:
    server = authorization_server
    challenge = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).decode().rstrip("=")
    with _visited() as (page, asked):
        asking = {
            "response_type": "code",
            "client_id": DESKTOP.client_id,
            "redirect_uri": page,
            "scope": f"openid offline_access {SCOPE}",
            "prompt": "consent",
            "state": "a state",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        server.person("anna@lab.example").agree(f"{server.authorization_url}?{urlencode(asking)}")
        told = parse_qs(urlsplit(asked[0]).query)
        assert told["state"] == ["a state"]
        status, first = _post(
            server,
            server.token_url,
            grant_type="authorization_code",
            code=told["code"][0],
            redirect_uri=page,
            client_id=DESKTOP.client_id,
            code_verifier=_VERIFIER,
        )
    assert status == 200, first
    again = {"grant_type": "refresh_token", "client_id": DESKTOP.client_id}
    status, second = _post(server, server.token_url, refresh_token=first["refresh_token"], **again)
    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    status, refused = _post(server, server.token_url, refresh_token=first["refresh_token"], **again)
    assert (status, refused["error"]) == (400, "invalid_grant")
    status, refused = _post(server, server.token_url, refresh_token=second["refresh_token"], **again)
    assert (status, refused["error"]) == (400, "invalid_grant"), "the whole family is revoked"


def test_a_device_code_waits_for_a_person(authorization_server: AuthorizationServer) -> None:
    server = authorization_server
    _, device = _post(
        server,
        server.device_url,
        client_id=DESKTOP.client_id,
        scope=f"openid offline_access {SCOPE}",
    )
    asking = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": device["device_code"],
        "client_id": DESKTOP.client_id,
    }
    status, waiting = _post(server, server.token_url, **asking)
    assert (status, waiting["error"]) == (400, "authorization_pending")
    server.person("otto@lab.example").agree(device["verification_uri_complete"])
    status, answer = _post(server, server.token_url, **asking)
    assert status == 200
    assert answer["refresh_token"]
