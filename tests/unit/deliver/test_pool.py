"""The pool in every kind of trouble: what is sent, what waits, what is told to whom."""

import asyncio
from collections.abc import Sequence

import pytest
from tests.unit.deliver.fake_session import Bench, FakeSession, Mailbag, a_delivery, settle_down

from eilbote.connections.limits import Limits
from eilbote.deliver.delivery import Delivery
from eilbote.deliver.pool import Pool
from eilbote.deliver.pool_plan import RETRY_AFTER_SECONDS
from eilbote.deliver.supply import Supply
from eilbote.errors import AuthenticationError, ConnectError, DisconnectedError
from eilbote.testing.manual_clock import ManualClock

pytestmark = pytest.mark.asyncio


class Scene:
    """A pool on a bench of fake sessions."""

    def __init__(self, *, window: int = 2, **limits: float) -> None:
        self.bench = Bench(window=window)
        self.clock = ManualClock()
        self.pool = Pool(self.bench, Limits(**limits), clock=self.clock)  # type: ignore[arg-type]
        self.bag = Mailbag()

    def put(self, count: int = 1) -> list[Delivery]:
        made = [a_delivery(index) for index in range(count)]
        for delivery in made:
            delivery.owner = self.bag
            self.pool.put(delivery)
        return made

    async def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.pool.kick()
        await settle_down()


async def test_a_message_opens_a_session_and_the_next_one_uses_it() -> None:
    scene = Scene()

    scene.put()
    await settle_down()
    scene.bench.sessions[0].decide()
    scene.put()
    await settle_down()
    scene.bench.sessions[0].decide()

    assert scene.bench.attempts == 1
    assert [delivery.receipt is not None for delivery in scene.bag.settled] == [True, True]
    await scene.pool.abort()


async def test_nothing_is_opened_while_nothing_waits() -> None:
    scene = Scene()

    scene.pool.kick()
    await settle_down()

    assert scene.bench.attempts == 0
    await scene.pool.close()


async def test_the_first_session_is_tried_alone_then_the_number_grows_with_the_work() -> None:
    scene = Scene(max_sessions=4)
    scene.bench.gate.clear()

    scene.put(100)
    await settle_down()
    first = scene.bench.attempts
    scene.bench.gate.set()
    await settle_down()

    assert first == 1
    assert scene.bench.most_open == 4
    assert scene.bench.most_in_flight == 2
    await scene.pool.abort()


async def test_few_messages_open_few_sessions() -> None:
    scene = Scene(max_sessions=4)

    scene.put(3)
    await settle_down()

    assert scene.bench.most_open == 2
    await scene.pool.abort()


async def test_one_refused_site_fails_everybody_with_one_attempt() -> None:
    scene = Scene()
    scene.bench.failures = [AuthenticationError("the server refused user and password")]

    scene.put(1000)
    await settle_down()

    assert scene.bench.attempts == 1
    assert len(scene.bag.settled) == 1000
    assert all(isinstance(delivery.error, AuthenticationError) for delivery in scene.bag.settled)
    await scene.pool.close()


async def test_after_a_refusal_the_next_message_tries_again() -> None:
    scene = Scene()
    scene.bench.failures = [ConnectError("nothing listens")]

    scene.put()
    await settle_down()
    scene.put()
    await settle_down()
    scene.bench.sessions[0].decide()

    assert [delivery.error is None for delivery in scene.bag.settled] == [False, True]
    await scene.pool.close()


async def test_a_fault_nobody_foresaw_leaves_nobody_waiting() -> None:
    scene = Scene()
    scene.bench.failures = [ZeroDivisionError("oops")]

    scene.put()
    await settle_down()

    assert "ZeroDivisionError" in str(scene.bag.settled[0].error)
    await scene.pool.close()


async def test_a_session_that_cannot_be_fed_leaves_nobody_waiting() -> None:
    class Faulty(FakeSession):
        def submit_several(self, deliveries: Sequence[Delivery]) -> None:
            raise ZeroDivisionError

    scene = Scene()
    scene.bench.kind = Faulty
    scene.put(3)
    await settle_down()

    assert len(scene.bag.settled) == 3
    assert scene.bench.sessions[0].aborted
    await scene.pool.close()


