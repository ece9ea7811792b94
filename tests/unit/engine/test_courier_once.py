"""One run that ends as soon as nothing is due: whoever asks for it waits for its end, and hears what is left."""

import pytest
from tests.unit.engine.courier_scene import Scene
from tests.unit.engine.memory_transport import receipt_for

from eilbote.errors import AuthenticationError, ConnectError, DisconnectedError
from eilbote.model.envelope import Envelope
from eilbote.model.message import Message
from eilbote.model.receipt import Receipt

DOWN = ConnectError("connection refused", stage="connect", server="office.example.org:465")
WRONG_PASSWORD = AuthenticationError("the server refused the password", stage="auth", reply_code=535)


async def once(scene: Scene, *, seconds: float = 1.0) -> None:
    """Run once, to be done within so much time."""
    await scene.store.open()
    running = scene.time.task(scene.courier.run(once=True))
    await scene.time.turn(seconds)
    assert running.done()
    running.result()


async def submitted(scene: Scene, count: int = 1, **changes: object) -> None:
    await scene.store.open()
    await scene.submit(count, **changes)


@pytest.mark.asyncio
async def test_a_server_that_cannot_be_reached_is_tried_once_and_named() -> None:
    """It used to be tried five times, with growing rests: eight seconds for a closed port."""
    scene = Scene("office", "shop")
    scene.office.down = DOWN
    await submitted(scene, 3)
    await submitted(scene, 3, connections=("shop",))
    await once(scene)
    assert scene.office.tried == 1
    assert await scene.states() == {"queued": 3, "done": 3}
    assert dict(scene.courier.unserved) == {"office": str(DOWN)}
    assert await scene.store.pauses() == []  # the next run, in a minute perhaps, shall try again


@pytest.mark.asyncio
async def test_a_connection_that_rests_is_named_with_the_reason() -> None:
    scene = Scene()
    scene.office.down = WRONG_PASSWORD
    await submitted(scene)
    await once(scene)
    assert list(scene.courier.unserved) == ["office"]
    (pause,) = await scene.store.pauses()
    assert "refused the password" in pause.reason

    scene.courier = scene.another_courier("later")
    await once(scene)
    assert dict(scene.courier.unserved) == {"office": pause.reason}
    assert scene.office.tried == 1


@pytest.mark.asyncio
async def test_mail_that_may_goes_another_way_before_the_run_ends() -> None:
    scene = Scene("office", "spare")
    scene.office.down = DOWN
    await submitted(scene, 2, connections=("office", "spare"))
    await once(scene)
    assert await scene.states() == {"done": 2}
    assert dict(scene.courier.unserved) == {}


@pytest.mark.asyncio
async def test_a_session_that_breaks_in_between_does_not_end_the_run() -> None:
    scene = Scene()
    broken = DisconnectedError("the server hung up", stage="mail")
    answers: list[DisconnectedError | None] = [None, broken, None]

    def decide(envelope: Envelope, message: Message) -> Receipt | DisconnectedError:
        return (answers.pop(0) if answers else None) or receipt_for(envelope, message)

    scene.office.decide = decide
    await submitted(scene, 4)
    await once(scene, seconds=600.0)
    assert (await scene.states())["done"] >= 3
    assert dict(scene.courier.unserved) == {}


@pytest.mark.asyncio
async def test_a_run_that_leaves_nothing_names_nobody() -> None:
    scene = Scene()
    await submitted(scene, 3)
    await once(scene)
    assert await scene.states() == {"done": 3}
    assert dict(scene.courier.unserved) == {}
