"""Whether a server is ready: what is asked for it, how often, and what anybody hears of it."""

import httpx2
import pytest
from fastapi import FastAPI

from eilbote.api.health_pages import health_router
from eilbote.api.readiness import Readiness
from eilbote.errors import OutboxUnavailableError
from eilbote.model.moment import moment_of
from eilbote.record.notice import Notice, NoticeKind
from eilbote.testing import ManualClock


class Outbox:
    """Answers or not, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers = True

    async def pauses(self) -> list[str]:
        self.asked += 1
        if not self.answers:
            raise OutboxUnavailableError("the database /secret/path is gone")
        return []


async def ask(readiness: Readiness, path: str) -> httpx2.Response:
    app = FastAPI()
    app.include_router(health_router(readiness))
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app), base_url="http://eilbote.test"
    ) as client:
        return await client.get(path)


@pytest.mark.asyncio
async def test_a_server_is_ready_until_it_is_told_to_stop_and_lives_on() -> None:
    readiness = Readiness(Outbox().pauses, clock=ManualClock())
    assert (await ask(readiness, "/readyz")).status_code == 200

    readiness.stopping.set()

    said = await ask(readiness, "/readyz")
    assert (said.status_code, said.headers["retry-after"]) == (503, "5")
    assert said.json()["checks"] == {"server": "stopping", "database": "ok", "writing": "ok"}
    assert (await ask(readiness, "/livez")).status_code == 200


@pytest.mark.asyncio
async def test_a_database_that_does_not_answer_is_told_in_a_word_and_asked_once_a_second() -> None:
    outbox, clock = Outbox(), ManualClock()
    readiness = Readiness(outbox.pauses, clock=clock)
    outbox.answers = False

    said = [await ask(readiness, "/readyz") for _ in range(5)]

    assert {each.status_code for each in said} == {503}
    assert said[0].json()["checks"]["database"] == "unavailable"
    assert "secret" not in said[0].text
    assert outbox.asked == 1
    outbox.answers = True
    clock.advance(1.5)
    assert (await ask(readiness, "/readyz")).status_code == 200


@pytest.mark.asyncio
async def test_a_courier_that_cannot_write_makes_it_not_ready_until_it_can() -> None:
    clock = ManualClock()
    readiness = Readiness(Outbox().pauses, clock=clock)
    readiness.noticed(Notice(kind=NoticeKind.OUTBOX_UNAVAILABLE, at=moment_of(clock.now())))
    assert (await ask(readiness, "/readyz")).json()["checks"]["writing"] == "unavailable"

    readiness.noticed(Notice(kind=NoticeKind.OUTBOX_AVAILABLE, at=moment_of(clock.now())))
    assert (await ask(readiness, "/readyz")).status_code == 200