async def test_what_was_taken_together_with_a_message_that_cannot_be_begun_is_begun_later() -> None:
    class Faulty(FakeSession):
        def submit_several(self, deliveries: Sequence[Delivery]) -> None:
            if deliveries[0].index == 1:
                raise ZeroDivisionError
            super().submit_several(deliveries)

    scene = Scene(window=3)
    scene.bench.kind = Faulty
    scene.put()
    await settle_down()
    scene.bench.sessions[0].decide()
    waiting = iter([a_delivery(index) for index in range(1, 4)])
    series = Supply(waiting, scene.pool)

    with pytest.raises(ZeroDivisionError):
        scene.pool.attach(series)
    scene.pool.kick()

    assert [delivery.index for delivery in scene.bench.sessions[0].submitted] == [2, 3]
    scene.bench.sessions[0].decide(2)
    await scene.pool.close()


async def test_a_server_that_refuses_a_further_session_is_served_with_those_it_takes() -> None:
    scene = Scene(max_sessions=8)
    scene.put(2)
    await settle_down()
    scene.bench.failures = [ConnectError("421 too many connections")]
    scene.put(48)
    await settle_down()
    attempts = scene.bench.attempts

    for _ in range(60):
        for session in scene.bench.sessions:
            if session.submitted:
                session.decide()
        await settle_down()

    assert len(scene.bag.settled) == 50
    assert all(delivery.error is None for delivery in scene.bag.settled)
    assert scene.bench.attempts == attempts, "the refused number was not tried again at once"
    await scene.pool.close()


async def test_a_moment_without_sessions_does_not_end_a_series() -> None:
    """The only session is full and replaced, and the server still counts the old one: it says 421, once."""
    scene = Scene(max_sessions=1, max_messages_per_session=3)
    scene.put(6)
    await settle_down()
    scene.bench.failures = [ConnectError("421 too many connections from your host")]
    scene.bench.sessions[0].decide(2)
    scene.bench.sessions[0].decide(1)
    await settle_down()
    attempts, settled = scene.bench.attempts, len(scene.bag.settled)

    await scene.pass_time(RETRY_AFTER_SECONDS - 0.1)
    early = scene.bench.attempts
    await scene.pass_time(0.1)
    scene.bench.sessions[1].decide(2)
    scene.bench.sessions[1].decide(1)

    assert (attempts, settled, early) == (2, 3, 2)
    assert [delivery.error for delivery in scene.bag.settled] == [None] * 6
    await scene.pool.close()


async def test_a_server_that_stays_away_is_asked_once_more_and_then_given_up() -> None:
    scene = Scene(max_sessions=1, max_messages_per_session=1)
    scene.put(3)
    await settle_down()
    scene.bench.failures = [ConnectError("421 come back later") for _ in range(5)]
    scene.bench.sessions[0].decide()
    await settle_down()
    await scene.pass_time(RETRY_AFTER_SECONDS)

    assert scene.bench.attempts == 3
    assert [delivery.error is None for delivery in scene.bag.settled] == [True, False, False]
    await scene.pool.close()


async def test_closing_in_the_pause_leaves_nobody_waiting() -> None:
    scene = Scene(max_sessions=1, max_messages_per_session=1)
    scene.put(2)
    await settle_down()
    scene.bench.failures = [ConnectError("421 come back later")]
    scene.bench.sessions[0].decide()
    await settle_down()

    await scene.pool.close()

    assert [delivery.error is None for delivery in scene.bag.settled] == [True, False]
    assert "closed" in str(scene.bag.settled[1].error)


async def test_a_full_session_is_replaced() -> None:
    scene = Scene(max_sessions=1, max_messages_per_session=3)
    scene.put(5)

    for _ in range(12):
        await settle_down()
        for session in scene.bench.sessions:
            if session.submitted:
                session.decide()
    await settle_down()

    assert [session.delivered for session in scene.bench.sessions] == [3, 2]
    assert scene.bench.sessions[0].quits == 1
    assert scene.bench.most_open == 1
    await scene.pool.close()


async def test_an_idle_session_says_goodbye() -> None:
    scene = Scene(idle_seconds=30)
    scene.put()
    await settle_down()
    scene.bench.sessions[0].decide()

    await scene.pass_time(29)
    early = scene.bench.sessions[0].quits
    await scene.pass_time(1)

    assert (early, scene.bench.sessions[0].quits) == (0, 1)
    await scene.pool.close()


