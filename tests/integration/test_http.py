"""The one door for HTTP against servers that are wrong in every way a server can be."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import socket
import ssl
import zlib
from collections.abc import Callable
from ipaddress import ip_network

import pytest
from tests.integration.conftest import StartTlsServer
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.tls_server import server_context
from tests.integration.lab.web_server import Request, answer, says, web_server

from eilbote.errors import (
    ConnectError,
    DeliveryError,
    DeliveryTimeoutError,
    DisconnectedError,
    Durability,
    EilboteError,
    SettingsError,
    TLSError,
)
from eilbote.model.tls import TlsPolicy
from eilbote.net.egress import EgressPolicy
from eilbote.net.http import HttpDoor

pytestmark = pytest.mark.asyncio

SECRET = "a-refresh-token-nobody-may-see"


def door(certificates: Certificates, **settings: object) -> HttpDoor:
    return HttpDoor(tls=TlsPolicy(ca_file=str(certificates.ca_file)), **settings)  # type: ignore[arg-type]


async def post(door: HttpDoor, url: str) -> tuple[int, bytes]:
    async with door.client(field="access_url") as client:
        response = await client.post(url, data={"refresh_token": SECRET})
        return response.status_code, response.content


async def refusal(door: HttpDoor, url: str, kind: type[EilboteError] = DeliveryError) -> EilboteError:
    with pytest.raises(EilboteError) as caught:
        await post(door, url)
    error = caught.value
    assert isinstance(error, kind), repr(error)
    assert error.field == "access_url"
    assert error.cause
    assert error.remedy
    assert SECRET not in str(error)
    return error


async def test_a_form_goes_out_and_an_answer_comes_back(certificates: Certificates) -> None:
    async with web_server(says(answer(b'{"a":1}')), server_context(certificates.good)) as server:
        assert await post(door(certificates), server.url) == (200, b'{"a":1}')

    [request] = server.requests
    assert request.line == "POST /token HTTP/1.1"
    assert request.form == {"refresh_token": SECRET}
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.headers["user-agent"].startswith("eilbote/")


async def test_nothing_that_is_sent_reaches_a_log(
    certificates: Certificates, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with web_server(says(answer(b"{}")), server_context(certificates.good)) as server:
        await post(door(certificates), server.url)

    assert SECRET not in caplog.text


# ── whom it speaks to ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "reason", ["expired", "not_yet_valid", "wrong_host", "self_signed", "unknown_authority"]
)
async def test_a_certificate_fault_is_named_and_nothing_is_said(
    certificates: Certificates, reason: str
) -> None:
    async with web_server(says(answer(b"{}")), server_context(getattr(certificates, reason))) as server:
        error = await refusal(door(certificates), server.url, TLSError)

    assert {
        "expired": "has expired",
        "not_yet_valid": "not yet valid",
        "wrong_host": "does not list this IP address",
        "self_signed": "self-signed",
        "unknown_authority": "an authority that is not known here",
    }[reason] in str(error.cause)
    assert "tls." not in str(error)
    assert server.requests == []


async def test_a_server_without_tls_gets_no_secret(certificates: Certificates) -> None:
    heard: list[bytes] = []

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))
        writer.write(answer(b"", status="400 Bad Request"))
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        error = await refusal(door(certificates), f"https://127.0.0.1:{port}/token", TLSError)

    assert "answered in clear" in str(error.cause)
    assert "STARTTLS" not in str(error)
    assert heard[0].startswith(b"\x16\x03")  # a TLS handshake record, and nothing else


async def test_a_forbidden_address_gets_no_packet(certificates: Certificates) -> None:
    """A connection of an organization names a token endpoint inside the operator's network (SSRF)."""
    async with web_server(says(answer(b"{}")), server_context(certificates.good)) as server:
        error = await refusal(door(certificates, egress=EgressPolicy()), server.url, ConnectError)

    assert "is loopback" in str(error.cause)
    assert server.connections == 0


async def test_an_exception_of_the_operator_opens_the_gate(certificates: Certificates) -> None:
    policy = EgressPolicy(allow=(ip_network("127.0.0.0/8"),))
    async with web_server(says(answer(b"{}")), server_context(certificates.good)) as server:
        assert await post(door(certificates, egress=policy), server.url) == (200, b"{}")


