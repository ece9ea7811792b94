"""Several people change the same thing at once without saying which revision they saw: who is late is told of a conflict, nothing else.

That the answer is the one for an old ``revision`` lets a portal treat both alike: read again, and ask whoever is in front of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from tests.acceptance.api_scene import API, ASK, Scene, api_scene
from tests.unit.api.processes_at_hand import DIAGRAM, ROUTE, SETTINGS

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]
WHO = "organization_administrator@acme"
AT_ONCE = 6


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    async with api_scene(tmp_path) as made:
        yield made


def _changes(things: dict[str, str], number: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """Give a change of everything that has a revision, another one for each number."""
    said = f"changed {number}"
    return {
        f"/connections/{things['connections/name']}": ("PATCH", {"settings": {"from_name": said}}),
        "/settings": ("PATCH", {"settings": {"from_name": said}}),
        f"/subscriptions/{things['subscriptions/id']}": ("PATCH", {"to": [f"to{number}@example.org"]}),
        f"/webhooks/{things['webhooks/id']}": ("PATCH", {"description": said}),
        f"/users/{things['users/id']}": ("PATCH", {"name": said}),
        f"/api-keys/{things['api-keys/id']}": ("PATCH", {"name": said}),
        "/flows/acme-1/draft": ("PUT", {"text": ASK.replace("NAME", "acme-1") + f"# {said}\n"}),
        "/flows/new-at-once/draft": ("PUT", {"text": ASK.replace("NAME", "new-at-once") + f"# {said}\n"}),
        "/routes/ready-at-once": (
            "PUT",
            {
                "text": ROUTE.replace("order-ready", "ready-at-once").replace(
                    "connection: office", "connection: acme-1"
                )
                + f"# {said}\n"
            },
        ),
        "/processes/order-acme-1/draft": (
            "PUT",
            {
                "bpmn": DIAGRAM.replace('process id="order"', 'process id="order-acme-1"'),
                "settings": SETTINGS.replace("process: order", "process: order-acme-1") + f"# {said}\n",
            },
        ),
    }


async def test_who_is_late_is_told_of_a_conflict(scene: Scene) -> None:
    """Of many at once at least one wins; the others hear 409, and what a fault of theirs would be called is never said."""
    key = {"Authorization": f"Bearer {scene.keys[WHO]}"}
    late = 0
    for path in _changes(scene.things["acme"], 0):

        async def change(number: int, path: str = path) -> httpx2.Response:
            method, body = _changes(scene.things["acme"], number)[path]
            return await scene.client.request(method, API + path, json=body, headers=key)

        said = await asyncio.gather(*map(change, range(AT_ONCE)))
        statuses = [each.status_code for each in said]
        assert set(statuses) <= {200, 201, 409}, (path, [each.text[:300] for each in said])
        assert 409 not in statuses or {200, 201} & set(statuses), path
        for each in said:
            if each.status_code == 409:
                assert (each.json()["code"], each.json()["field"]) in {
                    ("conflict", "revision"),
                    ("conflict", "name"),
                    ("conflict", "message_name"),
                }, each.text
                late += 1
    assert late > AT_ONCE, "there were races, and somebody lost them"
