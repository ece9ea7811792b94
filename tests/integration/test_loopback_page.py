from __future__ import annotations

import asyncio
import errno
import socket
from urllib.parse import urlsplit

import pytest

from eilbote.errors import ConnectError
from eilbote.net.loopback_page import LoopbackPage


async def ask(page: LoopbackPage, request: str) -> str:
    url = urlsplit(page.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(request.replace("\n", "\r\n").encode("latin-1"))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.decode()


def get(page: LoopbackPage, target: str, *, host: str | None = None, method: str = "GET") -> str:
    return f"{method} {target} HTTP/1.1\nHost: {host or urlsplit(page.url).netloc}\nAccept: */*\n\n"


@pytest.mark.asyncio
async def test_the_browser_comes_back_once_and_is_thanked() -> None:
    async with LoopbackPage() as page:
        answer = await ask(page, get(page, "/callback?code=a%2Fb&state=c"))
        assert await page.visited() == "/callback?code=a%2Fb&state=c"
        again = await ask(page, get(page, "/callback?code=other"))
        assert await page.visited() == "/callback?code=a%2Fb&state=c"
    assert answer.startswith("HTTP/1.1 200 ")
    assert "Thank you" in answer
    assert "default-src 'none'" in answer
    assert "no-store" in answer
    assert "a/b" not in answer
    assert again.startswith("HTTP/1.1 200 ")
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await ask(page, get(page, "/callback"))


@pytest.mark.asyncio
async def test_whoever_else_knocks_is_sent_away() -> None:
    async with LoopbackPage() as page:
        for request in (
            get(page, "/"),
            get(page, "/favicon.ico"),
            get(page, "/callback/more?code=x"),
            get(page, "/callback?code=x", method="POST"),
            get(page, "/callback?code=x", host="evil.example"),
            get(page, "/callback?code=x", host="localhost:80"),
            f"GET /callback?code=x HTTP/1.1\nHost: {urlsplit(page.url).netloc}\nHost: evil.example\n\n",
            "nonsense\n\n",
        ):
            assert (await ask(page, request)).startswith("HTTP/1.1 404 "), request
        assert await ask(page, f"GET /{'x' * 70_000} HTTP/1.1\n\n") == ""
        visit = asyncio.ensure_future(page.visited())
        await asyncio.sleep(0)
        assert not visit.done()
        assert (await ask(page, get(page, "/callback?code=real"))).startswith("HTTP/1.1 200 ")
        assert await visit == "/callback?code=real"


@pytest.mark.asyncio
async def test_another_page_in_the_browser_cannot_end_the_wait() -> None:
    """An image on any page can point here; the consent it broke off had to be begun again, as often as it liked."""
    async with LoopbackPage() as page:
        page.expect("ours")
        visit = asyncio.ensure_future(page.visited())
        for query in (
            "code=x",
            "code=x&state=theirs",
            "error=access_denied",
            "state=ours&state=theirs",
            "state=",
        ):
            assert (await ask(page, get(page, f"/callback?{query}"))).startswith("HTTP/1.1 404 "), query
        assert not visit.done()
        assert (await ask(page, get(page, "/callback?code=real&state=ours"))).startswith("HTTP/1.1 200 ")
        assert await visit == "/callback?code=real&state=ours"


@pytest.mark.asyncio
async def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConnectError) as refused:
            async with LoopbackPage(port=port):
                pass
    assert refused.value.field == "port"
    assert str(port) in refused.value.what
    assert isinstance(refused.value.__cause__, OSError)
    assert refused.value.__cause__.errno == errno.EADDRINUSE
