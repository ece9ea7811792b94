"""A web server that a flow asks answers with what no run can keep: without an end, nested without a bottom, numbers of a billion digits.

Or with a template, which the next node would run. Here an answer is plain data, within bounds, or an error.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from tests.attacks.requesting import error_of, outcome, scene
from tests.integration.lab.web_server import Request, answer, says, web_server

from eilbote.author.flow.data_text import written
from eilbote.author.flow.nodes.http_request import WebRequest
from eilbote.author.flow.step import Leave
from eilbote.author.plain.data_text import read
from eilbote.model.data import Data

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 45 + b"]" * 45,
        b"[" + b"1," * 60_000 + b"1]",
    ],
    ids=["unfinished", "very-deep", "deep", "many"],
)
async def test_an_answer_that_no_run_can_hold_is_an_error_or_a_text(body: bytes) -> None:
    async with web_server(says(answer(body))) as server:
        found = await outcome({"url": server.url})

    assert found.error is not None or isinstance(found.result["body"], str)
    written(found.result, field="result")


@pytest.mark.parametrize(
    "body, kept",
    [
        (b'{"a":1.10,"b":[true,null],"c":"\\u00e4"}', {"a": Decimal("1.10"), "b": [True, None], "c": "ä"}),
        (b'"\\ud83d"', "\ufffd"),
        (b'{"a\\u0000":"\\u0000"}', {"a\ufffd": "\ufffd"}),
        (b"1" * 5000, "1" * 5000),
        (b"1" * 1000, "1" * 1000),
        (b"1e999999999", "1E+999999999"),
        (b"NaN", "NaN"),
        (b"[Infinity]", "[Infinity]"),
        (b"null", None),
        (b"", ""),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"\xef\xbb\xbf{}", {}),
        (b"<html>", "<html>"),
        (b'{"{{ 7 | times: 7 }}": "{{ input.x }}"}', {"{{ 7 | times: 7 }}": "{{ input.x }}"}),
    ],
)
async def test_an_answer_is_plain_data(body: bytes, kept: Data) -> None:
    async with web_server(says(answer(body))) as server:
        found = await outcome({"url": server.url})

    assert found.error is None
    assert found.result["body"] == kept
    text = written(found.result, field="result")
    assert "\\u0000" not in text
    assert read(text) == found.result


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "application/octet-stream"])
async def test_what_is_no_text_is_not_kept(kind: str) -> None:
    async with web_server(says(answer(b"\x89PNG", kind=kind))) as server:
        assert (await outcome({"url": server.url})).result["body"] is None


async def test_an_endless_answer_is_cut_off() -> None:
    async def endless(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async with web_server(endless) as server:
        found = await outcome({"url": server.url, "json": {}})

    assert error_of(found)["code"] == "delivery"
    assert "more than 1,048,576 octets" in str(error_of(found)["cause"])


async def test_an_answer_with_an_error_is_kept_with_it() -> None:
    async with web_server(says(answer(b'{"why":"sold out"}', status="409 Conflict"))) as server:
        fields: dict[str, Data] = {"url": server.url, "store_result": "input", "store_as": "answer"}
        found = await outcome(fields)
        move = WebRequest.read(fields).resume(scene(), found)

    assert isinstance(move, Leave)
    [put] = move.puts
    assert isinstance(put.value, dict)
    assert put.value["status"] == 409
    assert put.value["body"] == {"why": "sold out"}
    assert isinstance(put.value["error"], dict)
    assert put.value["error"]["message"] == "the server answered 409 Conflict"
