"""A file without an end, or one that never comes: the server wants our memory, our time, or a file that is not whole.

It sends for ever, or an octet a minute; announces a hundred gigabytes, or announces more than it sends, which many programs
take for a file that is complete; or packs a gigabyte of blanks into a kilobyte. Here a file comes whole, within its size
and its time, or not at all.
"""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from functools import cache

import pytest
from tests.attacks.fetching import fetch, loopback_door, refusal
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.tls_server import server_context
from tests.integration.lab.web_server import Request, Script, answer, says, web_server

from eilbote.author.flow.effect import Fetch, Unfetched
from eilbote.engine.fetch import MOST_OCTETS, SECONDS, UnfetchedError, fetched_files
from eilbote.errors import Durability
from eilbote.model.tls import TlsPolicy

pytestmark = pytest.mark.asyncio

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n"


async def endless(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def endless_chunks(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        await writer.drain()


async def one_endless_chunk(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n")
    while True:
        writer.write(b"x" * 65536)
        await writer.drain()


async def drip(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"Content-Length: 60000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.001)  # an octet at a time, each well within any limit for a single read


async def slow_head(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.001)


async def silence(_request: Request, _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def slow_redirects(_request: Request, writer: asyncio.StreamWriter) -> None:
    """Each hop takes less than the time there is; all of them together take more."""
    await asyncio.sleep(0.09)
    writer.write(
        answer(b"", status="302 Found", headers=(f"Location: /{asyncio.get_running_loop().time()}",))
    )


@pytest.mark.parametrize("script", [drip, slow_head, silence, slow_redirects])
async def test_all_of_it_has_one_deadline(script: Script) -> None:
    async with web_server(script) as server:
        error = await refusal(server.url, loopback_door(seconds=0.3))

    assert error.durability is Durability.TRANSIENT


async def test_a_server_that_takes_the_connection_and_shakes_no_hands_is_left() -> None:
    async with web_server(silence) as server:  # it waits for the end of a head that a TLS client never sends
        await refusal(f"https://127.0.0.1:{server.port}/a.pdf", loopback_door(seconds=0.3))


@pytest.mark.parametrize("script", [endless, endless_chunks, one_endless_chunk])
async def test_a_file_without_an_end_is_cut_off(script: Script) -> None:
    async with web_server(script) as server:
        error = await refusal(server.url, loopback_door(octets=200_000))

    assert "more than 200,000 octets" in str(error.cause)


@pytest.mark.parametrize("length", ["10485761", "107374182400", "9" * 40])
async def test_an_announcement_of_too_much_is_believed(length: str) -> None:
    async with web_server(says(OK + f"Content-Length: {length}\r\n\r\n".encode())) as server:
        await refusal(server.url, loopback_door())

    assert MOST_OCTETS == 10 * 1024 * 1024


@pytest.mark.parametrize(
    "octets",
    [
        OK + b"Content-Length: 100\r\n\r\n%PDF-1.7",
        OK + b"Content-Length: 9\r\n\r\n%PDF-1.7",
        OK + b"Transfer-Encoding: chunked\r\n\r\n8\r\n%PDF-1.7\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n8\r\n%PDF-1.7\r\n8\r\n%%E",
        OK + b"Transfer-Encoding: chunked\r\n\r\n8\r\n%PDF-1.7\r\n0\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n8\r\n%PDF-1.7XX0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n%PDF-1.7\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-8\r\n%PDF-1.7\r\n0\r\n\r\n",
        OK + b"Content-Length: 8\r\nContent-Length: 4\r\n\r\n%PDF-1.7",
        OK + b"Content-Length: -1\r\n\r\n%PDF-1.7",
        OK + b"Content-Length: 8, 4\r\n\r\n%PDF-1.7",
        OK + b"Content-Length: 0x8\r\n\r\n%PDF-1.7",
        OK + b"Transfer-Encoding: gzip\r\n\r\n%PDF-1.7",
        b"HTTP/1.1 200 OK",
        b"%PDF-1.7",
        b"\x00" * 1000,
        b"",
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1_048_576 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 200_000 + b"\r\n",
    ],
    ids=range(20),
)
async def test_what_is_not_whole_is_never_attached(octets: bytes) -> None:
    """The connection ends early, and the client of many a language says nothing of it."""
    async with web_server(says(octets)) as server:
        error = await refusal(server.url, loopback_door())

    assert error.durability is Durability.TRANSIENT


async def test_what_is_not_whole_is_never_attached_under_tls_either(certificates: Certificates) -> None:
    octets = OK + b"Content-Length: 100\r\n\r\n%PDF-1.7"
    async with web_server(says(octets), server_context(certificates.good)) as server:
        await refusal(server.url, loopback_door(tls=TlsPolicy(ca_file=str(certificates.ca_file))))


@pytest.mark.parametrize(
    "octets",
    [
        OK + b"Content-Length: 8\r\n\r\n%PDF-1.7",
        OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\n%PDF\r\n4;x=y\r\n-1.7\r\n0\r\nX-Trailer: 1\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + b"Content-Length: 8\r\n\r\n%PDF-1.7",
        OK + b"Content-Length: 8\r\n\r\n%PDF-1.7 and something behind it",
    ],
    ids=["length", "chunks", "until-closed", "early-hints", "more-than-announced"],
)
async def test_what_is_whole_is_attached(octets: bytes) -> None:
    async with web_server(says(octets)) as server:
        file = await fetch(server.url, loopback_door())

    assert (file.content, file.media_type) == (b"%PDF-1.7", "application/pdf")


async def test_a_file_of_exactly_the_largest_size_is_taken() -> None:
    async with web_server(says(answer(b"x" * 1000, kind="application/pdf"))) as server:
        assert (await fetch(server.url, loopback_door(octets=1000))).size == 1000
        await refusal(server.url, loopback_door(octets=999))


@cache
def _bomb(coding: str) -> bytes:
    """Pack 256 MB of blanks."""
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS + (16 if coding == "gzip" else 0))
    block = b" " * 1_000_000
    return b"".join(packer.compress(block) for _ in range(256)) + packer.flush()


@pytest.mark.slow
@pytest.mark.parametrize("coding", ["gzip", "deflate", "x-gzip"])
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_bomb_is_not_unpacked(coding: str, chunked: bool) -> None:
    """We ask for no compression; a server that compresses all the same gains nothing."""
    packed = _bomb("gzip" if "gzip" in coding else coding)
    head = OK + f"Content-Encoding: {coding}\r\n".encode()
    if chunked:
        octets = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    else:
        octets = head + b"Content-Length: %d\r\n\r\n%b" % (len(packed), packed)
    async with web_server(says(octets)) as server:
        tracemalloc.start()
        try:
            error = await refusal(server.url, loopback_door())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert "more than 10,485,760 octets" in str(error.cause)
    assert peak < 30 * 1024 * 1024


@pytest.mark.parametrize(
    "coding, body",
    [
        ("gzip, gzip", gzip.compress(gzip.compress(b"x", mtime=0), mtime=0)),
        ("br", b"\x0b\x02\x80hello\x03"),
        ("zstd", b"\x28\xb5\x2f\xfd"),
        ("gzip", b"%PDF-1.7"),
        ("gzip", gzip.compress(b"x" * 5000, mtime=0)[:-9]),
        ("deflate", zlib.compress(b"x" * 5000)[:-4]),
        ("gzip", gzip.compress(b"", mtime=0)[:5]),
    ],
)
async def test_a_coding_that_cannot_be_undone_is_no_file(coding: str, body: bytes) -> None:
    octets = answer(body, kind="application/pdf", headers=(f"Content-Encoding: {coding}",))
    async with web_server(says(octets)) as server:
        await refusal(server.url, loopback_door())


async def test_the_body_of_a_redirect_is_not_read() -> None:
    async def script(request: Request, writer: asyncio.StreamWriter) -> None:
        if "/a.pdf" in request.line:
            writer.write(answer(b"%PDF-1.7", kind="application/pdf"))
            return
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /a.pdf\r\nContent-Encoding: gzip\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async with web_server(script) as server:
        assert (await fetch(server.url, loopback_door(octets=1000))).content == b"%PDF-1.7"


async def test_the_files_of_a_message_have_a_largest_size_together() -> None:
    """Each is small enough, and the message that they make is taken by no server."""
    nine = answer(b"x" * 9_000_000, kind="application/pdf")
    async with web_server(says(nine)) as server:
        files = [
            Fetch(url=server.url, otherwise=Unfetched.SKIP, field=f"attachments[{number}]")
            for number in range(4)
        ]
        found = await fetched_files(files, door=loopback_door())
        with pytest.raises(UnfetchedError) as caught:
            await fetched_files(
                [Fetch(url=each.url, field=each.field) for each in files], door=loopback_door()
            )

    assert [file.size for file in found.attachments] == [9_000_000, 9_000_000]
    assert len(found.notes) == 2
    assert "at most 26,214,400 together" in str(found.faults[0].cause)
    assert caught.value.field == "attachments[2]"
    assert SECONDS == 30.0
