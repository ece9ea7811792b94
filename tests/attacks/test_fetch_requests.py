"""A flow asks a web server, with values in the request that somebody else has filled in.

A value leads the request to another server, climbs out of its folder, begins a header field of its own, or another request.
A secret goes to whoever a value names, over the network in clear, to the target of a redirect; or comes back in the answer
and is kept with the run for all to see. A request that pays a bill is sent twice after a crash.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from tests.attacks.fetching import PUBLIC, network
from tests.attacks.requesting import AUTHORIZATION, SECRET, SECRETS, door, effect, error_of, outcome
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.tls_server import server_context
from tests.integration.lab.web_server import Request, Script, answer, says, web_server

from eilbote.author.flow.nodes.http_request import WebRequest
from eilbote.config.flow_secrets import FlowSecrets
from eilbote.engine.web_request import Visit, asked, request_door
from eilbote.errors import EilboteError, FlowError
from eilbote.model.data import Data
from eilbote.model.tls import TlsPolicy
from eilbote.net.egress import EgressPolicy

pytestmark = pytest.mark.asyncio

EVIL = (
    "@evil.example",
    "//evil.example/",
    "../../admin",
    "..",
    ".",
    "?admin=1",
    "#",
    "x&admin=1",
    "x/../../admin",
    "a\r\nX-Injected: 1",
    "a\r\n\r\nGET /admin HTTP/1.1\r\n",
    "%2e%2e%2f",
    "\\..\\admin",
    "\x00",
    "\u2028",
    "ä€😀",
    "{{ 7 | times: 7 }}",
    "a b",
    "",
)


# ── values stay where they are put ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("value", EVIL)
async def test_a_value_in_the_path_stays_one_segment(value: str) -> None:
    async with web_server(says(answer(b"{}"))) as server:
        url = f"http://127.0.0.1:{server.port}/orders/{{{{ input.x }}}}/lines"
        if value in {"", ".", ".."}:
            with pytest.raises(FlowError) as caught:
                await outcome({"url": url}, x=value)
            assert caught.value.field == "url"
            assert server.requests == []
            return
        await outcome({"url": url}, x=value)

    [request] = server.requests
    assert request.line.startswith("GET /orders/")
    path = request.line.split(" ")[1]
    assert path.count("/") == 3
    assert path.endswith("/lines")
    assert not set(path) & set("?#&@\\")
    assert "x-injected" not in request.headers


@pytest.mark.parametrize("value", EVIL)
async def test_a_value_in_the_query_stays_one_value(value: str) -> None:
    async with web_server(says(answer(b"{}"))) as server:
        url = f"http://127.0.0.1:{server.port}/?a={{{{ input.x }}}}&b=2"
        await outcome({"url": url, "query": {"c": "{{ input.x }}", "d": ["1", "{{ input.x }}"]}}, x=value)

    from urllib.parse import parse_qsl

    [request] = server.requests
    found = parse_qsl(request.line.split(" ")[1].partition("?")[2], keep_blank_values=True)
    rendered = value.replace("\r\n", "\n")  # as templates write line breaks; a value alone is no template
    assert found == [("a", rendered), ("b", "2"), ("c", value), ("d", "1"), ("d", value)]


@pytest.mark.parametrize("value", EVIL)
async def test_a_value_in_a_body_stays_one_value(value: str) -> None:
    async with web_server(says(answer(b"{}"))) as server:
        url = f"http://127.0.0.1:{server.port}/"
        await outcome({"url": url, "json": {"a": "{{ input.x }}!", "b": "{{ input.x }}"}}, x=value)
        await outcome({"url": url, "form": {"a": "{{ input.x }}"}}, x=value)

    first, second = server.requests
    rendered = value.replace("\r\n", "\n")
    assert json.loads(first.body) == {"a": f"{rendered}!", "b": value}
    assert second.form == {"a": value}


@pytest.mark.parametrize(
    "url",
    [
        "https://{{ input.x }}.example.org/",
        "https://{{ input.x }}/",
        "https://crm.example.org{{ input.x }}/",
        "https://crm.example.org{{ input.x }}",
        "https://crm.example.org:{{ input.x }}/",
        "{{ 'https' }}",
        "http{{ input.x }}://crm.example.org/",
        "ftp://{{ input.x }}",
        "https:{{ input.x }}",
        "https://{% if input.x %}evil{% endif %}.example.org/",
        "https://a.example.org/{% for x in input.x %}{{ x }}{% endfor %}",
    ],
)
async def test_a_value_does_not_choose_the_server(url: str) -> None:
    """A secret in a header would go wherever the value says; without one, the value alone may name the server."""
    with pytest.raises(EilboteError) as caught:
        WebRequest.read({"url": url, "headers": AUTHORIZATION})

    assert caught.value.field == "url"


async def test_a_secret_goes_nowhere_a_value_says() -> None:
    for url in ("{{ input.url }}", "{{ input.url }}/orders"):
        WebRequest.read({"url": url})
        with pytest.raises(FlowError, match="wherever a value says"):
            WebRequest.read({"url": url, "headers": AUTHORIZATION})


@pytest.mark.parametrize(
    "value", ["a\r\nX-Injected: 1", "a\nb", "a\rb", "a\x00", "a\x0bb", "ä", "\u2028", "a\x7f", "x" * 9000]
)
async def test_a_header_field_is_one_line(value: str) -> None:
    fields: dict[str, Data] = {"url": "http://127.0.0.1/", "headers": {"X-Note": "{{ input.x }}"}}
    with pytest.raises(FlowError) as caught:
        effect(fields, x=value)

    assert caught.value.field == "headers.X-Note"
    assert value not in str(caught.value)


async def test_a_secret_is_one_line_as_well() -> None:
    secrets = FlowSecrets({"EILBOTE_FLOW_SECRET_CRM": f"{SECRET}\r\nX-Injected: 1"})
    async with web_server(says(answer(b"{}"))) as server:
        request = effect({"url": server.url, "headers": AUTHORIZATION})
        found = await asked(request, Visit(key="k"), door=door(), secrets=secrets)

    assert server.connections == 0
    assert error_of(found)["field"] == "headers.Authorization"


@pytest.mark.parametrize(
    "name",
    [
        *("Host", "Content-Length", "Transfer-Encoding", "Connection", "TE", "Upgrade", "Expect", "Trailer"),
        *("Accept-Encoding", "Proxy-Authorization", "keep-alive", "X\r\nY", "X Y", "X:", "", "Ä"),
    ],
)
async def test_what_frames_a_request_is_not_the_authors(name: str) -> None:
    """Two lengths of one body are two bodies to two programs: request smuggling."""
    with pytest.raises(FlowError) as caught:
        WebRequest.read({"url": "https://a.example.org/", "headers": {name: "1"}})

    assert str(caught.value.field).startswith("headers.")


@pytest.mark.parametrize(
    "name", ["Authorization", "authorization", "Cookie", "X-API-Key", "X-Auth-Token", "apikey"]
)
async def test_a_secret_does_not_stand_in_a_flow(name: str) -> None:
    with pytest.raises(FlowError, match="a secret stands in the flow's text") as caught:
        WebRequest.read({"url": "https://a.example.org/", "headers": {name: SECRET}})

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "reference",
    [
        {"env": "EILBOTE_SECRET_KEYS"},
        {"env": "EILBOTE_DATABASE_URL"},
        {"env": "PATH"},
        {"env": "EILBOTE_FLOW_SECRETS_DIR"},
        {"env": "EILBOTE_FLOW_SECRET_"},
        {"file": "/etc/passwd"},
        {"file": "../key"},
        {"file": ".."},
        {"file": ".hidden"},
        {"file": "a/b"},
        {"file": "a\x00"},
        {"env": "EILBOTE_FLOW_SECRET_A", "file": "a"},
        {},
        {"value": "x"},
    ],
)
async def test_a_flow_reads_no_secret_that_was_not_given_to_flows(reference: dict[str, Data]) -> None:
    """{env: EILBOTE_SECRET_KEYS} in a header would carry the key of all stored secrets to the author's own server."""
    with pytest.raises(FlowError):
        WebRequest.read({"url": "https://a.example.org/", "headers": {"X-A": reference}})


