"""What a courier may not mistake for certainty: contents that may have been taken, and results that say nothing."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from dataclasses import replace

import pytest
from tests.unit.engine.courier_scene import Scene, Server
from tests.unit.engine.memory_transport import receipt_for

from eilbote.deliver.delivery import Delivery
from eilbote.deliver.session_faults import out_of_time, unwritten
from eilbote.errors import ConnectError, OutboxError
from eilbote.model.attempt import EventKind
from eilbote.model.status import EntryState, RecipientStatus
from eilbote.model.submission import InDoubtPolicy
from eilbote.outbox.settlement import Settlement
from eilbote.record.notice import NoticeKind

DOWN = ConnectError("connection refused", stage="connect", server="office.example.org:465")
DEFERRED = RecipientStatus.DEFERRED


class _LosesResults(Server):
    """Has sent the content when it is closed, and cannot write down what became of it."""

    def __init__(self) -> None:
        super().__init__()
        self.aborted = asyncio.Event()

    async def deliver_all(
        self, source: Iterator[Delivery] | AsyncIterator[Delivery]
    ) -> AsyncGenerator[Delivery, None]:
        assert isinstance(source, AsyncIterator)
        async for delivery in source:
            self.sent.append((delivery.envelope, delivery.message))
            await self.aborted.wait()
            delivery.error = unwritten(ValueError("a reply nobody can read"), server="office:465")
            yield delivery

    async def abort(self) -> None:
        self.aborted.set()


@pytest.mark.asyncio
async def test_sent_without_a_receipt_is_in_doubt_when_the_courier_is_stopped_at_once() -> None:
    """A content had gone out whole, and its result was lost in a fault of ours while the courier was being stopped.

    It was put back as if nothing had been sent, and an author who had asked for ``park`` got a second copy.
    """
    scene = Scene(grace_seconds=0)
    server = scene.servers["office"] = _LosesResults()
    await scene.store.open()
    (entry,) = await scene.submit(on_in_doubt=InDoubtPolicy.PARK)
    async with scene.running():
        await scene.time.turn(1.0)
        assert len(server.sent) == 1
    seen = await scene.entry(entry)
    assert seen.state is EntryState.HELD
    assert [recipient.status for recipient in seen.recipients] == [RecipientStatus.IN_DOUBT]
    assert EventKind.IN_DOUBT in scene.heard.kinds()


@pytest.mark.asyncio
async def test_a_probe_that_missed_its_moment_does_not_end_a_pause() -> None:
    """A server was down; the probe was given up here before the server was asked, and all mail was let loose on it."""
    scene = Scene(lease_seconds=120.0)
    scene.office.down = DOWN
    await scene.store.open()
    await scene.submit(20)
    async with scene.running():
        await scene.time.turn(30.0)
        assert len(await scene.store.pauses()) == 1
        scene.office.down = None

        def decide(envelope: object, message: object) -> object:
            receipt = receipt_for(envelope, message, DEFERRED, out_of_time(stage="data"))  # type: ignore[arg-type]
            return replace(receipt, results=tuple(replace(one, reply_code=0) for one in receipt.results))

        scene.office.decide = decide  # type: ignore[assignment]
        await scene.time.turn(65.0)
        assert scene.office.sent
        assert len(await scene.store.pauses()) == 1, "nothing was learned of the server"
        scene.office.decide = receipt_for
        await scene.time.turn(130.0)
        assert await scene.states() == {"done": 20}
        assert await scene.store.pauses() == []


@pytest.mark.asyncio
async def test_a_result_that_cannot_be_written_holds_its_entry_and_no_other_result() -> None:
    """Results are written by the hundred; one that the outbox cannot keep was tried for ever, and the others with it.

    Nothing was claimed any more, and after a restart everything that had been sent was sent once more.
    """
    scene = Scene()
    await scene.store.open()
    entries = await scene.submit(50)
    settle = scene.store.settle

    async def picky(settlements: Sequence[Settlement]) -> list[bool]:
        if any(one.id == entries[7] and one.attempt for one in settlements):
            raise OutboxError("the outbox cannot keep this")
        return await settle(settlements)

    scene.store.settle = picky  # type: ignore[method-assign]
    async with scene.running():
        await scene.time.turn(30.0)
        assert await scene.states() == {"done": 49, "held": 1}
    assert len(scene.office.sent) == 50
    held = await scene.entry(entries[7])
    assert "may have been sent" in held.reason
    assert "recipient 0 accepted" in held.reason
    assert NoticeKind.UNFORESEEN in scene.heard.noticed_kinds()
