"""Commands use the tokens that couriers use: nobody spends a refresh token behind anybody's back."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from tests.integration.lab.web_server import WebServer, answer, web_server
from tests.integration.token_endpoint import RotatingEndpoint
from tests.integration.token_mail_server import TokenMailServer, token_mail_server

pytestmark = [pytest.mark.asyncio, pytest.mark.slow, pytest.mark.timeout(240)]

PERSON = "anna@example.com"


async def eilbote(folder: Path, *words: str, send: bytes = b"") -> tuple[int, str]:
    """Run the program; gives its exit code and all it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "eilbote.cli", *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
        env={**os.environ, "EILBOTE_DATA_DIR": str(folder / "outbox")},
    )
    said, _ = await process.communicate(send)
    assert b"refresh-" not in said
    assert b"access-" not in said
    assert process.returncode is not None
    return process.returncode, said.decode()


async def keep(folder: Path, web: WebServer, mail: TokenMailServer) -> None:
    (folder / "refresh.txt").write_text("refresh-0")
    fields = (
        f"host={mail.host}",
        f"port={mail.port}",
        "security=none",
        f"access_url={web.url}",
        "client_id=app",
    )
    words = (
        "connection",
        "add",
        "office",
        f"user={PERSON}",
        *fields,
        "--secret",
        "refresh_token=refresh.txt",
    )
    code, said = await eilbote(folder, *words)
    assert code == 0, said


async def send(folder: Path, *more: str) -> tuple[int, str]:
    words = ("send", "--connection", "office", "--to", "somebody@example.com", "--text", "hello", *more)
    return await eilbote(folder, *words)


def opened_endpoint() -> RotatingEndpoint:
    made = RotatingEndpoint()
    made.gate.set()
    return made


async def test_sending_by_name_renews_for_everybody(tmp_path: Path) -> None:
    endpoint = opened_endpoint()
    async with web_server(endpoint) as web, token_mail_server(valid={"access-1"}) as mail:
        await keep(tmp_path, web, mail)
        for _ in range(2):
            code, said = await send(tmp_path, "--dialogue")
            assert code == 0, said
        assert (await send(tmp_path, "--queue"))[0] == 0
        code, said = await eilbote(tmp_path, "courier", "--once")
        assert code == 0, said

    assert mail.messages == 3
    assert mail.shown == ["access-1"] * 3
    assert [request.form["refresh_token"] for request in endpoint.requests] == ["refresh-0"]


async def test_a_refusal_is_asked_about_again_when_a_person_says_so(tmp_path: Path) -> None:
    """The grant was taken back and given again at the server; nothing of the settings has changed."""
    endpoint = opened_endpoint()
    refusal = answer(b'{"error": "invalid_grant"}', status="400 Bad Request")
    endpoint.faults = [refusal]
    async with web_server(endpoint) as web, token_mail_server(valid={"access-1"}) as mail:
        await keep(tmp_path, web, mail)
        for _ in range(2):
            code, said = await send(tmp_path)
            assert code == 5, said
            assert "consent again" in said
        assert len(endpoint.requests) == 1
        code, said = await eilbote(tmp_path, "connection", "resume", "office")
        assert code == 0, said
        code, said = await send(tmp_path)
        assert code == 0, said

    assert mail.messages == 1


async def test_a_test_of_the_connection_asks_again(tmp_path: Path) -> None:
    endpoint = opened_endpoint()
    endpoint.faults = [answer(b'{"error": "invalid_grant"}', status="400 Bad Request")]
    async with web_server(endpoint) as web, token_mail_server(valid={"access-1"}) as mail:
        await keep(tmp_path, web, mail)
        assert (await send(tmp_path))[0] == 5
        code, said = await eilbote(tmp_path, "connection", "test", "office")
        assert code == 0, said

    assert len(endpoint.requests) == 2