# ── where secrets go ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_secret_does_not_go_over_the_network_in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    with network(monkeypatch) as net:
        net.names = {"crm.example": [[PUBLIC]]}
        found = await outcome(
            {"url": "http://crm.example/", "headers": AUTHORIZATION}, to=request_door(EgressPolicy(), None)
        )

    assert (net.asked, net.connected) == ([], [])
    assert "in clear" in str(error_of(found)["message"])


async def test_what_comes_back_of_a_secret_is_struck_out() -> None:
    """Test servers, and broken ones, repeat what they were told; a run keeps answers, and many may read runs."""

    async def echo(request: Request, writer: asyncio.StreamWriter) -> None:
        said = request.headers["authorization"]
        body = json.dumps({"said": said, said: [said]}).encode()
        writer.write(answer(body, status=f"200 {said}", headers=(f"X-Echo: {said}", f"Set-Cookie: a={said}")))

    async def echo_text(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(str(request.headers).encode(), status="500 Oops", kind="text/plain"))

    for script in (echo, echo_text):
        async with web_server(script) as server:
            found = await outcome({"url": server.url, "headers": AUTHORIZATION})
        assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"
        assert "***" in str(found.result["body"])
        assert SECRET not in str(found)
        assert "set-cookie" not in str(found.result["headers"])


