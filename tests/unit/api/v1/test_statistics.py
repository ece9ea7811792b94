"""Statistics: numbers of a span of time, of those alone whom they concern."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

pytestmark = pytest.mark.asyncio
MESSAGE = {"to": ["a@example.org", "b@example.org"], "subject": "x", "text": "x", "connections": ["office"]}


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(connections={"office": "smtp://127.0.0.1:9?from=orders@example.org"}) as made:
        yield made


async def test_what_was_handed_in_is_counted_slot_by_slot(server: Server) -> None:
    await server.post("/messages", MESSAGE)
    server.clock.advance(3600)
    held = await server.post("/messages", MESSAGE)
    await server.post(f"/messages/{held.json()['id']}/hold")
    await server.post("/messages?organization=acme", MESSAGE)
    server.clock.advance(60)

    said = (await server.get("/statistics?organization=*", who="system_administrator@")).json()
    own = (await server.get("/statistics", who="viewer@acme")).json()

    assert said["messages"] == {
        "queued": 2, "active": 0, "deferred": 0, "held": 1, "done": 0, "cancelled": 0, "total": 3,
    }  # fmt: skip
    assert said["recipients"]["untried"] == 6
    assert [each["connection"] for each in said["connections"]] == ["office"]
    assert [each["messages"]["total"] for each in said["slots"] if each["messages"]["total"]] == [1, 2]
    assert said["slot_seconds"] == 1800
    assert (said["waiting"], said["oldest_seconds"]) == (2, 3660)
    assert said["p95_seconds"] is None
    assert (own["messages"]["total"], own["waiting"], own["oldest_seconds"]) == (1, 1, 60)


async def test_slots_begin_where_people_look(server: Server) -> None:
    said = (
        await server.get(
            "/statistics",
            params={"since": "2026-01-14T03:20:11Z", "until": "2026-01-14T15:00:00Z", "slots": 12},
        )
    ).json()

    assert (said["since"], said["slot_seconds"]) == ("2026-01-14T03:00:00Z", 3600)
    assert len(said["slots"]) == 12


@pytest.mark.parametrize(
    "params",
    [
        {"since": "2026-01-16T00:00:00Z", "until": "2026-01-15T00:00:00Z"},
        {"since": "1971-01-01T00:00:00Z"},
        {"since": "yesterday"},
        {"until": "9999-12-31T23:59:59Z"},
        {"slots": 0},
        {"slots": 100_000},
    ],
)
async def test_what_is_no_span_of_time_is_refused(
    server: Server, params: dict[str, str | int | list[str]]
) -> None:
    assert (await server.get("/statistics", params=params)).status_code == 422


async def test_who_may_not_count_is_refused(server: Server) -> None:
    assert (await server.get("/statistics", who="messages:read@")).status_code == 403


async def test_they_are_told_by_author_and_of_one_author_or_connection_alone(server: Server) -> None:
    wanted = {"host": "smtp.example.org", "default_from": "a@example.org"}
    await server.post(
        "/connections", {"name": "own", "settings": wanted}, who="organization_administrator@acme"
    )
    for who, connection in (("author@acme", "office"), ("author@acme", "own"), ("author@globex", "office")):
        said = await server.post("/messages", {**MESSAGE, "connections": [connection]}, who=who)
        assert said.status_code == 202, said.text
    server.clock.advance(60)

    async def counted(**params: str) -> int:
        said = await server.get("/statistics", who="viewer@acme", params=params)
        assert said.status_code == 200, said.text
        total: int = said.json()["messages"]["total"]
        return total

    whole = (await server.get("/statistics", who="viewer@acme")).json()
    ((author, total),) = [(each["author"], each["messages"]["total"]) for each in whole["authors"]]
    assert (total, whole["authors_left_out"]) == (2, 0)
    assert await counted(author=author) == 2
    assert await counted(author="flow:") == 0
    assert await counted(connection="own") == await counted(connection="office") == 1
    assert await counted(connection="globex/office") == 0
