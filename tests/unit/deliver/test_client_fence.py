"""A delivery whose moment has passed: its content never leaves, and the others of its session do not suffer.

The story behind it: a courier holds a lease on an outbox entry. Its machine sleeps, the lease runs out, another
courier takes the entry and sends it. When the first one wakes up, one more octet of content would be one more
e-mail in somebody's inbox.
"""

from __future__ import annotations

import pytest
from tests.unit.deliver.client_scene import (
    ACCEPTED,
    CONTENT,
    DEFERRED,
    FAILED,
    HELLO,
    ONE,
    PIPELINED,
    YES,
    Scene,
    delivery,
    envelope_lines,
    statuses,
)

from eilbote.deliver.client import Client
from eilbote.deliver.delivery import Delivery
from eilbote.errors import DeliveryTimeoutError, Durability, Scope
from eilbote.model.message import Message, OctetSource

pytestmark = pytest.mark.asyncio


class SlowScene(Scene):
    """A server that needs a second for each answer, once mail is being sent."""

    async def open(self) -> Client:
        client = await super().open()
        say = self.stream.say

        def slowly(octets: bytes) -> None:
            self.clock.advance(1.0)
            say(octets)

        self.stream.say = slowly  # type: ignore[method-assign]
        return client


def fenced(not_after: float, *paths: str, index: int = 0, content: bytes = b"hello\r\n") -> Delivery:
    one = delivery(*paths, index=index, content=content)
    one.not_after = not_after
    return one


def large(not_after: float, source: OctetSource) -> Delivery:
    one = fenced(not_after)
    one.message = Message(message_id="<1@example.org>", segments=(source,), size=source.size)
    return one


def assert_out_of_time(one: Delivery) -> None:
    error = one.error
    assert isinstance(error, DeliveryTimeoutError)
    assert (error.field, error.scope, error.durability) == ("not_after", Scope.MESSAGE, Durability.TRANSIENT)
    assert error.server == "mail.example.net:25"
    assert one.receipt is not None
    assert one.receipt.error is error
    assert not one.receipt.accepted
    assert not one.receipt.in_doubt


async def test_in_time_it_is_sent_as_always() -> None:
    scene = SlowScene(PIPELINED + ONE + YES + CONTENT + "S: 250 queued\n")
    one = fenced(1.0)
    client = await scene.send(one)
    assert statuses(one) == [ACCEPTED]  # 354 came in the very last moment
    client.abort()
    scene.check_script()


async def test_what_is_late_from_the_beginning_is_not_even_begun() -> None:
    scene = Scene(PIPELINED + ONE + YES + CONTENT + "S: 250 queued\n")
    scene.clock.advance(5.0)
    late, other = fenced(4.0), delivery(index=1)
    client = await scene.send(late, other)
    assert_out_of_time(late)
    assert statuses(late) == [DEFERRED]
    assert statuses(other) == [ACCEPTED]
    assert (client.in_flight, client.room) == (0, 2)
    client.abort()
    scene.check_script()


async def test_a_series_of_late_ones_ends() -> None:
    scene = Scene(PIPELINED)
    scene.clock.advance(5.0)
    late = [fenced(4.0, index=index) for index in range(20)]
    client = await scene.send(*late)
    for one in late:
        assert_out_of_time(one)
    client.abort()
    scene.check_script()


async def test_after_354_only_the_end_of_the_session_keeps_the_content_back() -> None:
    """A lone dot would send an empty message, and RSET would be a line of the content."""
    scene = SlowScene(PIPELINED + ONE + YES)
    late, other = fenced(0.5), delivery(index=1)
    await scene.send(late, other)
    assert_out_of_time(late)
    assert late.error is not None
    assert late.error.stage == "content"
    assert scene.unsent == [other]
    assert "could not be finished" in scene.lost[0].what
    scene.check_script()


async def test_a_refused_recipient_stays_refused() -> None:
    rest = "S: 250 ok\nS: 550 5.1.1 no such user\nS: 250 ok\nS: 354 go on\n"
    scene = SlowScene(PIPELINED + envelope_lines("b@example.net", "c@example.net") + rest)
    late = fenced(0.5, "b@example.net", "c@example.net")
    await scene.send(late)
    assert_out_of_time(late)
    assert statuses(late) == [FAILED, DEFERRED]