async def test_a_redirect_to_another_server_takes_no_header_field_along() -> None:
    async with web_server(says(answer(b"{}"))) as other:
        moved = answer(b"", status="302 Found", headers=(f"Location: {other.url}",))
        async with web_server(says(moved)) as server:
            headers: dict[str, Data] = {"X-Note": "mine", "Accept": "text/csv", **AUTHORIZATION}  # type: ignore[dict-item]
            found = await outcome({"url": server.url, "headers": headers})

    assert found.error is None
    [request] = other.requests
    assert request.headers["accept"] == "text/csv"
    assert not {"authorization", "x-note", "cookie"} & set(request.headers)


async def test_a_redirect_of_the_same_server_keeps_them() -> None:
    async def script(request: Request, writer: asyncio.StreamWriter) -> None:
        moved = answer(b"", status="301 Moved", headers=("Location: /new",))
        writer.write(answer(b"{}") if "/new" in request.line else moved)

    async with web_server(script) as server:
        await outcome({"url": server.url, "headers": AUTHORIZATION})

    assert [request.headers["authorization"] for request in server.requests] == [f"Bearer {SECRET}"] * 2


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
async def test_what_acts_is_never_sent_on(status: str) -> None:
    """A body meant for one server is not handed to another by the first one's word."""
    async with web_server(says(answer(b"{}"))) as other:
        moved = answer(b"", status=status, headers=(f"Location: {other.url}",))
        async with web_server(says(moved)) as server:
            found = await outcome({"url": server.url, "json": {"amount": 100}})

    assert found.result["status"] == int(status[:3])
    assert other.connections == 0


async def test_a_request_reaches_nothing_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    with network(monkeypatch) as net:
        net.names = {"inside.example": [["10.0.0.1"]]}
        strict = request_door(EgressPolicy(), frozenset({80, 443}))
        for url in (
            "http://169.254.169.254/",
            "https://inside.example/",
            "http://[::1]/",
            "http://a.example:25/",
        ):
            found = await outcome({"url": url}, to=strict)
            assert error_of(found)["field"] == "url"

    assert net.connected == []


async def test_a_certificate_is_checked(certificates: Certificates) -> None:
    trusting = replace(door(), tls=TlsPolicy(ca_file=str(certificates.ca_file)))
    async with web_server(says(answer(b"{}")), server_context(certificates.expired)) as server:
        found = await outcome({"url": server.url, "headers": AUTHORIZATION}, to=trusting)

    assert error_of(found)["code"] == "tls"
    assert server.requests == []


# ── once ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_acts_carries_a_key_of_its_visit() -> None:
    async with web_server(says(answer(b"{}"))) as server:
        for _ in range(2):
            await outcome({"url": server.url, "json": {}})
        await outcome({"url": server.url})
        await outcome({"url": server.url, "method": "PUT", "body": "x"})
        await outcome({"url": server.url, "json": {}, "headers": {"Idempotency-Key": "mine"}})

    keys = [request.headers.get("idempotency-key") for request in server.requests]
    assert keys == ['"run1/look/0"', '"run1/look/0"', None, None, "mine"]


async def cut_off(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def hang(_request: Request, _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def half_an_answer(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")


@pytest.mark.parametrize("script", [cut_off, hang, half_an_answer])
@pytest.mark.parametrize("method", ["POST", "PATCH", "GET", "PUT", "DELETE"])
async def test_an_answer_that_does_not_come_leaves_what_acts_in_doubt(script: Script, method: str) -> None:
    async with web_server(script) as server:
        request = replace(effect({"url": server.url, "method": method}), seconds=0.3)
        found = await asked(request, Visit(key="k"), door=door(), secrets=SECRETS)
        repeating = replace(request, repeats=True)
        again = await asked(repeating, Visit(key="k", again=True), door=door(), secrets=SECRETS)

    in_doubt = method in {"POST", "PATCH"}
    assert (error_of(found)["code"] == "in_doubt") is in_doubt
    assert error_of(again)["code"] != "in_doubt"
    assert server.connections == 2


async def test_a_server_that_cannot_be_reached_leaves_nothing_in_doubt() -> None:
    found = await outcome({"url": "http://127.0.0.1:1/", "json": {}})

    assert error_of(found)["code"] == "connect"


async def test_what_acts_is_not_sent_again_after_a_crash() -> None:
    async with web_server(says(answer(b"{}"))) as server:
        visit = Visit(key="run1/look/0", again=True)
        pays = await asked(effect({"url": server.url, "json": {}}), visit, door=door(), secrets=SECRETS)
        assert server.connections == 0
        looks = await asked(effect({"url": server.url}), visit, door=door(), secrets=SECRETS)
        repeats = await asked(
            effect({"url": server.url, "json": {}, "if_in_doubt": "repeat"}),
            visit,
            door=door(),
            secrets=SECRETS,
        )

    assert error_of(pays)["code"] == "in_doubt"
    assert (looks.error, repeats.error) == (None, None)
