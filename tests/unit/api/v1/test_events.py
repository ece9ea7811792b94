"""What happens, told in a list and as it happens, to those whom it concerns."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote.model.ids import EntryId
from eilbote.model.moment import moment_of
from eilbote.outbox.store import Pause

pytestmark = pytest.mark.asyncio
MESSAGE = {"to": "a@example.org", "subject": "x", "text": "x", "connections": ["office"]}


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(connections={"office": "smtp://127.0.0.1:9?from=orders@example.org"}) as made:
        yield made


async def test_the_list_goes_on_where_it_ended(server: Server) -> None:
    sent = await server.post("/messages", MESSAGE)
    first = (await server.get("/events")).json()
    await server.post(f"/messages/{sent.json()['id']}/hold")
    second = (await server.get("/events", params={"cursor": first["next_cursor"]})).json()
    third = (await server.get("/events", params={"cursor": second["next_cursor"]})).json()

    assert [each["kind"] for each in first["items"]] == ["submitted"]
    assert first["items"][0]["message"] == sent.json()["id"]
    assert [each["kind"] for each in second["items"]] == ["held"]
    assert (third["items"], third["next_cursor"]) == ([], second["next_cursor"])


async def test_events_are_chosen_by_kind_and_told_to_those_whom_they_concern(server: Server) -> None:
    await server.post("/messages", MESSAGE)
    await server.post("/messages?organization=acme", MESSAGE)
    now = moment_of(server.clock.now())
    for connection in ("acme/own", "office"):
        await server.eilbote.store.pause(Pause(connection=connection, since=now, until=now, reason="refused"))

    async def kinds(path: str, who: str) -> list[tuple[str, str]]:
        return [
            (each["kind"], each["connection"]) for each in (await server.get(path, who=who)).json()["items"]
        ]

    assert await kinds("/events", "viewer@acme") == [
        ("submitted", "office"),
        ("connection_paused", "acme/own"),
    ]
    assert await kinds("/events?kind=connection_paused", "viewer@") == [("connection_paused", "office")]
    assert len(await kinds("/events?organization=*", "viewer@")) == 4
    assert (await server.get("/events?kind=nothing")).status_code == 422


async def streamed(server: Server, *, last: int | None, who: str, events: int) -> list[dict[str, Any]]:
    """Read a stream until so many events were heard, then stop the feed."""
    headers = {"Authorization": f"Bearer {who}"} | ({} if last is None else {"Last-Event-ID": str(last)})
    found: list[dict[str, Any]] = []
    async with server.client.stream("GET", "/api/v1/events/stream", headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["Content-Type"].startswith("text/event-stream")
        event: dict[str, Any] = {}
        async for line in response.aiter_lines():
            name, _, value = line.partition(": ")
            if line == "":
                if "data" in event:
                    found.append(event)
                event = {}
                if len(found) == events:
                    break
            elif name in {"event", "id", "data"}:
                event[name] = json.loads(value) if name == "data" else value
    return found


async def test_a_stream_goes_on_behind_the_last_event_that_was_heard(server: Server) -> None:
    for _ in range(3):
        await server.post("/messages?organization=acme", MESSAGE)
        await server.post("/messages", MESSAGE)
    everything = await server.eilbote.events()
    server.eilbote.events_feed._look_seconds = 0.01  # noqa: SLF001 - not to wait
    # the transport of this test hands over an answer when it has ended
    server.eilbote.store.events, usual = _closing(server), server.eilbote.store.events  # type: ignore[method-assign]

    found = await streamed(server, last=everything[1].sequence, who="viewer@acme", events=2)

    server.eilbote.store.events = usual  # type: ignore[method-assign]
    assert [each["event"] for each in found] == ["submitted", "submitted"]
    assert [each["id"] for each in found] == [str(everything[2].sequence), str(everything[4].sequence)]
    assert all(each["data"]["organization"] == "acme" for each in found)
    assert EntryId(0) not in [each["data"]["message"] for each in found]


def _closing(server: Server) -> Any:  # noqa: ANN401 - a stand-in
    usual = server.eilbote.store.events

    async def events(*, after: int = 0, limit: int = 1000) -> object:
        found = await usual(after=after, limit=limit)
        if not found:
            server.eilbote.events_feed.close()
        return found

    return events


async def test_who_may_not_read_messages_hears_nothing(server: Server) -> None:
    assert (await server.get("/events/stream", who="messages:submit@")).status_code == 403
    assert (await server.get("/events/stream", who=None)).status_code == 401


@pytest.mark.parametrize("last", ["x", "-1", str(2**70)])
async def test_what_is_no_place_is_refused(server: Server, last: str) -> None:
    said = await server.ask("GET", "/events/stream", headers={"Last-Event-ID": last})

    assert said.status_code == 422
