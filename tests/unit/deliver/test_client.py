"""The client over a scripted stream: what it sends when, and what becomes of deliveries."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Iterator

import pytest
from tests.unit.deliver.client_scene import (
    ACCEPTED,
    CONTENT,
    DEFERRED,
    FAILED,
    GOODBYE,
    HELLO,
    IN_DOUBT,
    ONE,
    PIPELINED,
    YES,
    Scene,
    delivery,
    envelope_lines,
    statuses,
)

from eilbote.deliver.account import Account
from eilbote.deliver.client import Client
from eilbote.deliver.delivery import Delivery
from eilbote.errors import (
    AttachmentError,
    AuthenticationError,
    DeliveryError,
    DisconnectedError,
    ExtensionError,
    InDoubtError,
    LocalProtocolError,
)
from eilbote.model.credentials import Password
from eilbote.model.envelope import Envelope
from eilbote.model.message import BodyKind, Message
from eilbote.model.secret import Secret
from eilbote.model.status import RecipientKind
from eilbote.net.stream import Stream
from eilbote.testing.dialogue_file import DialogueFile
from eilbote.testing.scripted_stream import ScriptedStream

pytestmark = pytest.mark.asyncio


async def test_one_message_and_its_receipt() -> None:
    scene = Scene(PIPELINED + ONE + YES + CONTENT + "S: 250 2.0.0 queued as 4f\n" + GOODBYE)
    one = delivery(index=7)
    client = await scene.send(one)
    receipt = one.receipt
    assert receipt is not None
    assert receipt.ok
    assert (receipt.message_id, receipt.index, receipt.attempts) == ("<1@example.org>", 7, 1)
    assert (receipt.reply, receipt.size) == ("250 2.0.0 queued as 4f", 7)
    assert receipt.server == "mail.example.net:25"
    assert receipt.extensions == ("SIZE 100000", "PIPELINING")
    (result,) = receipt.results
    assert (result.address, result.status, result.reply_code) == ("b@example.net", ACCEPTED, 250)
    assert str(result.enhanced_status_code) == "2.0.0"
    assert result.text == "2.0.0 queued as 4f"
    assert result.kind is RecipientKind.ENVELOPE
    assert one.error is None
    assert (client.delivered, client.in_flight, client.room) == (1, 0, 2)
    await client.quit()
    scene.check_script()
    assert scene.lost == []


async def test_timings_are_the_clocks() -> None:
    script = PIPELINED + ONE + YES + CONTENT + "S: 250 queued\n"
    scene = Scene(script)
    hear = Client.octets_received
    replies: list[float] = []

    class Ticking(Client):
        __slots__ = ()

        def octets_received(self, data: bytes) -> None:
            scene.clock.advance(1.5)
            replies.append(scene.clock.monotonic())
            hear(self, data)

    client = await Ticking.open(
        scene.options,
        clock=scene.clock,
        on_done=scene.on_done,
        on_room=scene.on_room,
        on_lost=scene.on_lost,
        connect=scene.stream.connect,
    )
    one = delivery()
    client.submit(one)
    await scene.settled.wait()
    assert one.receipt is not None
    assert (one.receipt.envelope_seconds, one.receipt.content_seconds) == (1.5, 1.5)
    client.abort()


async def test_the_end_of_one_and_the_next_envelope_leave_together() -> None:
    script = PIPELINED + ONE + YES + CONTENT + ONE + ("S: 250 queued\n" + YES + CONTENT + ONE) * 2
    script += "S: 250 queued\n" + YES + CONTENT + "S: 250 queued\n" + GOODBYE
    scene = Scene(script)
    client = await scene.send(*[delivery(index=index) for index in range(4)])
    assert [one.index for one in scene.done] == [0, 1, 2, 3]
    await client.quit()
    scene.check_script()


class CountingStream(ScriptedStream):
    """Counts how often the client writes and the server answers in turn."""

    def __init__(self, script: str) -> None:
        super().__init__(DialogueFile.parse(script).turns)
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        super().write(data)


@pytest.mark.parametrize("count,round_trips", [(1, 2), (2, 3), (10, 11)])
async def test_round_trips(count: int, round_trips: int) -> None:
    """A message alone costs two round trips, each further one of a stream costs one."""
    script = PIPELINED + ONE + YES + CONTENT
    script += (ONE + "S: 250 queued\n" + YES + CONTENT) * (count - 1) + "S: 250 queued\n"
    scene = Scene(script)
    stream = scene.stream = CountingStream(script)
    client = await scene.send(*[delivery(index=index) for index in range(count)])
    assert len(stream.writes) == 1 + round_trips  # EHLO first
    client.abort()


async def test_round_trips_of_a_window() -> None:
    """A window of 8 and 32 messages: all under way before the first verdict, so no wait for any of them."""
    hello = HELLO + "S: 250-CHUNKING\nS: 250 PIPELINING\n"
    one = "C: MAIL FROM:<a@example.org>\nC: RCPT TO:<b@example.net>\nC: BDAT 7 LAST\nC: hello\n"
    yes = "S: 250 ok\nS: 250 ok\nS: 250 queued\n"
    script = hello + one + ("C: RSET\n" + one) * 7 + yes + ("S: 250 reset\n" + yes) * 7
    scene = Scene(script, chunking_window=8)
    stream = scene.stream = CountingStream(script)
    client = await scene.send(*[delivery(index=index) for index in range(8)])
    assert len(stream.writes) == 2
    assert scene.batches == [8]
    assert client.room == 8
    client.abort()


async def test_partial_refusal_is_a_result_and_no_error() -> None:
    script = PIPELINED + envelope_lines("b@example.net", "c@example.net", "d@example.net")
    script += (
        "S: 250 ok\nS: 550 5.1.1 no\nS: 250 ok\nS: 450 4.2.0 later\nS: 354 go\n" + CONTENT + "S: 250 queued\n"
    )
    scene = Scene(script)
    one = delivery("b@example.net", "c@example.net", "d@example.net")
    client = await scene.send(one)
    assert statuses(one) == [FAILED, ACCEPTED, DEFERRED]
    assert one.error is None
    client.abort()
    scene.check_script()


async def test_kinds_of_recipients_are_kept() -> None:
    scene = Scene(PIPELINED + ONE + YES + CONTENT + "S: 250 queued\n")
    one = delivery()
    one.envelope = Envelope(
        reverse_path="a@example.org", forward_paths=("b@example.net",), kinds=(RecipientKind.BCC,)
    )
    client = await scene.send(one)
    assert one.receipt is not None
    assert one.receipt.results[0].kind is RecipientKind.BCC
    client.abort()


# -- refused before anything is sent ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "one,extension",
    [
        (delivery(body=BodyKind.EIGHT_BIT), "8BITMIME"),
        (delivery(body=BodyKind.BINARY), "BINARYMIME"),
        (delivery(smtputf8=True), "SMTPUTF8"),
        (delivery("zoë@example.net"), "SMTPUTF8"),
        (delivery(content=b"x" * 100_000 + b"\r\n"), "SIZE"),
    ],
    ids=["8bit", "binary", "header in UTF-8", "address in UTF-8", "size"],
)
async def test_what_the_server_cannot_take_is_not_sent(one: Delivery, extension: str) -> None:
    scene = Scene(PIPELINED + ONE + YES + CONTENT + "S: 250 queued\n")
    fine = delivery(index=1)
    client = await scene.send(one, fine)
    assert isinstance(one.error, ExtensionError)
    assert one.error.extension == extension
    assert one.receipt is not None
    assert one.receipt.error is one.error
    assert statuses(one) == [FAILED]
    assert statuses(fine) == [ACCEPTED]  # the others are not concerned
    client.abort()
    scene.check_script()


async def test_a_content_without_its_last_line_end_is_not_sent() -> None:
    scene = Scene(PIPELINED)
    one = delivery(content=b"hello")
    client = await scene.send(one)
    assert isinstance(one.error, LocalProtocolError)
    client.abort()
    scene.check_script()


async def test_a_message_that_cannot_be_begun_does_not_stop_the_next() -> None:
    scene = Scene(
        HELLO
        + "S: 250-SIZE 100000\nS: 250-DSN\nS: 250 PIPELINING\n"
        + ONE
        + YES
        + CONTENT
        + "S: 250 queued\n"
    )
    one, two = delivery(), delivery(index=1)
    object.__setattr__(one.envelope, "dsn", "of a wrong kind")
    await scene.send(one, two)
    assert isinstance(one.error, LocalProtocolError)
    assert one.error.__cause__ is not None
    assert statuses(two) == [ACCEPTED]


async def test_endless_refusals_leave_room_for_others() -> None:
    """An owner that submits while there is room must not be kept in its loop by messages that are refused."""
    scene = Scene(PIPELINED)
    client = await scene.open()
    submitted = 0
    while client.room:
        client.submit(delivery(smtputf8=True))
        submitted += 1
        assert submitted < 10
    await scene.settled.wait()
    assert len(scene.done) == submitted
    client.abort()


async def test_authentication_required_concerns_the_connection() -> None:
    script = PIPELINED + ONE + "S: 530 5.7.0 Authentication required\nS: 503 5.5.1 no\nS: 503 5.5.1 no\n"
    scene = Scene(script)
    one = delivery()
    client = await scene.send(one)
    assert isinstance(one.error, AuthenticationError)
    assert one.error.what == "Authentication required"
    assert one.error.cause == "User and password of the connection are blank, which means anonymous"
    assert one.error.field == "user"
    assert one.error.reply_code == 530
    assert statuses(one) == [DEFERRED]  # nobody's address is at fault
    client.abort()


async def test_a_server_that_wants_tls_first_is_not_said_to_want_a_sign_in() -> None:
    script = (
        PIPELINED
        + ONE
        + "S: 530 5.7.0 Must issue a STARTTLS command first\nS: 503 5.5.1 no\nS: 503 5.5.1 no\n"
    )
    scene = Scene(script)
    one = delivery()
    client = await scene.send(one)
    assert isinstance(one.error, AuthenticationError)
    assert one.error.what == "the server takes no mail without TLS"
    assert one.error.field == "security"
    client.abort()


# -- more recipients than one transaction takes ------------------------------------------------------------


async def test_many_recipients_are_split() -> None:
    paths = [f"r{number}@example.net" for number in range(5)]
    script = PIPELINED + envelope_lines(*paths[:2]) + "S: 250 ok\nS: 250 ok\nS: 550 no\nS: 354 go\n"
    script += CONTENT + "S: 250 2.0.0 first\n"
    script += envelope_lines(*paths[2:4]) + "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\n"
    script += CONTENT + "S: 250 2.0.0 second\n"
    script += envelope_lines(*paths[4:]) + YES + CONTENT + "S: 451 4.3.0 third not now\n"
    scene = Scene(script, max_recipients=2)
    one = delivery(*paths)
    client = await scene.send(one)
    assert statuses(one) == [ACCEPTED, FAILED, ACCEPTED, ACCEPTED, DEFERRED]
    assert one.receipt is not None
    assert [result.address for result in one.receipt.results] == paths
    assert scene.batches == [1]
    client.abort()
    scene.check_script()


async def test_a_server_with_a_lower_limit_gets_the_rest_at_once() -> None:
    """RFC 5321 §4.5.3.1.10: 452 to RCPT means that this transaction is full, and not that the recipient is."""
    paths = [f"r{number}@example.net" for number in range(4)]
    script = PIPELINED + envelope_lines(*paths)
    script += (
        "S: 250 ok\nS: 250 ok\nS: 550 5.1.1 no\nS: 452 4.5.3 too many\nS: 452 4.5.3 too many\nS: 354 go\n"
    )
    script += CONTENT + "S: 250 queued\n"
    script += envelope_lines(*paths[2:]) + "S: 250 ok\nS: 250 ok\nS: 452 4.5.3 too many\nS: 354 go\n"
    script += CONTENT + "S: 250 queued\n"
    script += (
        envelope_lines(paths[3]) + "S: 250 ok\nS: 452 4.5.3 still too many\nS: 554 no valid recipients\n"
    )
    scene = Scene(script)
    one = delivery(*paths)
    client = await scene.send(one)
    assert statuses(one) == [ACCEPTED, FAILED, ACCEPTED, DEFERRED]
    client.abort()
    scene.check_script()


async def test_452_for_a_full_mailbox_is_no_limit() -> None:
    script = PIPELINED + envelope_lines("b@example.net", "c@example.net")
    script += "S: 250 ok\nS: 250 ok\nS: 452 4.2.2 mailbox full\nS: 354 go\n" + CONTENT + "S: 250 queued\n"
    scene = Scene(script)
    one = delivery("b@example.net", "c@example.net")
    client = await scene.send(one)
    assert statuses(one) == [ACCEPTED, DEFERRED]
    client.abort()
    scene.check_script()


async def test_a_break_after_a_part_does_not_send_that_part_twice() -> None:
    paths = [f"r{number}@example.net" for number in range(4)]
    script = PIPELINED + envelope_lines(*paths[:2]) + "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\n" + CONTENT
    script += "S: 250 queued\n" + envelope_lines(*paths[2:]) + "S: 250 ok\n-- LOST\n"
    scene = Scene(script, max_recipients=2)
    one = delivery(*paths)
    await scene.send(one)
    assert scene.unsent == []
    assert statuses(one) == [ACCEPTED, ACCEPTED, DEFERRED, DEFERRED]
    assert isinstance(one.error, DisconnectedError)


@pytest.mark.parametrize("verdict", ["421 4.7.0 enough for one session", "421 4.3.2 shutting down"])
async def test_a_session_closed_between_two_parts_does_not_send_the_first_twice(verdict: str) -> None:
    """A 421 to a later part hands nothing back: the earlier recipients have the message already."""
    paths = [f"r{number}@example.net" for number in range(4)]
    script = PIPELINED + ONE + YES + CONTENT + envelope_lines(*paths[:2]) + "S: 250 queued\n"
    script += "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\n" + CONTENT + "S: 250 queued\n"
    script += envelope_lines(*paths[2:]) + f"S: {verdict}\n"
    scene = Scene(script, max_recipients=2)
    one, two = delivery(), delivery(*paths, index=1)
    await scene.send(one, two)
    assert scene.unsent == []
    assert statuses(two) == [ACCEPTED, ACCEPTED, DEFERRED, DEFERRED]
    scene.check_script()


async def test_421_at_a_later_part_does_not_send_the_first_part_twice() -> None:
    """The session has served, so a 421 to MAIL hands a message back; but not one that is partly delivered."""
    paths = [f"r{number}@example.net" for number in range(4)]
    yes = "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\n" + CONTENT
    script = PIPELINED + ONE + YES + CONTENT + envelope_lines(*paths[:2]) + "S: 250 queued\n" + yes
    script += "S: 250 queued\n" + envelope_lines(*paths[2:]) + "S: 421 4.7.0 enough\n"
    scene = Scene(script, max_recipients=2)
    first, long = delivery(), delivery(*paths, index=1)
    await scene.send(first, long)
    assert statuses(first) == [ACCEPTED]
    assert scene.unsent == []
    assert statuses(long) == [ACCEPTED, ACCEPTED, DEFERRED, DEFERRED]


@pytest.mark.parametrize("end", ["S: 421 4.3.2 shutting down\n", "S: nonsense\n"])
async def test_a_part_accepted_and_the_session_over_in_one_breath(end: str) -> None:
    """The next part cannot begin any more; what was decided is told, and nobody waits for ever."""
    paths = [f"r{number}@example.net" for number in range(4)]
    script = PIPELINED + envelope_lines(*paths[:2]) + "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\n" + CONTENT
    scene = Scene(script + "S: 250 queued\n" + end, max_recipients=2)
    one = delivery(*paths)
    await asyncio.wait_for(scene.send(one), 5)
    assert scene.unsent == []
    assert statuses(one) == [ACCEPTED, ACCEPTED, DEFERRED, DEFERRED]
    assert isinstance(one.error, DisconnectedError)


async def test_a_fault_nobody_foresaw_settles_everything() -> None:
    script = PIPELINED + ONE + YES + CONTENT + ONE + "S: 250 queued\n"
    scene = Scene(script)
    one, two = delivery(), delivery(index=1)

    class FaultyAccount(Account):
        __slots__ = ()

        def settle(self, *_: object) -> None:
            raise ZeroDivisionError

    class Faulty(Client):
        __slots__ = ()

        def connected(self, stream: Stream) -> None:
            self._account.__class__ = FaultyAccount
            super().connected(stream)

    client = await Faulty.open(
        scene.options,
        clock=scene.clock,
        on_done=scene.on_done,
        on_room=scene.on_room,
        on_lost=scene.on_lost,
        connect=scene.stream.connect,
    )
    client.submit(one)
    client.submit(two)
    while len(scene.done) + len(scene.unsent) < 2:
        scene.settled.clear()
        await asyncio.wait_for(scene.settled.wait(), 5)
    assert statuses(one) == [ACCEPTED]
    assert scene.unsent == [two]
    assert len(scene.lost) == 1


# -- when the session breaks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rest",
    ["-- LOST\n", "S: 250 ok\n-- LOST\n", "S: 250 ok\nS: 250 ok\nS= 35\n-- LOST\n", "S: 354 nonsense\n"],
)
async def test_what_cannot_have_been_taken_is_handed_back(rest: str) -> None:
    scene = Scene(PIPELINED + ONE + rest)
    one, two = delivery(), delivery(index=1)
    client = await scene.send(one, two)
    assert scene.unsent == [one, two]
    assert scene.done == []
    assert one.receipt is None
    assert one.attempts == (0 if rest in {"-- LOST\n", "S: 354 nonsense\n"} else 1)
    assert two.attempts == 0
    assert len(scene.lost) == 1
    assert client.room == 0


@pytest.mark.parametrize("rest", ["-- LOST\n", "S= 2\n-- LOST\n", "S: garbage\n", "S: 250-a\nS: 550 b\n"])
async def test_what_may_have_been_taken_is_in_doubt(rest: str) -> None:
    """RFC 1047: the connection breaks after the final dot; sending again could deliver twice."""
    scene = Scene(PIPELINED + ONE + YES + CONTENT + ONE + rest)
    one, two = delivery(), delivery(index=1)
    await scene.send(one, two)
    assert isinstance(one.error, InDoubtError)
    assert statuses(one) == [IN_DOUBT]
    assert scene.done == [one]
    assert scene.unsent == [two]


async def test_a_server_that_breaks_a_rule_with_a_secret_does_not_get_it_shown() -> None:
    credentials = Password(user="anna", password=Secret("open-sesame-77"))
    stream = Scene("S: open-sesame-77 is no greeting\n", credentials=credentials)
    with pytest.raises(DeliveryError) as caught:
        await stream.open()
    told = "".join(traceback.format_exception(caught.value))
    assert "open-sesame" not in told + str(caught.value.cause)
    assert "***" in told


async def test_a_refused_recipient_is_not_in_doubt() -> None:
    script = PIPELINED + envelope_lines("b@example.net", "c@example.net")
    script += "S: 250 ok\nS: 550 5.1.1 no\nS: 250 ok\nS: 354 go\n" + CONTENT + "-- LOST\n"
    scene = Scene(script)
    one = delivery("b@example.net", "c@example.net")
    await scene.send(one)
    assert statuses(one) == [FAILED, IN_DOUBT]


async def test_accepted_and_then_lost_is_accepted() -> None:
    scene = Scene(PIPELINED + ONE + YES + CONTENT + "S: 250 queued\n-- LOST\n")
    one = delivery()
    await scene.send(one)
    assert statuses(one) == [ACCEPTED]
    assert len(scene.lost) == 1


async def test_a_server_that_closes_a_session_that_served_hands_the_next_one_back() -> None:
    """421 to MAIL after some messages is a limit of the session, and says nothing about the message."""
    script = PIPELINED + ONE + YES + CONTENT + ONE + "S: 250 queued\nS: 421 4.7.0 enough for one session\n"
    scene = Scene(script)
    one, two = delivery(), delivery(index=1)
    await scene.send(one, two)
    assert scene.done == [one]
    assert scene.unsent == [two]
    assert two.attempts == 0
    assert scene.lost[0].reply_code == 421


async def test_421_to_the_first_message_is_an_answer() -> None:
    scene = Scene(PIPELINED + ONE + "S: 421 4.3.2 shutting down\n")
    one = delivery()
    await scene.send(one)
    assert statuses(one) == [DEFERRED]
    assert one.receipt is not None
    assert one.receipt.results[0].reply_code == 421


async def test_an_idle_session_that_the_server_closes() -> None:
    scene = Scene(PIPELINED)
    await scene.open()
    scene.stream.say(b"421 4.4.2 timeout\r\n")
    assert scene.lost[0].reply_code == 421
    assert scene.unsent == []


async def test_abort_puts_what_was_sent_in_doubt() -> None:
    scene = Scene(PIPELINED + ONE + YES + CONTENT + ONE)
    client = await scene.open()
    one, two = delivery(), delivery(index=1)
    client.submit(one)
    client.submit(two)
    await scene.stream.played()
    client.abort()
    assert statuses(one) == [IN_DOUBT]
    assert scene.unsent == [two]
    assert len(scene.lost) == 1
    client.abort()
    assert len(scene.lost) == 1


async def test_nothing_can_be_submitted_to_a_lost_session() -> None:
    scene = Scene(PIPELINED)
    client = await scene.open()
    scene.stream.hang_up()
    with pytest.raises(DisconnectedError):
        client.submit(delivery())


async def test_a_session_lost_in_the_moment_of_its_opening_is_not_open() -> None:
    scene = Scene(PIPELINED + "-- LOST\n")
    with pytest.raises(DisconnectedError):
        await scene.open()
    assert scene.lost == []


# -- contents too large for one write ---------------------------------------------------------------------------


class Source:
    """Octets made while they are sent."""

    def __init__(self, pieces: list[bytes | Exception], *, dot_free: bool = False) -> None:
        self._pieces = pieces
        self.dot_free = dot_free

    @property
    def size(self) -> int:
        return sum(len(piece) for piece in self._pieces if isinstance(piece, bytes))

    def chunks(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


def streamed(*segments: bytes | Source) -> Delivery:
    one = delivery()
    one.message = Message(
        message_id="<1@example.org>",
        segments=segments,
        size=sum(segment.size if isinstance(segment, Source) else len(segment) for segment in segments),
    )
    return one


async def test_a_content_that_is_made_while_it_is_sent() -> None:
    one = streamed(b"head\r\n\r\n", Source([b"a\r\n.b\r", b"\n", b".c\r\n"]), b".tail\r\n")
    script = PIPELINED + envelope_lines("b@example.net", size=one.message.size) + YES
    script += "C: head\nC: \nC: a\nC: ..b\nC: ..c\nC: ..tail\nC: .\n" + envelope_lines("b@example.net")
    script += "S: 250 queued\n" + YES + CONTENT + "S: 250 queued\n"
    scene = Scene(script)
    client = await scene.send(one, delivery(index=1))
    assert [statuses(each) for each in scene.done] == [[ACCEPTED], [ACCEPTED]]
    client.abort()
    scene.check_script()


async def test_the_final_dot_leaves_with_the_next_envelope() -> None:
    one = streamed(Source([b"a\r\n"]))
    script = PIPELINED + envelope_lines("b@example.net", size=3) + YES + "C: a\nC: .\n" + ONE
    script += "S: 250 queued\n" + YES + CONTENT + "S: 250 queued\n"
    scene = Scene(script)
    stream = scene.stream = CountingStream(script)
    client = await scene.send(one, delivery(index=1))
    assert [write[:6] for write in stream.writes[2:4]] == [b"a\r\n", b".\r\nMAI"]
    client.abort()


async def test_a_large_content_waits_for_its_recipients_in_a_window() -> None:
    hello = HELLO + "S: 250-CHUNKING\nS: 250 PIPELINING\n"
    one = streamed(Source([b"a\r\n"]))
    script = hello + "C: MAIL FROM:<a@example.org>\nC: RCPT TO:<b@example.net>\nS: 250 ok\nS: 250 ok\n"
    script += "C: BDAT 3 LAST\nC: a\nS: 250 queued\n"
    scene = Scene(script, chunking_window=8)
    client = await scene.send(one)
    assert statuses(one) == [ACCEPTED]
    client.abort()
    scene.check_script()


@pytest.mark.parametrize(
    "source,error",
    [
        (Source([b"a\r\n", AttachmentError("the file has changed")]), AttachmentError),
        (Source([b"a\r\n", OSError(5, "Input/output error")]), AttachmentError),
        (Source([b"a\r\n", RuntimeError("the source has a fault")]), AttachmentError),
        (Source([b"a\r\n", b"b"]), LocalProtocolError),
    ],
    ids=["changed", "unreadable", "faulty", "unfinished"],
)
async def test_a_content_that_cannot_be_finished_is_never_ended(
    source: Source, error: type[Exception]
) -> None:
    """A final dot behind half a content would make it a message; only closing the session prevents that."""
    one, two = streamed(source), delivery(index=1)
    script = PIPELINED + envelope_lines("b@example.net", size=source.size) + YES
    scene = Scene(script)
    await scene.send(one, two)
    assert isinstance(one.error, error)
    assert statuses(one) == [FAILED]
    assert scene.unsent == [two]
    assert scene.done == [one]


async def test_a_part_whose_content_fails_leaves_the_delivered_part_delivered() -> None:
    """The file changes between two parts of a long list: the first part has the message, and the receipt says so."""

    class Changing(Source):
        reads = 0

        def chunks(self) -> Iterator[bytes]:
            self.reads += 1
            if self.reads > 1:
                raise AttachmentError("the file has changed")
            return super().chunks()

    paths = [f"r{number}@example.net" for number in range(3)]
    one = streamed(Changing([b"a\r\n"]))
    one.envelope = Envelope(reverse_path="a@example.org", forward_paths=tuple(paths))
    script = PIPELINED + envelope_lines(*paths[:2], size=3) + "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 354 go\n"
    script += "C: a\nC: .\nS: 250 queued\n" + envelope_lines(paths[2], size=3) + YES
    scene = Scene(script, max_recipients=2)
    await scene.send(one)
    assert isinstance(one.error, AttachmentError)
    assert statuses(one) == [ACCEPTED, ACCEPTED, FAILED]


async def test_a_source_of_another_size_than_announced_is_not_ended() -> None:
    one = streamed(Source([b"abc\r\n"]))
    one.message = Message(message_id="<1@x>", segments=one.message.segments, size=50)
    scene = Scene(PIPELINED + envelope_lines("b@example.net", size=50) + YES)
    await scene.send(one)
    assert isinstance(one.error, LocalProtocolError)


# -- idle sessions and goodbye ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rest,alive",
    [("C: NOOP\nS: 250 ok\n", True), ("C: NOOP\nS: 500 what\n", False), ("C: NOOP\n-- LOST\n", False)],
)
async def test_liveness(rest: str, alive: bool) -> None:
    scene = Scene(PIPELINED + rest)
    client = await scene.open()
    assert await client.check() is alive
    client.abort()


@pytest.mark.parametrize("rest", ["C: QUIT\nS: 221 bye\n", "C: QUIT\n-- LOST\n", "C: QUIT\nS: 500 never\n"])
async def test_what_the_server_makes_of_quit_does_not_matter(rest: str) -> None:
    scene = Scene(PIPELINED + rest)
    client = await scene.open()
    await client.quit()
    scene.check_script()
    assert scene.lost == []
    assert scene.stream.lost
