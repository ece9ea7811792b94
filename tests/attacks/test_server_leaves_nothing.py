"""Whatever happens, nothing stays behind: no open socket, no task, no warning, no message without its result."""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.attacks.hostile_server import HOST, Peer, hostile
from tests.attacks.scene import HASTY, deliveries, envelope, message, transport_to

from eilbote.connections.connection import Connection
from eilbote.connections.limits import Limits
from eilbote.engine.mailer import Mailer
from eilbote.errors import DeliveryError, DisconnectedError, EilboteError, InDoubtError
from eilbote.model.draft import Draft

pytestmark = pytest.mark.asyncio


def open_files() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


async def calm() -> None:
    """Let closed transports go."""
    for _ in range(10):
        await asyncio.sleep(0.005)


async def ordinary(peer: Peer) -> None:
    await peer.welcome("PIPELINING")
    await peer.take_mail()


async def rude(peer: Peer) -> None:
    """Fail in another way on each connection."""
    match peer.number % 6:
        case 0:
            await peer.reset()
        case 1:
            peer.say("554 no")
        case 2:
            peer.send(b"\x00\xff\r\n")
        case 3:
            await peer.welcome()
            await peer.reset()
        case 4:
            await peer.welcome()
            await peer.answer("250 ok", "250 ok", "354 ok")
            await peer.hear_octets(10)
            await peer.hang_up()
        case _:
            await peer.hang_up()


def mailer_to(port: int, **settings: object) -> Mailer:
    connection = Connection(
        host=HOST,
        port=port,
        security="none",
        default_from="me@example.org",
        **settings,  # type: ignore[arg-type]
    )
    return Mailer(connection)


def draft(number: int = 0) -> Draft:
    return Draft(to=f"p{number}@example.org", subject=f"number {number}", text="hello")


async def test_many_failing_sends_leave_no_file_open() -> None:
    async with hostile(rude) as server:
        before = 0
        for round_ in range(40):
            async with mailer_to(server.port, timeouts=HASTY) as mailer:
                with pytest.raises(EilboteError):
                    await mailer.send(draft())
            if round_ == 9:
                await calm()
                before = open_files()
        await calm()
        after = open_files()

    assert after <= before + 2
    assert server.connections >= 40


async def test_a_cancelled_send_leaves_nothing_behind() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        await peer.silence()

    async with hostile(conversation) as server:
        others = asyncio.all_tasks()
        async with mailer_to(server.port) as mailer:
            sending = asyncio.create_task(mailer.send(draft()))
            await calm()
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
        await calm()
        left = {task for task in asyncio.all_tasks() - others if "eilbote" in repr(task)}

    assert left == set()


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.005, 0.02])
async def test_a_send_cancelled_at_any_moment(seconds: float) -> None:
    async with hostile(ordinary) as server:
        with suppress(TimeoutError):
            async with mailer_to(server.port) as mailer, asyncio.timeout(seconds):
                while True:
                    await mailer.send(draft())
        await calm()
    assert server.count("RCPT") == server.count("MAIL")


async def test_cancelling_one_message_does_not_harm_the_others() -> None:
    async with hostile(ordinary) as server, mailer_to(server.port, limits=Limits(max_sessions=1)) as mailer:
        sends = [asyncio.create_task(mailer.send(draft(number))) for number in range(20)]
        await asyncio.sleep(0)
        sends[5].cancel()
        outcomes = await asyncio.gather(*sends, return_exceptions=True)

    assert isinstance(outcomes[5], asyncio.CancelledError)
    assert all(not isinstance(outcome, BaseException) for outcome in outcomes[:5] + outcomes[6:])
    assert server.count("RCPT TO:<p5@example.org>") == 0


async def test_a_series_left_early_takes_no_more_drafts() -> None:
    made = 0

    def drafts():  # type: ignore[no-untyped-def]  # noqa: ANN202
        nonlocal made
        for number in range(100_000):
            made += 1
            yield draft(number)

    async with hostile(ordinary) as server, mailer_to(server.port) as mailer:
        results = mailer.send_all(drafts())
        async for _ in results:
            break
        await results.aclose()  # type: ignore[attr-defined]
        seen = made
        await calm()

    assert made == seen < 2000


async def test_leaving_the_block_with_an_error_closes_at_once() -> None:
    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        await peer.silence()

    class OurError(Exception):
        pass

    async with hostile(conversation) as server:
        with suppress(OurError):
            async with mailer_to(server.port) as mailer:
                sending = asyncio.create_task(mailer.send(draft()))
                await calm()
                raise OurError
        with pytest.raises(DisconnectedError):
            await sending
        await calm()


async def test_closing_in_the_middle_of_the_content_is_told_as_what_it_is() -> None:
    """The final dot was written and the block is left: whether the server took it, nobody knows."""

    async def conversation(peer: Peer) -> None:
        await peer.welcome()
        await peer.answer("250 ok", "250 ok", "354 go")
        await peer.hear_content()
        heard_content.set()
        await peer.silence()

    heard_content = asyncio.Event()
    async with hostile(conversation) as server, transport_to(server) as transport:
        sending = asyncio.create_task(transport.deliver(envelope(), message()))
        await heard_content.wait()
        await transport.abort()
        receipt = await sending

    assert isinstance(receipt.error, InDoubtError)
    assert receipt.in_doubt == receipt.results


async def test_every_message_gets_one_result_whatever_the_servers_do() -> None:
    """Five hundred messages against a server that fails in six ways in turn; each comes back exactly once."""

    async def moody(peer: Peer) -> None:
        if peer.number % 3 == 1:
            await rude(peer)
            return
        await peer.welcome("PIPELINING")
        for number in range(25):
            await peer.take_message("250 ok" if number % 4 else "451 later")
        await peer.reset()

    async with hostile(moody) as server, transport_to(server, limits=Limits(max_sessions=3)) as transport:
        found = [delivery async for delivery in transport.deliver_all(deliveries(500))]

    assert sorted(delivery.index for delivery in found) == list(range(500))
    assert all(
        (delivery.receipt is None) != (delivery.error is None) or delivery.receipt for delivery in found
    )


async def test_results_are_told_while_the_source_is_still_slow() -> None:
    async def slow() -> AsyncIterator[Draft]:
        for number in range(5):
            yield draft(number)
            await asyncio.sleep(0.01)

    async with hostile(ordinary) as server, mailer_to(server.port) as mailer:
        found = [receipt.index async for receipt in mailer.send_all(slow())]

    assert sorted(found) == [0, 1, 2, 3, 4]


async def test_no_warning_is_heard_when_the_server_vanishes() -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        async with hostile(rude) as server:
            for _ in range(12):
                async with mailer_to(server.port, timeouts=HASTY) as mailer:
                    with suppress(DeliveryError):
                        await mailer.send(draft())
            await calm()
        gc.collect()

    assert [str(warning.message) for warning in heard if "eilbote" in str(warning.message)] == []
