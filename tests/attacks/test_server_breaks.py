"""The connection breaks, or the server lies, at the worst moment: what is certain, what is in doubt, what is safe.

Before the final dot a server cannot have taken a message; after it, nobody knows (RFC 1047). A library once
reported success for a message the server had refused, because a 250 that came too early was taken for the answer;
another sent a message twice because it took a lost connection after the content for a failure.
"""

import asyncio

import pytest
from tests.attacks.hostile_server import Conversation, HostileServer, Peer, hostile
from tests.attacks.scene import HASTY, deliveries, envelope, message, outcome_of, send, transport_to

from eilbote.connections.limits import Limits
from eilbote.deliver.delivery import Delivery
from eilbote.errors import DeliveryError, DeliveryTimeoutError, DisconnectedError, InDoubtError
from eilbote.model.receipt import Receipt
from eilbote.model.status import RecipientStatus

pytestmark = pytest.mark.asyncio

ACCEPTED, DEFERRED, FAILED, IN_DOUBT = RecipientStatus
LARGE = 20 * 1024 * 1024


async def up_to_content(peer: Peer, *extensions: str) -> None:
    """Say yes until the content is due."""
    await peer.welcome(*extensions)
    await peer.answer("250 ok", "250 ok", "354 go ahead")


async def ordinary(peer: Peer) -> None:
    await peer.welcome("PIPELINING")
    await peer.take_mail()


def after_the_content(*acts: str) -> Conversation:
    """Take the content, then say or do something that is no answer."""

    async def conversation(peer: Peer) -> None:
        await up_to_content(peer)
        await peer.hear_content()
        for act in acts:
            if act == "hang up":
                await peer.hang_up()
            elif act == "reset":
                await peer.reset()
            elif act == "silence":
                await peer.silence()
            else:
                peer.send(act.encode("latin-1"))

    return conversation


@pytest.mark.parametrize(
    "acts",
    [
        ("hang up",),
        ("reset",),
        ("silence",),
        ("25", "hang up"),
        ("250", "silence"),
        ("250-queued\r\n", "hang up"),
        ("250-queued\r\n", "silence"),
        ("\x00\xff garbage\r\n",),
        ("354 once more\r\n",),
        ("999 what\r\n",),
        ("250-" + "x" * 100_000,),
        ("250-more\r\n" * 20_000,),
    ],
    ids=[
        "closed",
        "reset",
        "silent",
        "two octets",
        "three octets, then silence",
        "half a reply, closed",
        "half a reply, then silence",
        "garbage",
        "354",
        "999",
        "a line without end",
        "a reply without end",
    ],
)
async def test_after_the_final_dot_everything_but_an_answer_is_doubt(acts: tuple[str, ...]) -> None:
    async with hostile(after_the_content(*acts), ordinary) as server:
        receipt = await outcome_of(server, timeouts=HASTY)

    assert [result.status for result in receipt.results] == [IN_DOUBT]
    assert isinstance(receipt.error, InDoubtError)
    assert server.count("Subject:") == 1, "a message in doubt is not sent again"
    assert server.connections == 1


async def test_a_server_that_closes_its_half_is_gone() -> None:
    """It will never answer, so nobody waits for a deadline; SMTP knows no half-closed session."""

    async def conversation(peer: Peer) -> None:
        await up_to_content(peer)
        await peer.hear_content()
        await peer.half_close()

    async with hostile(conversation) as server:
        receipt = await asyncio.wait_for(outcome_of(server), timeout=5)

    assert isinstance(receipt.error, InDoubtError)
    assert "closed" in str(receipt.error)


@pytest.mark.parametrize("end", ["hang up", "reset"])
async def test_a_verdict_counts_even_when_the_connection_dies_with_it(end: str) -> None:
    async def conversation(peer: Peer) -> None:
        await up_to_content(peer)
        await peer.hear_content()
        peer.say("250 2.0.0 queued as 7")
        await peer.flush()
        if end == "hang up":
            await peer.hang_up()
        else:
            await asyncio.sleep(0.05)
            await peer.reset()

    async with hostile(conversation) as server:
        receipt = await send(server)

    assert receipt.ok
    assert "queued as 7" in receipt.reply


