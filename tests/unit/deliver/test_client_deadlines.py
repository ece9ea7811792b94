"""The client's deadlines, in a loop whose time jumps from timer to timer."""

from __future__ import annotations

import asyncio

import pytest
from tests.unit.deliver.client_scene import CONTENT, ONE, PIPELINED, YES, Scene, delivery

from eilbote.deliver.client import Client
from eilbote.deliver.delivery import Delivery
from eilbote.errors import DeliveryTimeoutError, InDoubtError
from eilbote.model.timeouts import Timeouts
from eilbote.testing.manual_clock import ManualClock


def slow(**seconds: float) -> Timeouts:
    usual: dict[str, float] = dict.fromkeys(
        ("connect", "greeting", "command", "data_block", "final_dot"), 50.0
    )
    return Timeouts(**(usual | seconds))


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop that does not wait for a timer but jumps to it; the clock goes along."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self.clock = clock
        select = self._selector.select

        def jump(timeout: float | None = None) -> list[object]:
            if timeout:
                clock.advance(timeout)
            return select(0)

        self._selector.select = jump

    def time(self) -> float:
        return self.clock.monotonic()


def in_jumping_time(scene: Scene, *deliveries: Delivery) -> Client:
    with asyncio.Runner(loop_factory=lambda: JumpingLoop(scene.clock)) as runner:
        return runner.run(scene.send(*deliveries))


def test_a_greeting_that_never_comes() -> None:
    scene = Scene("C: never\n", timeouts=slow(greeting=7))
    with pytest.raises(DeliveryTimeoutError) as caught:
        in_jumping_time(scene, delivery())
    assert caught.value.stage == "greeting"
    assert "7 seconds" in caught.value.what
    assert 7 <= scene.clock.monotonic() < 14


@pytest.mark.parametrize(
    "rest,stage,doubt",
    [
        ("", "mail", False),
        ("S: 250 ok\n", "rcpt", False),
        ("S: 250 ok\nS: 250 ok\n", "data", False),
        (YES + CONTENT, "content", True),
    ],
)
def test_a_reply_that_never_comes(rest: str, stage: str, doubt: bool) -> None:
    scene = Scene(PIPELINED + ONE + rest, timeouts=slow(command=20, final_dot=90))
    one = delivery()
    in_jumping_time(scene, one)
    (error,) = scene.lost
    assert isinstance(error, DeliveryTimeoutError)
    assert error.stage == stage
    assert isinstance(one.error, InDoubtError) is doubt
    assert (scene.unsent == [one]) is not doubt
    assert scene.clock.monotonic() == pytest.approx(90 if doubt else 20)


def test_a_reply_that_comes_an_octet_at_a_time() -> None:
    """A server that sends one octet a second would hold a session for ever if each moved the deadline."""
    scene = Scene(PIPELINED + ONE, timeouts=slow(command=20))

    async def drip() -> None:
        sending = asyncio.create_task(scene.send(delivery()))
        await asyncio.sleep(1)
        for octet in b"250 " + b"x" * 100:
            if scene.lost:
                break
            scene.stream.say(bytes([octet]))
            await asyncio.sleep(1)  # jumps
        await sending

    with asyncio.Runner(loop_factory=lambda: JumpingLoop(scene.clock)) as runner:
        runner.run(drip())
    assert isinstance(scene.lost[0], DeliveryTimeoutError)
    assert scene.clock.monotonic() <= 23


def test_a_total_deadline() -> None:
    scene = Scene(PIPELINED + ONE + YES + CONTENT, timeouts=slow(final_dot=500, total=30))
    one = delivery()
    in_jumping_time(scene, one)
    assert isinstance(one.error, InDoubtError)
    assert scene.clock.monotonic() == pytest.approx(30)


def test_an_idle_session_has_no_deadline() -> None:
    scene = Scene(PIPELINED + ONE + YES + CONTENT + "S: 250 queued\n")

    async def idle() -> None:
        await scene.send(delivery())
        await asyncio.sleep(100_000)  # jumps

    with asyncio.Runner(loop_factory=lambda: JumpingLoop(scene.clock)) as runner:
        runner.run(idle())
    assert scene.lost == []