async def test_a_name_is_looked_up_once(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the first answer is harmless, the second points inside. There is no second look-up."""
    loop = asyncio.get_running_loop()
    asked: list[str] = []
    policy = EgressPolicy(allow=(ip_network("127.0.0.1/32"),))

    async def rebinding(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))]

    async with web_server(says(answer(b"{}")), server_context(certificates.good)) as server:
        monkeypatch.setattr(loop, "getaddrinfo", rebinding)
        url = server.url.replace("127.0.0.1", "mail.lab.example")
        assert await post(door(certificates, egress=policy), url) == (200, b"{}")
        assert asked == ["mail.lab.example"]
        await refusal(door(certificates, egress=policy), url, ConnectError)

    assert server.connections == 1


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])
async def test_a_proxy_of_the_environment_is_ignored(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    async with (
        web_server(says(answer(b"{}"))) as proxy,
        web_server(says(answer(b"{}")), server_context(certificates.good)) as server,
    ):
        for each in (name, name.lower()):
            monkeypatch.setenv(each, f"http://127.0.0.1:{proxy.port}")
        assert await post(door(certificates), server.url) == (200, b"{}")

    assert proxy.connections == 0


async def test_a_redirect_is_handed_back_and_not_followed(certificates: Certificates) -> None:
    async with web_server(says(answer(b"{}")), server_context(certificates.good)) as elsewhere:
        moved = answer(b"", status="307 Temporary Redirect", headers=(f"Location: {elsewhere.url}",))
        async with web_server(says(moved), server_context(certificates.good)) as server:
            status, _body = await post(door(certificates), server.url)

    assert status == 307
    assert elsewhere.connections == 0


async def test_http_is_for_this_machine_only(certificates: Certificates) -> None:
    async with web_server(says(answer(b"{}"))) as server:
        assert await post(door(certificates), server.url) == (200, b"{}")

    error = await refusal(door(certificates), "http://login.example.com/token", SettingsError)
    assert "https://" in str(error.remedy)


async def test_localhost_that_is_another_machine_gets_nothing_in_clear(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def elsewhere(_host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("192.0.2.7", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", elsewhere)

    error = await refusal(door(certificates), "http://localhost:1/token", ConnectError)
    assert "another machine" in str(error.cause)


async def test_a_session_of_smtp_announces_no_protocol_of_the_web(
    certificates: Certificates, tls_server: StartTlsServer
) -> None:
    """The pool writes its protocols into its SSL context; the contexts of mail sessions are not its own."""
    from eilbote.net import tls

    policy = TlsPolicy(ca_file=str(certificates.ca_file))
    async with web_server(says(answer(b"{}")), server_context(certificates.good)) as server:
        await post(HttpDoor(tls=policy), server.url)
    offering = server_context(certificates.good)
    offering.set_alpn_protocols(["http/1.1"])
    async with web_server(says(b""), offering) as server:
        _reader, writer = await asyncio.open_connection(
            "127.0.0.1", server.port, ssl=tls.context(policy), server_hostname="localhost"
        )
        secured: ssl.SSLObject = writer.get_extra_info("ssl_object")
        writer.transport.abort()

    assert secured.selected_alpn_protocol() is None


# ── how long, how much ──────────────────────────────────────────────────────────────────────────────────────────


async def silence(_request: Request, _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def drip(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.001)  # one octet at a time, each well within any wait for a single read


async def slow_header(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("script", [silence, drip, slow_header])
async def test_one_deadline_covers_everything(certificates: Certificates, script: object) -> None:
    async with web_server(script, server_context(certificates.good)) as server:  # type: ignore[arg-type]
        error = await refusal(door(certificates, seconds=0.2), server.url, DeliveryTimeoutError)

    assert "0.2 s" in str(error)
    assert error.stage == "answer"  # type: ignore[attr-defined]


async def test_a_server_that_shakes_no_hands_is_left(certificates: Certificates) -> None:
    async with web_server(silence) as server:  # it waits for the end of a head that a TLS client never sends
        error = await refusal(
            door(certificates, seconds=0.2), f"https://127.0.0.1:{server.port}/", DeliveryTimeoutError
        )

    assert error.stage == "connect"  # type: ignore[attr-defined]


async def endless(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def endless_chunks(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\nx\r\n" * 1000)
        await writer.drain()


async def endless_head(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Y: " + b"z" * 60000 + b"\r\n")
        await writer.drain()


def announced(_: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n{}"


@pytest.mark.parametrize(
    "script", [endless, endless_chunks, says(announced())], ids=["endless", "chunks", "announced"]
)
async def test_an_answer_without_end_is_cut_off(certificates: Certificates, script: object) -> None:
    async with web_server(script, server_context(certificates.good)) as server:  # type: ignore[arg-type]
        error = await refusal(door(certificates), server.url)

    assert "more than 65,536 octets" in str(error.cause)


async def test_a_head_without_end_is_cut_off(certificates: Certificates) -> None:
    async with web_server(endless_head, server_context(certificates.good)) as server:
        await refusal(door(certificates), server.url, DisconnectedError)


async def test_an_answer_of_exactly_the_largest_size_is_taken(certificates: Certificates) -> None:
    async with web_server(says(answer(b"x" * 1000)), server_context(certificates.good)) as server:
        assert await post(door(certificates, octets=1000), server.url) == (200, b"x" * 1000)
    async with web_server(says(answer(b"x" * 1001)), server_context(certificates.good)) as server:
        await refusal(door(certificates, octets=1000), server.url)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_bomb_is_not_unpacked(certificates: Certificates, coding: str) -> None:
    """100 MB of blanks in 100 kB: only as much is unpacked as an answer may have."""
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}[coding](b" " * 100_000_000)
    octets = answer(packed, headers=(f"Content-Encoding: {coding}",))
    async with web_server(says(octets), server_context(certificates.good)) as server:
        error = await refusal(door(certificates, octets=len(packed) + 1), server.url)

    assert "more than" in str(error.cause)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
async def test_a_compressed_answer_that_nobody_asked_for_is_read(
    certificates: Certificates, pack: Callable[[bytes], bytes]
) -> None:
    coding = "gzip" if pack is gzip.compress else "deflate"
    octets = answer(pack(b'{"a":1}'), headers=(f"Content-Encoding: {coding}",))
    async with web_server(says(octets), server_context(certificates.good)) as server:
        status, body = await post(door(certificates), server.url)

    assert (status, json.loads(body)) == (200, {"a": 1})


@pytest.mark.parametrize(
    "body, coding, words",
    [
        (b"x", "br", "compressed in a way nobody asked for"),
        (b"x", "gzip, gzip", "compressed in a way nobody asked for"),
        (b"not packed", "gzip", "damaged"),
        (gzip.compress(b"x" * 500, mtime=0)[:-9], "gzip", "breaks off"),
    ],
)
async def test_a_coding_that_cannot_be_undone_is_named(
    certificates: Certificates, body: bytes, coding: str, words: str
) -> None:
    octets = answer(body, headers=(f"Content-Encoding: {coding}",))
    async with web_server(says(octets), server_context(certificates.good)) as server:
        error = await refusal(door(certificates), server.url)

    assert words in str(error.cause)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 \xff\r\n\r\n",
        b"\0" * 200,
    ],
)
async def test_what_is_not_http_is_a_lost_connection(certificates: Certificates, octets: bytes) -> None:
    async with web_server(says(octets), server_context(certificates.good)) as server:
        await refusal(door(certificates), server.url, DisconnectedError)


async def test_a_length_that_is_too_short_cuts_and_does_not_hang(certificates: Certificates) -> None:
    octets = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{}{}{}"
    async with web_server(says(octets), server_context(certificates.good)) as server:
        assert await post(door(certificates), server.url) == (200, b"{}")


async def test_nobody_there_names_the_url(certificates: Certificates) -> None:
    async with web_server(says(b"")) as server:
        pass
    error = await refusal(door(certificates), server.url.replace("http:", "https:"), ConnectError)

    assert "nothing listens" in str(error.cause)
    assert error.durability is Durability.TRANSIENT  # type: ignore[attr-defined]


async def test_a_door_that_is_cancelled_closes_its_connection(certificates: Certificates) -> None:
    heard, gone = asyncio.Event(), asyncio.Event()

    async def script(_request: Request, writer: asyncio.StreamWriter) -> None:
        heard.set()
        await writer.wait_closed()
        gone.set()

    async with web_server(script, server_context(certificates.good)) as server:
        waiting = asyncio.create_task(post(door(certificates), server.url))
        await heard.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with asyncio.timeout(5):
            await gone.wait()