async def test_a_refused_quit_changes_nothing() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        await peer.take_message()
        await peer.answer("500 I will not")
        await peer.reset()

    async with hostile(conversation) as server, transport_to(server, timeouts=HASTY) as transport:
        receipt = await transport.deliver(envelope(), message())
        await transport.close()

    assert receipt.ok


@pytest.mark.parametrize("end", ["hang_up", "reset"])
async def test_the_connection_breaks_in_the_content(end: str) -> None:
    """The server cannot have taken what it did not get to the end; the same octets go out in a new session."""

    async def conversation(peer: Peer) -> None:
        await up_to_content(peer)
        await peer.hear_octets(100_000)
        await getattr(peer, end)()

    async with hostile(conversation, ordinary) as server:
        receipt = await send(server, size=LARGE)

    assert receipt.ok
    assert receipt.attempts == 2
    assert server.connections == 2


async def test_the_connection_breaks_in_every_content() -> None:
    async def conversation(peer: Peer) -> None:
        await up_to_content(peer)
        await peer.hear_octets(100_000)
        await peer.reset()

    async with hostile(conversation) as server:
        with pytest.raises(DisconnectedError):
            await send(server, size=LARGE)

    assert server.connections == 2


async def test_a_server_that_stops_reading_is_given_up() -> None:
    async def conversation(peer: Peer) -> None:
        await up_to_content(peer)
        await peer.stop_reading()

    async with hostile(conversation) as server:
        with pytest.raises(DeliveryTimeoutError):
            await send(server, size=LARGE, timeouts=HASTY)

    assert server.connections == 1, "who has waited for a deadline once is not made to wait again"


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
async def test_the_connection_breaks_in_the_envelope(stage: str) -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        while not (await peer.hear()).startswith(stage):
            peer.say("250 ok")
        await peer.reset()

    async with hostile(conversation, ordinary) as server:
        receipt = await send(server)

    assert receipt.ok
    assert server.count("Subject:") == 1


# -- lies -----------------------------------------------------------------------------------------------------


async def only_outcome(server: HostileServer, *, size: int = 0) -> Receipt | DeliveryError:
    """Send one message; give whatever comes of it."""
    async with transport_to(server, timeouts=HASTY) as transport:
        async for delivery in transport.deliver_all(iter((Delivery(envelope(), message(size)),))):
            if delivery.receipt is not None:
                return delivery.receipt
            assert isinstance(delivery.error, DeliveryError)
            return delivery.error
    raise AssertionError("a delivery was lost")


async def test_a_250_said_before_the_content_is_not_its_answer() -> None:
    """The server accepts in advance and refuses after the content; only the refusal is true."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        await peer.answer("250 ok", "250 ok")
        await peer.hear()
        peer.say("354 go ahead", "250 2.0.0 queued, in advance")
        await peer.hear_content()
        peer.say("554 5.7.1 refused")

    async with hostile(conversation) as server:
        outcome = await only_outcome(server)

    assert not (isinstance(outcome, Receipt) and outcome.accepted)


async def test_a_250_said_in_the_middle_of_the_content_is_not_its_answer() -> None:
    async def conversation(peer: Peer) -> None:
        await up_to_content(peer)
        await peer.hear_octets(100_000)
        peer.say("250 2.0.0 queued, in advance")
        await peer.hear_content()
        peer.say("554 5.7.1 refused")

    async with hostile(conversation) as server:
        outcome = await only_outcome(server, size=LARGE)

    assert not (isinstance(outcome, Receipt) and outcome.accepted)


@pytest.mark.parametrize("stage", ["greeting", "EHLO", "MAIL", "RCPT"])
async def test_a_doubled_reply_does_not_shift_the_dialogue(stage: str) -> None:
    """With one reply too many, each later reply would be taken for that of the next command."""

    async def conversation(peer: Peer) -> None:
        def twice(name: str, reply: str) -> None:
            peer.say(reply, *([reply] if name == stage else []))

        twice("greeting", "220 hello")
        await peer.hear()
        twice("EHLO", "250 hostile.example")
        for name in ("MAIL", "RCPT"):
            await peer.hear()
            twice(name, "250 ok")
        await peer.hear()
        peer.say("354 go ahead")
        await peer.hear_content()
        peer.say("554 5.7.1 refused")

    async with hostile(conversation) as server:
        outcome = await only_outcome(server)

    assert not (isinstance(outcome, Receipt) and outcome.accepted)


async def test_one_answer_too_many_does_not_accept_the_next_message() -> None:
    """The server says 250 twice to the first message; the second message must not live on the spare one."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome("PIPELINING")
        await peer.take_message()
        peer.say("250 2.0.0 and once more")
        await refusing(peer)

    async def refusing(peer: Peer) -> None:
        while True:
            await peer.take_message("554 5.7.1 refused")

    async def from_the_start(peer: Peer) -> None:
        await peer.welcome("PIPELINING")
        await refusing(peer)

    async with (
        hostile(conversation, from_the_start) as server,
        transport_to(server, timeouts=HASTY) as transport,
    ):
        found = {delivery.index: delivery async for delivery in transport.deliver_all(deliveries(5))}

    assert len(found) == 5
    for index in range(1, 5):
        receipt = found[index].receipt
        assert receipt is None or not receipt.accepted


