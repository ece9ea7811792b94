"""Deciding in somebody's name: by programs that follow links, by guessing, by asking twice, by what stands in a text.

A message with two links, "approve" and "decline", was approved before anybody had read it: the mail filter of the recipient
had opened both to see whether they were dangerous. Ours has one link, and opening it changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress

import pytest
import pytest_asyncio
from tests.integration.answer_server import AnswerServer, answer_server
from tests.unit.engine.asking_scene import ANNA, MAX

from eilbote.author.questions import Decision, Question
from eilbote.errors import OutboxUnavailableError

pytestmark = pytest.mark.asyncio
KEY = "r1/approval/0"
EVIL = "\"'><script>alert(1)</script>{{ 7 | times: 6 }}{% raw %}</textarea><img src=x onerror=alert(1)>"


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[AnswerServer]:
    async with answer_server() as made:
        yield made


async def decision(server: AnswerServer) -> Decision | None:
    kept = await server.scene.questions.question(KEY)
    assert kept is not None
    return kept.decision


async def test_a_scanner_opens_the_link_fifty_times_and_sends_the_form_by_get(server: AnswerServer) -> None:
    asked = await server.scene.ask()
    agents = ["Mozilla/5.0", "SkypeUriPreview", "Barracuda Sentinel (EE)", "", "curl/8"]
    for number in range(50):
        headers = {"User-Agent": agents[number % 5], "Purpose": "prefetch", "Sec-Purpose": "prefetch"}
        for query in ("", "?answer=approve&text=", "?answer=decline"):
            said = await server.browser.get(server.url(ANNA) + query, headers=headers)
            assert said.status_code == 200
        await server.browser.head(server.url(ANNA) + "?answer=approve", headers=headers)
    for method in ("OPTIONS", "PUT", "PATCH", "DELETE"):
        said = await server.browser.request(method, server.url(ANNA), content=b"answer=approve")
        assert said.status_code == 405
    assert await server.scene.questions.question(KEY) == asked


async def test_a_post_without_a_form_decides_nothing(server: AnswerServer) -> None:
    """Scanners that try POST as well send no body, or one of their own; a query is not looked at."""
    await server.scene.ask()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    tries: list[tuple[Mapping[str, str], bytes, int]] = [
        ({}, b"", 400),
        ({}, b"answer=approve", 400),
        (form, b"", 422),
        (form, b"answer=approve&answer=decline", 400),
        (form, b"answer=%ff", 400),
        (form, "answer=approve&text=ä".encode(), 400),
        (form, b"&".join(b"f%d=1" % number for number in range(100)), 400),
        ({"Content-Type": "text/plain"}, b"answer=approve", 400),
        ({"Content-Type": "application/json"}, b'{"answer": "approve"}', 400),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x--", 400),
        ({"X-HTTP-Method-Override": "POST"}, b"", 400),
    ]
    for headers, content, status in tries:
        said = await server.browser.post(
            server.url(ANNA) + "?answer=approve", headers=headers, content=content
        )
        assert said.status_code == status, content
    assert await decision(server) is None


async def test_nobody_can_tell_a_forged_link_from_one_that_never_was(server: AnswerServer) -> None:
    """Same status, same page, same headers: whoever guesses learns nothing from how wrong he is."""
    await server.scene.ask()
    guesses = ["x" * 43, ANNA[:42] + "b", ANNA[:-1], ANNA + "a", ANNA.upper(), "a", "%00", "..%2f" + ANNA]
    told: set[tuple[int, str, str]] = set()
    for guess in guesses:
        for said in (
            await server.browser.get(server.url(guess)),
            await server.browser.post(server.url(guess), data={"answer": "approve"}),
        ):
            told.add((said.status_code, said.text, said.headers["content-security-policy"]))
    assert len(told) == 1
    assert {status for status, _, _ in told} == {404}
    assert await decision(server) is None


async def test_of_two_people_who_answer_at_once_exactly_one_counts(server: AnswerServer) -> None:
    await server.scene.ask()
    said = await asyncio.gather(
        *(
            server.browser.post(server.url(token), data={"answer": answer})
            for token, answer in [(ANNA, "approve"), (MAX, "decline")] * 10
        )
    )
    first = await decision(server)
    assert first is not None
    statuses = [each.status_code for each in said]
    assert sorted(set(statuses)) == [303, 409]
    assert {303: "approve", 409: "decline"}[statuses[0]] == first.answer
    assert server.scene.runs.woken == ["r1"]


async def test_what_was_sent_once_decides_nothing_a_second_time(server: AnswerServer) -> None:
    """A run that asks twice asks two questions; the recorded request of the first decides nothing in the second."""
    await server.scene.ask()
    await server.browser.post(server.url(ANNA), data={"answer": "approve"})
    first = await decision(server)
    server.scene.clock.advance(60)
    await server.scene.questions.pose(await server.scene.ask(id="r1/approval/1"))
    await server.browser.post(server.url(ANNA), data={"answer": "approve"})
    assert await decision(server) == first
    second = await server.scene.questions.question("r1/approval/1")
    assert second is not None
    assert second.decision is None


async def test_text_of_others_stays_text(server: AnswerServer) -> None:
    await server.scene.ask(text=EVIL, choices=(("approve", EVIL), ("decline", "No")))
    for said in (
        await server.browser.get(server.url(ANNA)),
        await server.browser.post(server.url(ANNA), data={"answer": EVIL, "text": EVIL}),
        await server.browser.get(server.url(ANNA) + "?" + EVIL),
    ):
        assert "<script" not in said.text
        assert "onerror=alert(1)>" not in said.text
        assert "42" not in said.text.partition("</style>")[2]
        assert "{{ 7 | times: 6 }}" in said.text
    await server.browser.post(server.url(ANNA), data={"answer": "approve", "text": EVIL})
    after = await server.browser.get(server.url(ANNA))
    assert "<script" not in after.text


async def test_headers_take_nothing_from_a_request(server: AnswerServer) -> None:
    """Links and redirections are made of nothing that a client claims."""
    await server.scene.ask()
    hostile = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example",
        "User-Agent": "x" * 5000,
    }
    shown = await server.browser.get(server.url(ANNA), headers=hostile)
    said = await server.browser.post(server.url(ANNA), headers=hostile, data={"answer": "approve"})
    slash = await server.browser.get(server.url(ANNA) + "/", headers=hostile)
    assert (shown.status_code, said.status_code, slash.status_code) == (200, 303, 404)
    for each in (shown, said, slash):
        assert "evil.example" not in each.text
        assert "evil.example" not in str(each.headers)
    made = await decision(server)
    assert made is not None
    assert len(made.agent) == 300


async def test_line_ends_in_an_address_reach_no_header(server: AnswerServer) -> None:
    said = await server.browser.post(server.url("a%0d%0aSet-Cookie:%20x=1"), data={"answer": "approve"})
    assert said.status_code == 404
    assert "set-cookie" not in said.headers


async def test_nothing_of_a_link_is_written_to_a_log(
    server: AnswerServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await server.scene.ask()
    await server.browser.get(server.url(ANNA))
    await server.browser.post(server.url(ANNA), data={"answer": "approve"})
    own = [
        each for each in caplog.records if not each.name.startswith(("httpx", "httpcore"))
    ]  # the browser's
    assert not [each for each in own if ANNA in each.getMessage()]
    assert ANNA not in "".join(capfd.readouterr())


class Unreachable:
    """A database that does not answer."""

    async def find(self, digest: str) -> tuple[Question, object] | None:
        raise OutboxUnavailableError("postgresql://db.internal:5432 does not answer", remedy="Start it")


async def test_a_database_that_does_not_answer_is_no_end_of_a_link(
    server: AnswerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.scene.ask()
    with monkeypatch.context() as broken:
        broken.setattr(server.scene.questions, "find", Unreachable().find)
        for said in (
            await server.browser.get(server.url(ANNA)),
            await server.browser.post(server.url(ANNA), data={"answer": "approve"}),
        ):
            assert (said.status_code, said.headers["retry-after"]) == (503, "30")
            assert "internal" not in said.text
    assert (await server.browser.get(server.url(ANNA))).status_code == 200


async def test_a_fault_of_ours_shows_nothing_of_itself(
    server: AnswerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(digest: str) -> None:
        raise ZeroDivisionError(digest)

    await server.scene.ask()
    monkeypatch.setattr(server.scene.questions, "find", broken)
    said = await server.browser.get(server.url(ANNA))
    assert said.status_code == 500
    assert "ZeroDivision" not in said.text
    assert said.headers["referrer-policy"] == "no-referrer"


# -- too much --------------------------------------------------------------------------------------------------


async def test_a_body_is_not_read_for_ever(server: AnswerServer) -> None:
    await server.scene.ask()
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    async def endless() -> AsyncGenerator[bytes]:
        for _ in range(40):
            yield b"x" * 8192

    large = await server.browser.post(server.url(ANNA), headers=form, content=b"x" * 300_000)
    chunked = await server.browser.post(server.url(ANNA), headers=form, content=endless())
    assert (large.status_code, chunked.status_code) == (413, 413)


async def test_header_fields_have_an_end(server: AnswerServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"y" * 70_000)
    await writer.drain()
    said = await reader.readline()
    assert said.startswith(b"HTTP/1.1 400")
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def test_whoever_says_nothing_is_not_waited_for(
    server: AnswerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slowloris: many connections, a letter now and then, and nobody else is let in."""
    monkeypatch.setattr("eilbote.api.server.HEAD_SECONDS", 0.2)
    for begins in ((b"",), (b"GET /answer/",), (b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /")):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        async with asyncio.timeout(4):
            for said in begins[:-1]:
                writer.write(said)
                await reader.readuntil(b"\r\n\r\n")
            writer.write(begins[-1])
            await reader.read()  # to the end that the server makes
        writer.close()
        await writer.wait_closed()
