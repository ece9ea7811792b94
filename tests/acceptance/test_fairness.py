"""Two organizations at one server: a noisy one with thousands of messages in the queue, and another one with a few.

What is counted is how many of the noisy one's messages arrive before the other's, never how long it takes: that holds on any machine.
Requests go into the application as a server in front of it would hand them over; mail goes to a real SMTP server on this machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.unit.api.server import FakeDoorkeeper

from eilbote import Config, Eilbote, Secret
from eilbote.api.acting import House
from eilbote.api.application import application
from eilbote.engine.courier_options import CourierOptions
from eilbote.testing import Catcher

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]

MANY = 5000
BATCH = 500
TURN = 64
"""Messages that one organization may have at a turn while others wait."""
IN_HAND = CourierOptions().most_in_hand
"""Messages that a courier has claimed and not begun; nobody overtakes them."""
SESSIONS, EACH = 4, 64
"""Sessions of a connection, and what each may have on its way or read ahead, with much room."""
ON_THE_WAY = SESSIONS * EACH


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A server that delivers to a catcher.

    Attributes:
        order: Whose messages have arrived, one after the other.
    """

    eilbote: Eilbote
    client: httpx2.AsyncClient
    catcher: Catcher
    order: list[str] = field(default_factory=list)

    async def submit(self, organization: str, number: int, **more: Any) -> list[httpx2.Response]:  # noqa: ANN401 - fields of a message
        """Hand in so many messages of an organization, in as few requests as they need."""
        said = []
        for first in range(0, number, BATCH):
            messages = [
                {
                    "from": f"robot@{organization}.example",
                    "to": f"to@{organization}.example",
                    "subject": str(each),
                    "text": "It is ready.",
                    **more,
                }
                for each in range(first, min(first + BATCH, number))
            ]
            said.append(
                await self.ask("POST", "/messages/batch", f"author@{organization}", messages=messages)
            )
        return said

    async def ask(self, method: str, path: str, who: str, **body: Any) -> httpx2.Response:  # noqa: ANN401 - fields of a body
        """Ask as somebody."""
        return await self.client.request(method, path, json=body, headers={"Authorization": f"Bearer {who}"})

    async def waiting(self) -> int:
        """Count what waits in the outbox."""
        return sum((await self.eilbote.figures()).by_connection.values())

    async def arrived(self, organization: str, number: int) -> None:
        """Wait until so many of an organization's have arrived."""
        while self.order.count(organization) < number:
            message = await self.catcher.next(within=60)
            self.order.append(message.reverse_path.partition("@")[2].partition(".")[0])


@asynccontextmanager
async def scene(folder: Path) -> AsyncGenerator[Scene]:
    """Open it; both organizations send through the host's connection, which is where they meet."""
    config = Config(data_dir=folder, database_url=Secret(f"sqlite:///{folder / 'eilbote.db'}"))
    async with (
        Catcher() as catcher,
        Eilbote(config=config, connections={"default": catcher.uri}) as eilbote,
    ):
        house = House(eilbote=eilbote, doorkeeper=FakeDoorkeeper(), book=eilbote.audit)
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(application(answers=eilbote.answers, house=house)),
            base_url="http://eilbote.test/api/v1",
        )
        async with client:
            yield Scene(eilbote=eilbote, client=client, catcher=catcher)


def ahead_of_last(order: Sequence[str], *, who: str, of: str) -> int:
    """Count how many messages of one arrived before the last one of another."""
    last = max(place for place, each in enumerate(order) if each == who)
    return order[:last].count(of)


@pytest.mark.parametrize("priority", ["high", "normal", "low"])
async def test_a_few_behind_thousands_come_with_the_first(tmp_path: Path, priority: str) -> None:
    """However urgent the noisy one calls its own: urgency is a matter within an organization."""
    few = 20
    async with scene(tmp_path) as here:
        said = await here.submit("noisy", MANY, priority=priority)
        said += await here.submit("quiet", few, priority="low")
        assert sum(each.json()["accepted"] for each in said) == MANY + few
        async with here.eilbote.courier():
            await here.arrived("quiet", few)
        order = here.order
    assert ahead_of_last(order, who="quiet", of="noisy") <= 2 * TURN + ON_THE_WAY


