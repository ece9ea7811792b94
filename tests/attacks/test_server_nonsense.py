"""Servers that do not speak SMTP, or never stop: every deadline is for the whole step, every reply has an end."""

import asyncio

import pytest
from tests.attacks.hostile_server import Conversation, Peer, hostile
from tests.attacks.scene import HASTY, PATIENT, fault_of, outcome_of, send

from eilbote.errors import DeliveryError, DeliveryTimeoutError, Scope
from eilbote.model.status import RecipientStatus
from eilbote.model.timeouts import Timeouts

pytestmark = pytest.mark.asyncio

NOT_SMTP = {
    "HTTP": b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "POP3": b"+OK ready\r\n",
    "IMAP": b"* OK ready\r\n",
    "NUL": b"\x00" * 64 + b"\r\n",
    "binary": bytes(range(256)) * 4 + b"\r\n",
    "no code": b"hello there\r\n",
    "code 999": b"999 welcome\r\n",
    "code 150": b"150 wait\r\n",
    "code 000": b"000 nothing\r\n",
    "code ٢٢٠": "٢٢٠ arabic digits are digits to Python\r\n".encode(),
    "two digits": b"22 short\r\n",
    "four digits": b"2200 long\r\n",
    "codes that differ": b"220-one\r\n221 two\r\n",
    "an answer nobody asked for": b"354 go ahead\r\n",
    "a challenge nobody asked for": b"334 \r\n",
}


def saying(octets: bytes, *, then_hang_up: bool = False) -> Conversation:
    async def conversation(peer: Peer) -> None:
        peer.send(octets)
        if then_hang_up:
            await peer.hang_up()
        await peer.silence()

    return conversation


@pytest.mark.parametrize("octets", NOT_SMTP.values(), ids=NOT_SMTP)
async def test_a_greeting_that_is_none(octets: bytes) -> None:
    async with hostile(saying(octets)) as server:
        error = await fault_of(server)

    assert error.scope is Scope.SITE
    assert server.count("MAIL") == 0
    assert len(str(error)) < 1000
    assert "\x00" not in str(error)


@pytest.mark.parametrize("octets", [b"", b"2", b"220", b"220-hello\r\n", b"220-hello\r\n220-again\r\n"])
async def test_a_greeting_that_never_comes_to_its_end(octets: bytes) -> None:
    async with hostile(saying(octets)) as server:
        error = await fault_of(server, timeouts=HASTY)

    assert isinstance(error, DeliveryTimeoutError)
    assert error.stage == "greeting"


@pytest.mark.parametrize("octets", [b"", b"2", b"220 hel"])
async def test_a_greeting_cut_off(octets: bytes) -> None:
    async with hostile(saying(octets, then_hang_up=True)) as server:
        error = await fault_of(server)

    assert error.stage == "greeting"
    assert server.heard == b""


async def test_one_octet_at_a_time() -> None:
    """A deadline that begins anew with every octet would wait for ever; ours is for the whole greeting."""
    spoken = 0

    async def conversation(peer: Peer) -> None:
        nonlocal spoken
        for octet in b"220-" + b"x" * 100_000:
            peer.send(bytes((octet,)))
            spoken += 1
            await peer.flush()
            await asyncio.sleep(0.01)

    async with hostile(conversation) as server:
        error = await asyncio.wait_for(fault_of(server, timeouts=HASTY), timeout=5)

    assert isinstance(error, DeliveryTimeoutError)
    assert 2 < spoken < 1000


ENDLESS = {
    "lines of one reply": b"220-more\r\n",
    "one line": b"2" * 4096,
    "one line with a code": b"220-" + b"x" * 4096,
    "empty lines": b"\r\n",
}


@pytest.mark.parametrize("octets", ENDLESS.values(), ids=ENDLESS)
async def test_a_reply_without_end(octets: bytes) -> None:
    """A quarter of a gigabyte is on offer; it is refused after some dozens of kilobytes."""
    taken = 0

    async def conversation(peer: Peer) -> None:
        nonlocal taken
        peer.send(b"220-")
        block = octets * (16 * 1024 // len(octets))
        for _ in range(256 * 1024 * 1024 // len(block)):
            peer.send(block)
            taken += len(block)
            await peer.flush()

    async with hostile(conversation) as server:
        error = await fault_of(server)

    assert not isinstance(error, DeliveryTimeoutError)
    assert taken < 32 * 1024 * 1024


async def test_a_hundred_lines_are_a_reply() -> None:
    async def conversation(peer: Peer) -> None:
        peer.say(*(f"220-line {number}" for number in range(150)), "220 ready")
        await peer.announce()
        await peer.take_mail()

    async with hostile(conversation) as server:
        receipt = await send(server)

    assert receipt.ok


async def test_ten_thousand_extensions() -> None:
    async with hostile(
        lambda peer: peer.welcome(*(f"X-EXTENSION-{number}" for number in range(10_000)))
    ) as server:
        with pytest.raises(DeliveryError):
            await send(server)


async def test_an_extension_announced_again_and_again() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome(
            "SIZE 10", "SIZE 100000", "SIZE", "PIPELINING", "PIPELINING", "AUTH PLAIN", "AUTH LOGIN"
        )
        await peer.take_mail()

    async with hostile(conversation) as server:
        receipt = await outcome_of(server)

    assert receipt.results[0].status in set(RecipientStatus)


@pytest.mark.parametrize(
    "size", ["SIZE abc", "SIZE -1", "SIZE 99999999999999999999999", "SIZE 1e9", "SIZE ٣", "SIZE 0x10", "SIZE"]
)
async def test_a_limit_of_size_that_is_none(size: str) -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome(size)
        await peer.take_mail()

    async with hostile(conversation) as server:
        receipt = await send(server)

    assert receipt.ok


HOSTILE_TEXTS = {
    "escape sequences": "\x1b]0;owned\x07\x1b[2J",
    "markup": "<script>alert(1)</script>",
    "template": "{{7*7}} ${7*7} %s {0}",
    "bidirectional overrides": "\u202egnp.exe\u202c",
    "control characters": "\x08\x7f\x85\x9b",
    "not UTF-8": "\udce9\udcff",
    "a megabyte": "x" * 40_000,
}


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
async def test_what_a_server_says_is_kept_short_and_tame(text: str) -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        await peer.answer("250 ok")
        await peer.hear()
        peer.send(f"550 5.1.1 {text} so there\r\n".encode("utf-8", "surrogateescape"))
        await peer.take_mail()

    async with hostile(conversation) as server:
        receipt = await outcome_of(server)

    said = receipt.results[0].text
    assert receipt.results[0].status is RecipientStatus.FAILED
    assert len(said) <= 1024
    assert all(character.isprintable() for character in said)
    assert "49" not in said


async def test_no_time_is_spent_on_a_server_that_says_no_at_once() -> None:
    async with hostile(saying(b"554 5.3.2 go away\r\n", then_hang_up=True)) as server:
        error = await fault_of(server, timeouts=PATIENT)

    assert error.reply_code == 554
    assert server.count("EHLO") == 0


async def test_a_total_deadline_covers_the_whole_message() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome("PIPELINING")
        await peer.silence()

    slow = Timeouts(connect=5, greeting=5, command=5, data_block=5, final_dot=5, total=0.2)
    async with hostile(conversation) as server:
        error = await fault_of(server, timeouts=slow)

    assert isinstance(error, DeliveryTimeoutError)