async def test_before_bdat_a_reset_is_enough() -> None:
    hello = HELLO + "S: 250-CHUNKING\nS: 250 PIPELINING\n"
    envelope = "C: MAIL FROM:<a@example.org>\nC: RCPT TO:<b@example.net>\n"
    yes = "S: 250 ok\nS: 250 ok\n"
    script = hello + envelope + yes + "C: RSET\n" + envelope + "S: 250 ok\n" + yes
    scene = SlowScene(script + "C: BDAT 7 LAST\nC: hello\nS: 250 queued\n")
    late, other = fenced(0.5), delivery(index=1)
    client = await scene.send(late, other)
    assert_out_of_time(late)
    assert statuses(other) == [ACCEPTED]
    assert scene.lost == []
    client.abort()
    scene.check_script()


async def test_without_pipelining_a_reset_stands_where_data_would() -> None:
    rest = "C: MAIL FROM:<a@example.org>\nS: 250 ok\nC: RCPT TO:<b@example.net>\nS: 250 ok\n"
    again = "C: RSET\nS: 250 ok\n" + rest + "C: DATA\nS: 354 go on\nC: hello\nC: .\nS: 250 queued\n"
    scene = SlowScene(HELLO.replace("250-", "250 ") + rest + again)
    late, other = fenced(1.5), delivery(index=1)
    client = await scene.send(late, other)
    assert_out_of_time(late)
    assert statuses(other) == [ACCEPTED]
    client.abort()
    scene.check_script()


async def test_a_late_one_behind_another_stays_at_home() -> None:
    """The next envelope would leave in one write with the content before it."""
    scene = SlowScene(PIPELINED + ONE + YES + CONTENT + "S: 250 queued\n")
    one, late = delivery(), fenced(0.5, index=1)
    client = await scene.send(one, late)
    assert statuses(one) == [ACCEPTED]
    assert_out_of_time(late)
    client.abort()
    scene.check_script()


async def test_late_while_the_one_before_it_is_answered() -> None:
    """Its envelope was sent in time; its turn comes too late. The one before it has its verdict."""
    scene = SlowScene(PIPELINED + ONE + YES + CONTENT + ONE + "S: 250 queued\n" + YES)
    one, late = delivery(), fenced(1.5, index=1)
    await scene.send(one, late)
    assert statuses(one) == [ACCEPTED]
    assert_out_of_time(late)
    scene.check_script()


async def test_the_time_is_read_when_the_octets_are_at_hand() -> None:
    """Between the server's word and the write, the owner makes further messages; that may take a while."""

    class BusyScene(SlowScene):
        def on_room(self, client: Client) -> None:
            super().on_room(client)
            self.clock.advance(30.0)

    scene = BusyScene(PIPELINED)
    late = fenced(20.0)
    client = await scene.open()
    client.submit(late)
    await scene.settled.wait()
    assert_out_of_time(late)
    scene.check_script()


async def test_in_a_window_a_late_one_is_left_out() -> None:
    hello = HELLO + "S: 250-CHUNKING\nS: 250 PIPELINING\n"
    one = "C: MAIL FROM:<a@example.org>\nC: RCPT TO:<b@example.net>\nC: BDAT 7 LAST\nC: hello\n"
    yes = "S: 250 ok\nS: 250 ok\nS: 250 queued\n"
    scene = Scene(hello + one + "C: RSET\n" + one + yes + "S: 250 reset\n" + yes, chunking_window=8)
    scene.clock.advance(5.0)
    sent = [delivery(), fenced(4.0, index=1), delivery(index=2)]
    client = await scene.send(*sent)
    assert_out_of_time(sent[1])
    assert [statuses(one) for one in sent] == [[ACCEPTED], [DEFERRED], [ACCEPTED]]
    client.abort()
    scene.check_script()


WINDOWED = HELLO + "S: 250-CHUNKING\nS: 250 PIPELINING\n"
CHUNK_ENVELOPE = "C: MAIL FROM:<a@example.org>\nC: RCPT TO:<b@example.net>\n"
CHUNK = f"C: BDAT 6002 LAST\nC: {'a' * 6000}\n"
CHUNK_YES = "S: 250 ok\nS: 250 ok\n"


def chunk(not_after: float | None, *, index: int = 0) -> Delivery:
    """Two of these may lie between the client and a server that does not read; three are too many."""
    one = delivery(index=index, content=b"a" * 6000 + b"\r\n")
    one.not_after = not_after
    return one


