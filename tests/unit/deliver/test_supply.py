"""A series: taken lazily, told completely, whatever the source or the reader does."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from tests.unit.deliver.fake_session import Bench, a_delivery, settle_down

from eilbote.connections.limits import Limits
from eilbote.deliver.delivery import Delivery
from eilbote.deliver.pool import Pool
from eilbote.deliver.supply import AsyncSupply, Supply
from eilbote.errors import ConnectError
from eilbote.model.receipt import Receipt
from eilbote.testing.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio


class Scene:
    def __init__(self, *, window: int = 2, max_sessions: int = 2) -> None:
        self.bench = Bench(window=window)
        self.pool = Pool(self.bench, Limits(max_sessions=max_sessions), clock=ManualClock())  # type: ignore[arg-type]
        self.made = 0
        self.results: list[Delivery] = []

    def source(self, count: int) -> Iterator[Delivery]:
        for index in range(count):
            self.made += 1
            yield a_delivery(index)

    async def async_source(self, count: int) -> AsyncIterator[Delivery]:
        for delivery in self.source(count):
            await asyncio.sleep(0)
            yield delivery

    def start(self, supply: Supply) -> asyncio.Task[None]:
        async def read() -> None:
            async for delivery in supply.results():
                self.results.append(delivery)

        return asyncio.create_task(read())

    async def decide_all(self, reader: asyncio.Task[None]) -> None:
        while not reader.done():
            await asyncio.sleep(0)
            for session in self.bench.sessions:
                if session.submitted:
                    session.decide(len(session.submitted))


async def test_everything_is_sent_and_told_once() -> None:
    scene = Scene()

    reader = scene.start(Supply(scene.source(200), scene.pool))
    await scene.decide_all(reader)

    assert sorted(delivery.index for delivery in scene.results) == list(range(200))
    assert all(delivery.receipt for delivery in scene.results)
    await scene.pool.close()


async def test_messages_are_made_only_when_there_is_room() -> None:
    scene = Scene(window=2, max_sessions=2)

    reader = scene.start(Supply(scene.source(10_000), scene.pool))
    await settle_down()

    assert scene.bench.most_open == 2
    assert scene.made <= 2 * 2 + 1
    reader.cancel()
    await scene.pool.abort()


async def test_a_slow_reader_holds_the_source_back() -> None:
    scene = Scene()
    supply = Supply(scene.source(5_000), scene.pool)
    results = supply.results()
    first_result = asyncio.create_task(anext(results))

    async def decide_what_there_is() -> None:
        for _ in range(3_000):
            await asyncio.sleep(0)
            for session in scene.bench.sessions:
                if session.submitted:
                    session.decide(len(session.submitted))

    await decide_what_there_is()
    stalled = scene.made
    first = [await first_result, *[await anext(results) for _ in range(599)]]
    await decide_what_there_is()

    assert stalled < 1_100
    assert scene.made > stalled
    assert len({delivery.index for delivery in first}) == 600
    await results.aclose()  # type: ignore[attr-defined]
    await scene.pool.abort()


async def test_an_empty_series_ends_without_a_session() -> None:
    scene = Scene()

    await scene.start(Supply(iter(()), scene.pool))

    assert scene.results == []
    assert scene.bench.attempts == 0
    await scene.pool.close()


async def test_one_refused_site_answers_for_the_whole_series() -> None:
    scene = Scene()
    scene.bench.failures = [ConnectError("nothing listens")]

    await scene.start(Supply(scene.source(5_000), scene.pool))

    assert scene.bench.attempts == 1
    assert [delivery.index for delivery in scene.results] == list(range(5_000))
    assert all(isinstance(delivery.error, ConnectError) for delivery in scene.results)
    await scene.pool.close()


async def test_a_source_that_fails_is_heard_after_the_results_of_what_it_gave() -> None:
    scene = Scene()

    def failing() -> Iterator[Delivery]:
        yield from scene.source(3)
        raise KeyError("row 4")

    reader = scene.start(Supply(failing(), scene.pool))
    with pytest.raises(KeyError):
        await asyncio.gather(reader, scene.decide_all(reader))

    assert len(scene.results) == 3
    await scene.pool.close()


async def test_what_has_its_receipt_already_keeps_its_turn() -> None:
    scene = Scene()
    decided = a_delivery(7)
    decided.receipt = object()  # type: ignore[assignment]

    await scene.start(Supply(iter((decided,)), scene.pool))

    assert scene.results == [decided]
    assert scene.bench.attempts == 0
    await scene.pool.close()


async def test_two_series_share_the_sessions() -> None:
    scene = Scene(max_sessions=1)
    one = scene.start(Supply(scene.source(20), scene.pool))
    two = scene.start(Supply(scene.source(20), scene.pool))

    await asyncio.gather(scene.decide_all(one), scene.decide_all(two))

    assert len(scene.results) == 40
    await scene.pool.close()


async def test_an_asynchronous_source_is_read_a_little_ahead() -> None:
    scene = Scene()
    supply = AsyncSupply(scene.async_source(500), scene.pool)
    reader = scene.start(supply)
    for _ in range(400):
        await asyncio.sleep(0)
    ahead = scene.made

    await scene.decide_all(reader)

    assert ahead < 80
    assert sorted(delivery.index for delivery in scene.results) == list(range(500))
    await scene.pool.close()


class CountedLine:
    """Takes whatever there is each time it is told to look."""

    def __init__(self) -> None:
        self.looks = 0
        self.taken: list[Delivery] = []
        self._source: Supply | None = None

    def attach(self, source: Supply) -> None:
        self._source = source

    def detach(self, source: Supply) -> None:
        assert source is self._source
        self._source = None

    def kick(self) -> None:
        self.looks += 1
        while self._source is not None and (delivery := self._source.take()) is not None:
            self.taken.append(delivery)


async def test_the_line_looks_once_for_all_that_a_source_has_ready() -> None:
    scene, line = Scene(), CountedLine()

    async def in_batches() -> AsyncIterator[Delivery]:
        for _ in range(3):
            await asyncio.sleep(0)
            for delivery in scene.source(20):
                yield delivery

    reader = scene.start(AsyncSupply(in_batches(), line))
    await settle_down()

    assert len(line.taken) == 60
    assert line.looks == 4  # once a batch, and once more for the end
    reader.cancel()
    await settle_down()


async def test_the_line_hears_nothing_of_a_series_that_was_left() -> None:
    scene, line = Scene(), CountedLine()

    async def left_by_its_reader() -> AsyncIterator[Delivery]:
        reader.cancel()
        for delivery in scene.source(1):
            yield delivery
        await asyncio.get_running_loop().create_future()  # there may be more some day

    reader = scene.start(AsyncSupply(left_by_its_reader(), line))
    await settle_down()

    assert reader.cancelled()
    assert line.looks == 0


async def test_an_asynchronous_source_that_fails_is_heard_last() -> None:
    scene = Scene()

    async def failing() -> AsyncIterator[Delivery]:
        async for delivery in scene.async_source(3):
            yield delivery
        raise KeyError("row 4")

    reader = scene.start(AsyncSupply(failing(), scene.pool))
    with pytest.raises(KeyError):
        await asyncio.gather(reader, scene.decide_all(reader))

    assert len(scene.results) == 3
    await scene.pool.close()


async def test_a_series_that_breaks_off_takes_nothing_more() -> None:
    scene = Scene()
    supply = Supply(scene.source(1_000), scene.pool)
    reader = scene.start(supply)
    await settle_down()

    reader.cancel()
    await settle_down()
    made = scene.made
    for session in scene.bench.sessions:
        session.decide(len(session.submitted))
    await settle_down()

    assert scene.made == made
    await scene.pool.close()


class InBlocks:
    """A source that makes several at once; ``refused`` are those that cannot be composed."""

    def __init__(
        self, count: int, *, refused: frozenset[int] = frozenset(), failure: Exception | None = None
    ) -> None:
        self.made = 0
        self.asked: list[int] = []
        self._count = count
        self._refused = refused
        self._failure = failure

    def __iter__(self) -> Iterator[Delivery]:
        return self

    def __next__(self) -> Delivery:
        for delivery in self.take(1):
            return delivery
        raise StopIteration

    def take(self, most: int) -> list[Delivery]:
        self.asked.append(most)
        given = [a_delivery(index) for index in range(self.made, min(self.made + most, self._count))]
        if not given and self._failure is not None:
            raise self._failure
        self.made += len(given)
        for delivery in given:
            if delivery.index in self._refused:
                delivery.receipt = Receipt(message_id="", envelope=None, results=(), index=delivery.index)
        return given


async def test_a_source_is_asked_for_several_at_once() -> None:
    scene, source = Scene(window=8, max_sessions=1), InBlocks(50)

    reader = scene.start(Supply(source, scene.pool))
    await settle_down()
    assert source.made <= 8 + 1  # as many as there is room for, and one to know whether there is another
    await scene.decide_all(reader)

    assert sorted(delivery.index for delivery in scene.results) == list(range(50))
    assert max(source.asked) == 8
    assert scene.bench.most_in_flight <= 8
    await scene.pool.close()


async def test_what_a_block_could_not_compose_takes_nobodys_place() -> None:
    scene, source = Scene(window=8, max_sessions=1), InBlocks(60, refused=frozenset(range(10, 40)))

    await scene.decide_all(scene.start(Supply(source, scene.pool)))

    assert sorted(delivery.index for delivery in scene.results) == list(range(60))
    assert scene.bench.sessions[0].delivered == 30
    await scene.pool.close()


async def test_a_block_that_fails_is_heard_after_the_results_of_those_before_it() -> None:
    scene, source = Scene(window=8, max_sessions=1), InBlocks(20, failure=LookupError("no more rows"))
    reader = scene.start(Supply(source, scene.pool))

    with pytest.raises(LookupError, match="no more rows"):
        await asyncio.gather(scene.decide_all(reader), reader)

    assert len(scene.results) == 20
    await scene.pool.close()


async def test_a_reader_that_falls_behind_stops_blocks_too() -> None:
    scene, source = Scene(window=8, max_sessions=1), InBlocks(5_000)
    results = Supply(source, scene.pool).results()
    first = asyncio.create_task(anext(results))

    for _ in range(3_000):
        await asyncio.sleep(0)
        for session in scene.bench.sessions:
            if session.submitted:
                session.decide(len(session.submitted))

    assert (await first).index == 0
    assert 900 < source.made < 1_100
    await results.aclose()
    await scene.pool.abort()