async def test_an_idle_session_is_not_asked_whether_it_lives_until_somebody_needs_it() -> None:
    scene = Scene()
    scene.put()
    await settle_down()
    scene.bench.sessions[0].decide()

    await scene.pass_time(10)
    unneeded = scene.bench.sessions[0].checks
    scene.put()
    await settle_down()

    assert (unneeded, scene.bench.sessions[0].checks) == (0, 1)
    assert scene.bench.sessions[0].in_flight == 1
    await scene.pool.abort()


async def test_a_session_that_died_quietly_is_replaced_unseen() -> None:
    scene = Scene()
    scene.put()
    await settle_down()
    scene.bench.sessions[0].decide()
    scene.bench.sessions[0].alive = False

    await scene.pass_time(10)
    scene.put()
    await settle_down()
    scene.bench.sessions[1].decide()

    assert [delivery.error for delivery in scene.bag.settled] == [None, None]
    assert [delivery.attempts for delivery in scene.bag.settled] == [0, 0]
    await scene.pool.close()


async def test_messages_of_a_broken_session_move_to_another() -> None:
    scene = Scene(max_sessions=1)
    sent = scene.put(2)
    await settle_down()

    scene.bench.sessions[0].break_down(begun=1)
    await settle_down()

    assert scene.bench.sessions[1].submitted == sent
    assert scene.bag.settled == []
    await scene.pool.abort()


async def test_a_message_that_broke_two_sessions_is_given_up() -> None:
    scene = Scene(max_sessions=1)
    scene.put(1)
    await settle_down()

    scene.bench.sessions[0].break_down(begun=1)
    await settle_down()
    scene.bench.sessions[1].break_down(begun=1)
    await settle_down()

    assert isinstance(scene.bag.settled[0].error, DisconnectedError)
    assert scene.bench.attempts == 2
    await scene.pool.close()


async def test_a_server_that_hangs_up_on_everybody_is_not_called_for_ever() -> None:
    scene = Scene(max_sessions=1)
    scene.put(3)

    for _ in range(10):
        await settle_down()
        for session in scene.bench.sessions:
            if session.alive:
                session.break_down()

    assert scene.bench.attempts == 3
    assert len(scene.bag.settled) == 3
    await scene.pool.close()


async def test_the_rate_is_kept() -> None:
    scene = Scene(messages_per_second=2)
    scene.put(5)

    await settle_down()
    begun = [sum(session.in_flight for session in scene.bench.sessions)]
    for _ in range(4):
        await scene.pass_time(0.5)
        for session in scene.bench.sessions:
            if session.submitted:
                session.decide()
        begun.append(len(scene.bag.settled) + sum(session.in_flight for session in scene.bench.sessions))

    assert begun == [1, 2, 3, 4, 5]
    await scene.pool.abort()


async def test_who_asks_for_a_session_gets_one_or_the_reason() -> None:
    scene = Scene()
    scene.bench.failures = [ConnectError("nothing listens")]

    with pytest.raises(ConnectError):
        await scene.pool.ready()
    client = await scene.pool.ready()

    assert client is scene.bench.sessions[0]
    await scene.pool.close()


async def test_closing_waits_for_what_is_under_way_and_refuses_what_waits() -> None:
    scene = Scene(max_sessions=1)
    scene.put(3)
    await settle_down()

    closing = asyncio.create_task(scene.pool.close())
    await settle_down()
    refused = [delivery.index for delivery in scene.bag.settled if delivery.error]
    scene.bench.sessions[0].decide(2)
    await closing

    assert refused == [2]
    assert [delivery.index for delivery in scene.bag.settled if delivery.receipt] == [0, 1]
    assert scene.bench.sessions[0].quits == 1


async def test_after_closing_nothing_is_taken() -> None:
    scene = Scene()
    await scene.pool.close()

    scene.put()
    with pytest.raises(DisconnectedError):
        await scene.pool.ready()

    assert isinstance(scene.bag.settled[0].error, DisconnectedError)
    assert scene.bench.attempts == 0


async def test_closing_while_a_session_opens_leaves_nothing_behind() -> None:
    scene = Scene()
    scene.bench.gate.clear()
    scene.put()
    await settle_down()

    await scene.pool.close()

    assert len(scene.bag.settled) == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}
