"""A harmless URL answers with a redirect to where nobody may go.

The filter has looked at the first URL only, and the client follows by itself: to the metadata service, to a file of the
machine, to a mail server's port, from https to http, around in a circle, or on for ever. Here every hop passes the same
door as the first, and takes nothing along.
"""

from __future__ import annotations

import asyncio
from itertools import count

import pytest
from tests.attacks.fetching import PUBLIC, SECRET, fetch, network, refusal, strict_door
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.tls_server import server_context
from tests.integration.lab.web_server import Request, Script, answer, says, web_server

from eilbote.errors import Durability
from eilbote.model.tls import TlsPolicy

pytestmark = pytest.mark.asyncio

START = f"http://files.example/start?key={SECRET}"
FILE = answer(b"%PDF-1.7", kind="application/pdf")
OTHER = "93.184.215.15"


def moved(location: str, *, status: str = "302 Found", more: tuple[str, ...] = ()) -> bytes:
    return answer(b"go there", status=status, kind="text/html", headers=(f"Location: {location}", *more))


def leads_to(location: str, *, status: str = "302 Found") -> Script:
    """Send whoever asks for the beginning to another place, and give a file at any other."""

    async def script(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(moved(location, status=status) if "/start" in request.line else FILE)

    return script


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/admin",
        "http://[::1]/admin",
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
        "http://2852039166/",
        "http://0x7f.1/",
        "//10.0.0.1/",
        "http://inside.example/",
        "http://mixed.example/",
        "http://localhost:80/",
        "http://files.example:25/",
        "http://files.example:6379/",
        "https://files.example:11211/",
        "file:///etc/passwd",
        "ftp://files.example/a",
        "gopher://files.example:25/_QUIT",
        "data:text/plain,hello",
        "javascript:alert(1)",
        "http://anna:pw@files.example/",
        "http://files.example@10.0.0.1/",
        r"http://10.0.0.1\@files.example/",
        "http://files.example /",
        "http://[half",
        "http:///",
        "http:report.pdf",
        "///10.0.0.1/",
        "http://xn--a.example\x7f/",
        "",
    ],
)
async def test_a_redirect_opens_no_door(monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    async with web_server(leads_to(target)) as server:
        with network(monkeypatch) as net:
            net.names = {
                "files.example": [[PUBLIC]],
                "inside.example": [["10.0.0.1"]],
                "mixed.example": [[OTHER, "127.0.0.1"]],
                "localhost": [["127.0.0.1"]],
            }
            net.ports = {80: server.port}
            await refusal(START, strict_door())

    assert set(net.connected) == {(PUBLIC, 80)}


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
@pytest.mark.parametrize(
    "target", ["/files/report.pdf", "report.pdf", "//files.example/report.pdf", "?other"]
)
async def test_a_redirect_to_where_one_may_go_is_followed(
    monkeypatch: pytest.MonkeyPatch, status: str, target: str
) -> None:
    async with web_server(leads_to(target, status=status)) as server:
        with network(monkeypatch) as net:
            net.names = {"files.example": [[PUBLIC]]}
            net.ports = {80: server.port}
            start = START.replace("/start", "/start/") if target == "?other" else START
            if target == "?other":
                await refusal(start, strict_door())  # the same page again sends us on for ever
                return
            file = await fetch(start, strict_door())

    assert (file.content, file.filename) == (b"%PDF-1.7", "report.pdf")


async def test_every_hop_is_looked_up_once_and_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is public for the first request and leads inside for the second."""
    async with web_server(leads_to("/next")) as server:
        with network(monkeypatch) as net:
            net.names = {"files.example": [[PUBLIC], ["10.0.0.1"]]}
            net.ports = {80: server.port}
            await refusal(START, strict_door())

    assert net.asked == ["files.example", "files.example"]
    assert net.connected == [(PUBLIC, 80)]


async def test_a_circle_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def circle(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(moved(START if "/there" in request.line else f"/there?key={SECRET}"))

    async with web_server(circle) as server:
        with network(monkeypatch) as net:
            net.names = {"files.example": [[PUBLIC]]}
            net.ports = {80: server.port}
            error = await refusal(START, strict_door())

    assert "in a circle, back to http://files.example/start" in str(error.cause)
    assert server.connections == 2
    assert error.durability is Durability.PERMANENT


async def test_a_chain_ends_after_five_hops(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = count(1)

    async def on_and_on(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(moved(f"/{next(numbers)}"))

    async with web_server(on_and_on) as server:
        with network(monkeypatch) as net:
            net.names = {"files.example": [[PUBLIC]]}
            net.ports = {80: server.port}
            error = await refusal(START, strict_door())

    assert "more than 5 times" in str(error.cause)
    assert server.connections == 6


async def test_from_https_nobody_is_led_to_http(
    monkeypatch: pytest.MonkeyPatch, certificates: Certificates
) -> None:
    """Whoever sits on the way could read and replace the file, though its URL promised that nobody can."""
    from dataclasses import replace

    door = replace(strict_door(), tls=TlsPolicy(ca_file=str(certificates.ca_file)))
    async with (
        web_server(says(FILE)) as clear,
        web_server(
            leads_to("http://mail.lab.example/report.pdf"), server_context(certificates.good)
        ) as secure,
    ):
        with network(monkeypatch) as net:
            net.names = {"mail.lab.example": [[PUBLIC]]}
            net.ports = {80: clear.port, 443: secure.port}
            error = await refusal("https://mail.lab.example/start", door)

    assert "not protected by TLS" in str(error.cause)
    assert clear.connections == 0


async def test_from_http_one_is_led_to_https(
    monkeypatch: pytest.MonkeyPatch, certificates: Certificates
) -> None:
    from dataclasses import replace

    door = replace(strict_door(), tls=TlsPolicy(ca_file=str(certificates.ca_file)))
    async with (
        web_server(leads_to("https://mail.lab.example/report.pdf")) as clear,
        web_server(says(FILE), server_context(certificates.good)) as secure,
    ):
        with network(monkeypatch) as net:
            net.names = {"mail.lab.example": [[PUBLIC]]}
            net.ports = {80: clear.port, 443: secure.port}
            file = await fetch("http://mail.lab.example/start", door)

    assert file.content == b"%PDF-1.7"


async def test_no_cookie_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cookie set by one hop would make the next request that of somebody who is signed in."""

    async def sets_a_cookie(request: Request, writer: asyncio.StreamWriter) -> None:
        cookie = ("Set-Cookie: session=1; Domain=files.example; Path=/",)
        writer.write(moved("/report.pdf", more=cookie) if "/start" in request.line else FILE)

    async with web_server(sets_a_cookie) as server:
        with network(monkeypatch) as net:
            net.names = {"files.example": [[PUBLIC]]}
            net.ports = {80: server.port}
            await fetch(START, strict_door())

    assert [set(request.headers) & {"cookie", "referer", "authorization"} for request in server.requests] == [
        set(),
        set(),
    ]


async def test_two_locations_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two programs would go to two places; what cannot be read in one way is not followed."""
    two = moved("http://files.example/a", more=("Location: http://10.0.0.1/",))
    async with web_server(says(two)) as server:
        with network(monkeypatch) as net:
            net.names = {"files.example": [[PUBLIC]]}
            net.ports = {80: server.port}
            error = await refusal(START, strict_door())

    assert "answered 302" in str(error.cause)
    assert server.connections == 1


async def test_a_location_begins_no_new_line(monkeypatch: pytest.MonkeyPatch) -> None:
    async with web_server(leads_to("/a%0d%0aX-Injected:%201")) as server:
        with network(monkeypatch) as net:
            net.names = {"files.example": [[PUBLIC]]}
            net.ports = {80: server.port}
            await fetch(START, strict_door())

    assert server.requests[1].line == "GET /a%0d%0aX-Injected:%201 HTTP/1.1"
    assert "x-injected" not in server.requests[1].headers