async def test_chatter_while_the_session_is_idle_ends_it() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        await peer.take_message()
        peer.say("250 2.0.0 by the way")
        await peer.take_message()

    async with hostile(conversation, ordinary) as server, transport_to(server) as transport:
        first = await transport.deliver(envelope(), message())
        await asyncio.sleep(0.05)
        second = await transport.deliver(envelope(), message())

    assert first.ok
    assert second.ok
    assert server.connections == 2


# -- what is under way beside it --------------------------------------------------------------------------------


async def test_a_break_in_a_stream_doubts_only_what_was_sent_completely() -> None:
    """Ten messages, pipelined; the connection dies after the third content and before its answer."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome("PIPELINING")
        await peer.take_message()
        await peer.take_message()
        while (await peer.hear()) != "DATA":
            peer.say("250 ok")
        peer.say("354 go ahead")
        await peer.hear_content()
        await peer.reset()

    async with hostile(conversation, ordinary) as server, transport_to(server) as transport:
        found = [delivery async for delivery in transport.deliver_all(deliveries(10))]

    doubted = [delivery.index for delivery in found if delivery.receipt and delivery.receipt.in_doubt]
    accepted = sorted(delivery.index for delivery in found if delivery.receipt and delivery.receipt.ok)
    assert doubted == [2]
    assert accepted == [0, 1, 3, 4, 5, 6, 7, 8, 9]
    assert server.count("Subject:") == 10, "each content went out once"


async def test_a_break_in_a_window_of_chunks_doubts_the_window_and_no_more() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome("PIPELINING", "CHUNKING", "8BITMIME")
        for _ in range(4):
            await peer.hear()
        await peer.reset()

    async with (
        hostile(conversation, ordinary) as server,
        transport_to(server, chunking_window=4, limits=Limits(max_sessions=1)) as transport,
    ):
        found = [delivery async for delivery in transport.deliver_all(deliveries(10))]

    doubted = {delivery.index for delivery in found if delivery.receipt and delivery.receipt.in_doubt}
    accepted = {delivery.index for delivery in found if delivery.receipt and delivery.receipt.ok}
    assert doubted == {0, 1, 2, 3}
    assert accepted == {4, 5, 6, 7, 8, 9}


@pytest.mark.parametrize("end", ["hang_up", "reset"])
async def test_an_idle_session_that_the_server_closed_is_replaced_unseen(end: str) -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        await peer.take_message()
        await getattr(peer, end)()

    async with hostile(conversation, ordinary) as server, transport_to(server) as transport:
        first = await transport.deliver(envelope(), message())
        await asyncio.sleep(0.05)
        second = await transport.deliver(envelope(), message())

    assert first.ok
    assert (second.ok, second.attempts) == (True, 1)
    assert server.connections == 2


async def test_a_session_closed_at_the_very_moment_of_use_is_replaced_unseen() -> None:
    """The server's goodbye and our next message cross on the way."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome("PIPELINING")
        await peer.take_message()
        await peer.hear()
        await peer.reset()

    async with hostile(conversation, ordinary) as server, transport_to(server) as transport:
        first = await transport.deliver(envelope(), message())
        second = await transport.deliver(envelope(), message())

    assert first.ok
    assert second.ok
    assert server.count("Subject:") == 2
