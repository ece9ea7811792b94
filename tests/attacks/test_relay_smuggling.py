"""A second mail within the first.

Servers differ about what ends a line. Where one takes a bare line feed for a line end and the next one does not, an attacker writes a
content that ends early for one of them: what follows the false end is read as commands, and a mail goes out that nobody has signed in
for, in anybody's name. The relay takes CR LF and nothing else, refuses whatever holds one half of it, and hands nothing of it on.
The octets are cut at every place, because a reader that looks at pieces may see the end of a line where there is none.
"""

from pathlib import Path

import pytest
from tests.integration.relay_scene import relay

HEADER = b"From: Anna <a@example.org>\r\nTo: max@example.com\r\n\r\nHello\r\n"
SMUGGLED = b"MAIL FROM:<chief@example.org>\r\nRCPT TO:<victim@example.com>\r\nDATA\r\nFrom: chief@example.org\r\n\r\nPay!\r\n"
ENDS = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\n",
    b"\r\n.\r",
    b"\r\r\n.\r\r\n",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\r\n.\r\0\n",
    b"\n\n.\r\n",
    b"\r\n..\n",
]


@pytest.mark.asyncio
@pytest.mark.parametrize("end", ENDS, ids=repr)
async def test_a_false_end_ends_nothing_however_it_is_cut(end: bytes) -> None:
    false = b"x" + end
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        for cut in range(len(false) + 1):
            await dialogue.begin()
            assert (await dialogue.say("DATA")).startswith("354 ")
            dialogue.send(HEADER + false[:cut])
            await dialogue.writer.drain()
            dialogue.send(false[cut:] + SMUGGLED + b"\r\n.\r\n")
            assert (await dialogue.reply()).startswith("550 5.6.0 ")
            assert (await dialogue.say("NOOP")).startswith("250 ")  # nothing else was answered
        assert await house.eilbote.entries() == []


@pytest.mark.asyncio
@pytest.mark.parametrize("cut", range(6))
async def test_a_true_end_in_pieces_is_one(cut: int) -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        await dialogue.begin()
        await dialogue.say("DATA")
        dialogue.send(HEADER[:-2] + b"\r\n.\r\n"[:cut])
        await dialogue.writer.drain()
        dialogue.send(b"\r\n.\r\n"[cut:])
        assert (await dialogue.reply()).startswith("250 ")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "line",
    [b"NOOP\n", b"NOOP\r\rNOOP\r\n", b"NOOP\rRSET\r\n", b"MAIL FROM:<a@example.org>\nRCPT TO:<x@y.z>\r\n"],
)
async def test_a_command_ends_in_cr_lf_or_the_session_does(line: bytes) -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        dialogue.send(line)
        assert (await dialogue.reply()).startswith("500 5.5.2")
        assert await dialogue.ended() == b""


@pytest.mark.asyncio
async def test_content_that_comes_unasked_ends_the_session() -> None:
    """A server that refuses DATA would read this content as commands."""
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        await dialogue.begin()
        dialogue.send(b"DATA\r\n" + HEADER + b".\r\n" + SMUGGLED + b".\r\n")
        assert (await dialogue.reply()).startswith("503 5.5.0")
        await dialogue.ended()
        assert await house.eilbote.entries() == []


@pytest.mark.asyncio
async def test_what_comes_in_clear_behind_starttls_is_never_taken_for_encrypted(tmp_path: Path) -> None:
    async with relay(certificate_in=tmp_path) as house:
        dialogue = await house.dial()
        await dialogue.say("EHLO x")
        dialogue.send(b"STARTTLS\r\nAUTH PLAIN AGEAYg==\r\n")
        assert (await dialogue.reply()).startswith("503 5.5.0")
        await dialogue.ended()
        assert house.doors.asked == []


@pytest.mark.asyncio
async def test_a_name_cannot_put_fields_into_the_trace() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.say("EHLO x;by=evil")
        await dialogue.say("AUTH PLAIN AHByaW50ZXIAY29ycmVjdCBob3JzZTogYmF0dGVyeSwgc3TDpHBsZQ==")
        await dialogue.begin()
        octets = await house.octets(await dialogue.content(HEADER))
        assert octets.startswith(b"Received: from unknown ([127.0.0.1])\r\n")
