"""A process that is stopped while the server does not read: what it wrote ahead must not leave when it wakes."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import pytest

from eilbote.deliver.client import Client
from eilbote.deliver.client_options import ClientOptions
from eilbote.deliver.delivery import Delivery
from eilbote.engine.system_clock import SystemClock
from eilbote.model.envelope import Envelope
from eilbote.model.message import Message
from eilbote.model.tls import Security

pytestmark = pytest.mark.asyncio

WINDOW = 64
ROUNDS = 20
HELLO = b"250-mail.example.net\r\n250-PIPELINING\r\n250 CHUNKING\r\n"


def narrow_listener(segment: int) -> socket.socket:
    """Listen where a connection holds as little as any: small segments, and next to nothing at the reader."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.setblocking(False)
    return listener


def deliveries(size: int, not_after: float | None) -> list[Delivery]:
    content = b"x" * (size - 2) + b"\r\n"
    envelope = Envelope(reverse_path="a@example.org", forward_paths=("b@example.net",))
    message = Message(message_id="<1@example.org>", segments=(content,), size=size)
    return [Delivery(envelope, message, index=index, not_after=not_after) for index in range(WINDOW)]


def read_what_is_there(peer: socket.socket) -> bytes:
    """Take what the system holds, while the client's loop stands still: this is the stopped process."""
    octets = b""
    peer.settimeout(0.2)
    with suppress(TimeoutError):
        while True:
            octets += peer.recv(65536)
    peer.setblocking(False)
    return octets


async def contents_after_the_stop(size: int, *, segment: int, not_after: float | None) -> int:
    """Tell how many contents left only after the process had gone on."""
    loop = asyncio.get_running_loop()
    listener = narrow_listener(segment)
    options = ClientOptions(
        host="127.0.0.1",
        port=listener.getsockname()[1],
        security=Security.NONE,
        ehlo_name="client.example.org",
        chunking_window=WINDOW,
    )
    opening = asyncio.create_task(
        Client.open(
            options,
            clock=SystemClock(),
            on_done=lambda _client, _done: None,
            on_room=lambda _client: None,
            on_lost=lambda _client, _error: None,
        )
    )
    peer, _ = await loop.sock_accept(listener)
    peer.setblocking(False)
    try:
        await loop.sock_sendall(peer, b"220 mail.example.net\r\n")
        assert (await loop.sock_recv(peer, 1000)).startswith(b"EHLO")
        await loop.sock_sendall(peer, HELLO)
        client = await opening
        for one in deliveries(size, not_after):
            client.submit(one)
        for _ in range(ROUNDS):
            await asyncio.sleep(0)
        before = read_what_is_there(peer)
        assert before.count(b"BDAT") >= 1
        late = b""
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                while octets := await loop.sock_recv(peer, 65536):
                    late += octets
        client.abort()
        return late.count(b"BDAT")
    finally:
        peer.close()
        listener.close()


@pytest.mark.parametrize("segment", [536, 1460])
@pytest.mark.parametrize("size", [300, 2000, 9000])
async def test_no_fenced_content_waits_in_the_process(size: int, segment: int) -> None:
    never = SystemClock().monotonic() + 3600

    assert await contents_after_the_stop(size, segment=segment, not_after=never) == 0


async def test_without_a_moment_many_do() -> None:
    """This is what the other test would find if nothing kept the contents in step."""
    assert await contents_after_the_stop(9000, segment=536, not_after=None) > 10
