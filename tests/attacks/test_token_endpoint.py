"""A token endpoint, or somebody in its place, that wants what it was told to be seen, and its own words to be obeyed.

It repeats form and header in its error, its reason phrase, its media type and where it leads to; administrators then read
the client's secret in a log that many may read (the echoed credentials of many a bug report). Or it hands out a token that
ends the line or the field it is put into, and goes on in our name.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import traceback
from urllib.parse import unquote_plus

import pytest
from tests.attacks.planted import PLANTED, found_in
from tests.integration.lab.web_server import Request, Script, answer, web_server

from eilbote.errors import TokenError
from eilbote.model.oauth2 import ClientCredentialsGrant, Grant, OAuth2, RefreshTokenGrant
from eilbote.model.secret import Secret
from eilbote.net.http import HttpDoor
from eilbote.oauth2.memory_tokens import MemoryTokens
from eilbote.oauth2.provider import TokenProvider
from eilbote.oauth2.token import token_key
from eilbote.testing import ManualClock

pytestmark = pytest.mark.asyncio

_PASSWORD, CLIENT_SECRET, REFRESH_TOKEN, _TOKEN, _KEY = PLANTED
GRANTS = (
    RefreshTokenGrant(
        client_id="app", refresh_token=Secret(REFRESH_TOKEN), client_secret=Secret(CLIENT_SECRET)
    ),
    ClientCredentialsGrant(client_id="app", client_secret=Secret(CLIENT_SECRET)),
)


def heard(request: Request) -> str:
    """Everything a request says, as it is and decoded."""
    basic = request.headers.get("authorization", "").removeprefix("Basic ")
    pair = base64.b64decode(basic).decode() if basic else ""
    body = request.body.decode()
    return " ".join([body, unquote_plus(body), basic, pair, unquote_plus(pair)])


def _error(status: str, code: str) -> Script:
    async def script(request: Request, writer: asyncio.StreamWriter) -> None:
        said = {"error": code, "error_description": heard(request), "error_uri": heard(request)}
        writer.write(answer(json.dumps(said).encode(), status=status))

    return script


def _in_the_head(status: str) -> Script:
    async def script(request: Request, writer: asyncio.StreamWriter) -> None:
        said = heard(request).replace("\n", " ")
        fields = (
            f"Location: https://evil.example/?{said}",
            f"WWW-Authenticate: {said}",
            f"Set-Cookie: a={said}",
        )
        writer.write(answer(said.encode(), status=f"{status} {said}", kind=f"text/{said}", headers=fields))

    return script


async def _as_the_code(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(json.dumps({"error": heard(request)}).encode(), status="400 Bad"))


async def _as_no_http(request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(heard(request).replace("\n", " ").encode() + b"\r\n\r\n")


SCRIPTS = {
    "invalid_grant": _error("400 Bad Request", "invalid_grant"),
    "invalid_client": _error("401 Unauthorized", "invalid_client"),
    "server_error": _error("503 Unavailable", "server_error"),
    "code": _as_the_code,
    "page": _in_the_head("200"),
    "redirect": _in_the_head("302"),
    "nonsense": _as_no_http,
}


@pytest.mark.parametrize("grant", GRANTS, ids=["person", "application"])
@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
async def test_what_an_endpoint_repeats_is_shown_nowhere(
    script: Script, grant: Grant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with web_server(script) as server:
        credentials = OAuth2(user="anna@example.com", grant=grant, token_url=server.url)
        store = MemoryTokens()
        provider = TokenProvider(credentials, store=store, http=HttpDoor(), clock=ManualClock())
        with pytest.raises(TokenError) as caught:
            await provider.token()
        record = await store.read(token_key(credentials))

    error = caught.value
    told = [
        str(error),
        repr(error),
        repr(vars(error)),
        caplog.text,
        repr(record),
        record.refusal if record else "",
    ]
    told += ["".join(traceback.format_exception(error))]
    assert server.requests
    assert found_in("\n".join(told).encode()) == set()


@pytest.mark.parametrize(
    "ending", ["\r\nMAIL FROM:<evil@example.com>", "\x01\x01", "\x01auth=Bearer other", "\0", " x"]
)
async def test_a_token_that_goes_on_in_our_name_is_not_taken(ending: str) -> None:
    async def script(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(json.dumps({"access_token": f"abc{ending}", "expires_in": 3600}).encode()))

    async with web_server(script) as server:
        credentials = OAuth2(user="anna@example.com", grant=GRANTS[0], token_url=server.url)
        provider = TokenProvider(credentials, store=MemoryTokens(), http=HttpDoor(), clock=ManualClock())
        with pytest.raises(TokenError, match="characters that no token has"):
            await provider.token()
