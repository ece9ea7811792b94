"""Those who work runs: how they hold them, lose them, and let go of them."""

import asyncio
from collections.abc import Callable

import pytest
from tests.unit.engine.flow_scene import FlowScene, Told
from tests.unit.engine.hand_turned import HandTurned

from eilbote.author.flow.step import Outcome
from eilbote.engine.flow_effects import Asked, Done, Effects, Performed
from eilbote.engine.flow_worker import FlowWorker
from eilbote.engine.worker import WorkerOptions
from eilbote.testing import FixedIds

REQUEST = """
name: hook
nodes:
  - {id: post, kind: http_request, method: POST, url: "https://example.org/", store_result: input, store_as: answer}
"""


class Slow:
    """Performs web requests that take until a test says so."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.again: list[bool] = []
        self.has_begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.was_ended = False

    async def perform(self, asked: Asked, effect: object, /) -> Performed:
        self.begun.append(asked.run.key)
        self.again.append(asked.again)
        self.has_begun.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.was_ended = True
            raise
        return Done(outcome=Outcome(result={"status": 200}))


def hands_of(scene: FlowScene) -> HandTurned:
    hands = HandTurned()
    hands.clock = scene.clock
    return hands


def worker_of(
    scene: FlowScene, web: Slow, turned: HandTurned, *, options: WorkerOptions | None = None
) -> FlowWorker:
    return FlowWorker(
        store=scene.store,
        outbox=lambda: scene.outbox.store,
        effects=Effects(mail=scene.mail, web=web),
        clock=scene.clock,
        ids=FixedIds("worker"),
        report=scene.told,
        options=options,
        sleep=turned.sleep,
    )


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_a_run_is_held_for_as_long_as_its_node_takes() -> None:
    scene = await FlowScene.opened()
    slow, turned = Slow(), hands_of(scene)
    begun = await scene.begin(REQUEST)
    worker = worker_of(scene, slow, turned)
    working = asyncio.create_task(worker.run())
    await slow.has_begun.wait()
    for _ in range(20):
        await turned.turn(10)  # its leases last thirty seconds
    now = scene.desk._now()  # noqa: SLF001 - another worker looks
    assert await scene.store.claim("other", limit=1, now=now, until=now) == ()
    slow.may_end.set()
    await turned.settle()
    worker.stop()
    await working
    assert (await scene.desk.get(begun.id)).status == "done"
    assert slow.again == [False]


@pytest.mark.asyncio
async def test_who_was_away_for_longer_than_the_lease_keeps_nothing_any_more() -> None:
    """Its machine slept; another worker has taken the run over, and the first one finds its own results refused."""
    scene = await FlowScene.opened()
    slow, turned = Slow(), hands_of(scene)
    begun = await scene.begin(REQUEST)
    first = worker_of(scene, slow, turned)
    working = asyncio.create_task(first.run())
    await slow.has_begun.wait()
    scene.clock.advance(31)  # nobody turned its timers meanwhile: it did not notice
    taken = await scene.work(begun.id)
    assert taken.status == "done"
    assert scene.requests.again == [True]
    slow.may_end.set()
    await turned.settle()
    first.stop()
    await working
    ended = await scene.desk.get(begun.id)
    assert (ended.status, ended.changed) == ("done", taken.changed)
    assert [kind for kind in scene.told.kinds() if kind == "run_lease_lost"] == ["run_lease_lost"]


@pytest.mark.asyncio
async def test_who_learns_that_a_run_is_lost_ends_what_it_does_for_it() -> None:
    scene = await FlowScene.opened()
    slow, turned = Slow(), hands_of(scene)
    begun = await scene.begin(REQUEST)
    first = worker_of(scene, slow, turned)
    working = asyncio.create_task(first.run())
    await slow.has_begun.wait()
    scene.clock.advance(31)
    await scene.work(begun.id)
    await turned.turn(10)  # its next sign of life says that nobody believed in it any more
    assert slow.was_ended
    first.stop()
    await working


@pytest.mark.asyncio
async def test_a_worker_that_is_told_to_stop_finishes_what_it_has_begun() -> None:
    scene = await FlowScene.opened()
    slow, turned = Slow(), hands_of(scene)
    begun = await scene.begin(REQUEST)
    worker = worker_of(scene, slow, turned)
    working = asyncio.create_task(worker.run())
    await slow.has_begun.wait()
    worker.stop()
    await turned.settle()
    assert not working.done()
    slow.may_end.set()
    await working
    assert (await scene.desk.get(begun.id)).status == "done"


@pytest.mark.asyncio
async def test_a_worker_that_must_end_now_lets_others_go_on_at_once() -> None:
    scene = await FlowScene.opened()
    slow, turned = Slow(), hands_of(scene)
    begun = await scene.begin(REQUEST)
    worker = worker_of(scene, slow, turned)
    working = asyncio.create_task(worker.run())
    await slow.has_begun.wait()
    worker.stop()
    await turned.settle()
    worker.stop()
    await working
    assert (await scene.work(begun.id)).status == "done"  # no lease has to end first
    assert scene.requests.again == [True]  # what was on its way is in doubt


@pytest.mark.asyncio
async def test_not_more_runs_are_worked_at_a_time_than_was_said() -> None:
    scene = await FlowScene.opened()
    slow, turned = Slow(), hands_of(scene)
    for _ in range(10):
        await scene.begin(REQUEST)
    worker = worker_of(scene, slow, turned, options=WorkerOptions(most_runs=4))
    working = asyncio.create_task(worker.run())
    await until(lambda: len(slow.begun) == 4)
    await turned.turn(1)
    assert len(slow.begun) == 4
    slow.may_end.set()
    await until(lambda: len(slow.begun) == 10)
    worker.stop()
    await working


@pytest.mark.asyncio
async def test_a_run_whose_message_was_settled_by_a_courier_beside_it_goes_on_without_waiting() -> None:
    scene = await FlowScene.opened()
    turned = hands_of(scene)
    text = "name: m\nnodes:\n  - {id: mail, kind: send_smtp_email, to: a@example.org, subject: Hi}\n"
    begun = await scene.begin(text)
    worker = worker_of(scene, Slow(), turned)
    working = asyncio.create_task(worker.run())
    await turned.settle()
    assert (await scene.desk.get(begun.id)).status == "waiting"
    entries = await scene.entries()
    await scene.settle()
    await turned.settle()
    assert (await scene.desk.get(begun.id)).status == "waiting"  # no time has passed: nobody has looked
    worker.hear(entries)
    await turned.settle()
    assert (await scene.desk.get(begun.id)).status == "done"
    worker.stop()
    await working


@pytest.mark.asyncio
async def test_a_database_that_is_gone_for_a_while_is_told_once_and_survived() -> None:
    from eilbote import OutboxUnavailableError
    from eilbote.model.moment import Moment
    from eilbote.store.memory_flows import MemoryFlows

    class Away(MemoryFlows):
        left = 3

        async def next_due(self, now: Moment) -> Moment | None:
            if self.left:
                self.left -= 1
                raise OutboxUnavailableError("the database is gone")
            return await super().next_due(now)

    scene = FlowScene(Away())
    await scene.outbox.store.open()
    turned = hands_of(scene)
    slow = Slow()
    slow.may_end.set()
    begun = await scene.begin(REQUEST)
    worker = worker_of(scene, slow, turned)
    working = asyncio.create_task(worker.run())
    for _ in range(8):
        await turned.turn(1)
    assert (await scene.desk.get(begun.id)).status == "done"
    told: Told = scene.told
    assert [kind for kind in told.kinds() if kind.startswith("outbox")] == [
        "outbox_unavailable",
        "outbox_available",
    ]
    worker.stop()
    await working