async def test_in_a_window_a_fenced_content_runs_ahead_by_little_only() -> None:
    """What is written further ahead waits in this process while its moment passes, and would be sent all the same."""
    ahead = CHUNK_ENVELOPE + CHUNK + "C: RSET\n" + CHUNK_ENVELOPE + CHUNK + "C: RSET\n" + CHUNK_ENVELOPE
    behind = CHUNK_YES + "S: 250 queued\n" + ("S: 250 reset\n" + CHUNK_YES + "S: 250 queued\n")
    behind += "S: 250 reset\n" + CHUNK_YES + CHUNK + "S: 250 queued\n"
    scene = Scene(WINDOWED + ahead + behind, chunking_window=8)
    sent = [chunk(4.0, index=index) for index in range(3)]
    client = await scene.send(*sent)
    assert [statuses(one) for one in sent] == [[ACCEPTED]] * 3
    client.abort()
    scene.check_script()


async def test_in_a_window_those_without_a_moment_count_for_those_with_one() -> None:
    one = CHUNK_ENVELOPE + CHUNK + "C: RSET\n"
    ahead = one * 3 + CHUNK_ENVELOPE
    behind = (CHUNK_YES + "S: 250 queued\nS: 250 reset\n") * 3 + CHUNK_YES + CHUNK + "S: 250 queued\n"
    scene = Scene(WINDOWED + ahead + behind, chunking_window=8)
    sent = [*(chunk(None, index=index) for index in range(3)), chunk(4.0, index=3)]
    client = await scene.send(*sent)
    assert [statuses(one) for one in sent] == [[ACCEPTED]] * 4
    client.abort()
    scene.check_script()


async def test_in_a_window_the_moment_passes_while_the_envelope_is_answered() -> None:
    ahead = CHUNK_ENVELOPE + CHUNK + "C: RSET\n" + CHUNK_ENVELOPE + CHUNK + "C: RSET\n" + CHUNK_ENVELOPE
    first = CHUNK_YES + "S: 250 queued\n"
    other = "C: RSET\n" + CHUNK_ENVELOPE + CHUNK + "S: 250 reset\n" + first
    script = ahead + first + "S: 250 reset\n" + first + "S: 250 reset\n" + CHUNK_YES + other
    scene = SlowScene(WINDOWED + script, chunking_window=8)
    late = chunk(0.5, index=2)
    sent = [chunk(0.5), chunk(0.5, index=1), late, chunk(None, index=3)]
    client = await scene.send(*sent)
    assert_out_of_time(late)
    assert [statuses(one) for one in sent] == [[ACCEPTED], [ACCEPTED], [DEFERRED], [ACCEPTED]]
    assert scene.lost == []
    client.abort()
    scene.check_script()


async def test_the_next_part_of_a_long_list_comes_too_late() -> None:
    """Those who have it keep it; the others are deferred, and nobody is in doubt."""
    paths = [f"r{number}@example.net" for number in range(3)]
    script = PIPELINED + envelope_lines(*paths[:2]) + "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\n"
    scene = SlowScene(script + CONTENT + "S: 250 queued\n", max_recipients=2)
    late = fenced(1.5, *paths)
    client = await scene.send(late)
    assert statuses(late) == [ACCEPTED, ACCEPTED, DEFERRED]
    assert isinstance(late.error, DeliveryTimeoutError)
    client.abort()
    scene.check_script()


async def test_a_content_that_takes_its_time_to_be_read() -> None:
    """The server allowed it in time; the disk was slow. The clock is read when the first octet is at hand."""
    scene = SlowScene(PIPELINED + envelope_lines("b@example.net", size=3) + YES)

    class SlowFile:
        size = 3
        dot_free = False

        def chunks(self) -> list[bytes]:
            scene.clock.advance(60.0)
            return [b"a\r\n"]

    late = large(30.0, SlowFile())
    await scene.send(late)
    assert_out_of_time(late)
    scene.check_script()


async def test_what_was_begun_in_time_is_finished() -> None:
    size = 300_002
    mail = f"C: MAIL FROM:<a@example.org>\nC: RCPT TO:<b@example.net>\nC: BDAT {size} LAST\nC: "
    mail = mail.replace("C: BDAT", "S: 250 ok\nS: 250 ok\nC: BDAT") + "a" * (size - 2)
    scene = Scene(HELLO + "S: 250-CHUNKING\nS: 250 PIPELINING\n" + mail + "\nS: 250 queued\n")

    class File:
        dot_free = False

        def __init__(self) -> None:
            self.size = size

        def chunks(self) -> list[bytes]:
            return [b"a" * (size - 2), b"\r\n"]

    drain = scene.stream.drain

    async def drain_slowly() -> None:
        scene.clock.advance(60.0)
        await drain()

    scene.stream.drain = drain_slowly  # type: ignore[method-assign]
    one = large(30.0, File())
    client = await scene.send(one)
    assert scene.clock.monotonic() > 30.0
    assert statuses(one) == [ACCEPTED]
    client.abort()
    scene.check_script()