async def test_one_that_comes_while_thousands_are_under_way_is_delayed_by_what_was_begun(
    tmp_path: Path,
) -> None:
    """What is claimed or on its way goes first, and a turn or two; the rest of thousands does not."""
    async with scene(tmp_path) as here:
        await here.submit("noisy", MANY)
        async with here.eilbote.courier():
            await here.arrived("noisy", 500)
            accepted = await here.submit("quiet", 1)
            before = len(here.catcher.messages)
            await here.arrived("quiet", 1)
        order = here.order
    assert accepted[0].json()["accepted"] == 1
    assert ahead_of_last(order, who="quiet", of="noisy") - before <= IN_HAND + 2 * TURN + ON_THE_WAY


async def test_what_is_urgent_overtakes_thousands_of_the_same_organization(tmp_path: Path) -> None:
    """Before the courier begins, and while it is at work: then behind what was begun."""
    async with scene(tmp_path) as here:
        await here.submit("noisy", MANY, priority="low")
        await here.submit("quiet", 1)
        await here.submit("noisy", 1, priority="high", to="first@urgent.example")
        async with here.eilbote.courier():
            await here.arrived("noisy", 500)
            await here.submit("noisy", 1, priority="high", to="second@urgent.example")
            before = len(here.catcher.messages)
            await here.arrived("noisy", MANY + 2)
        to = [message.forward_paths[0] for message in here.catcher.messages]
    assert to.index("first@urgent.example") <= TURN + ON_THE_WAY
    assert to.index("second@urgent.example") - before <= IN_HAND + ON_THE_WAY


async def test_one_that_hands_in_thousands_at_once_keeps_nobody_from_handing_in(tmp_path: Path) -> None:
    """Twenty requests with five hundred messages each are under way; a single one of somebody else comes in between."""
    async with scene(tmp_path) as here:
        flood = [asyncio.create_task(here.submit("noisy", BATCH)) for _ in range(20)]
        for _ in range(10):  # until all of them have begun
            await asyncio.sleep(0)
        (said,) = await here.submit("quiet", 1)
        done = sum(each.done() for each in flood)
        await asyncio.gather(*flood)
    assert said.json()["accepted"] == 1
    assert done <= 5


async def test_one_that_has_used_up_its_quota_is_told_so_and_others_are_not(tmp_path: Path) -> None:
    """However often it asks again."""
    async with scene(tmp_path) as here:
        for name in ("noisy", "quiet"):
            made = await here.ask(
                "POST", "/organizations", "system_administrator@", name=name, quota={"waiting": MANY}
            )
            assert made.status_code == 201, made.text
        await here.submit("noisy", MANY)
        refused = await asyncio.gather(*(here.submit("noisy", 1) for _ in range(50)))
        accepted = await here.submit("quiet", 50)
        single = await here.ask(
            "POST",
            "/messages",
            "author@noisy",
            **{"from": "a@noisy.example", "to": "b@noisy.example", "text": "x"},
        )
        waiting = await here.waiting()
    assert {each.status_code for (each,) in refused} == {429}
    assert accepted[0].json()["accepted"] == 50
    assert waiting == MANY + 50
    assert (single.status_code, single.json()["field"]) == (429, "quota.waiting")
    assert int(single.headers["Retry-After"]) > 0


async def test_a_quota_holds_for_requests_that_come_at_once(tmp_path: Path) -> None:
    """Each of them alone would have room."""
    async with scene(tmp_path) as here:
        await here.ask(
            "POST", "/organizations", "system_administrator@", name="noisy", quota={"waiting": MANY // 2}
        )
        said = await asyncio.gather(*(here.submit("noisy", BATCH) for _ in range(10)))
        waiting = await here.waiting()
        again = await here.submit("noisy", 1)
    assert sorted(each.status_code for (each,) in said) == [202] * 5 + [429] * 5
    assert waiting == MANY // 2
    assert again[0].status_code == 429
