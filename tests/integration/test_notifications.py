"""Notifications on a real disk, through a real server: raised by programs, flows and eilbote itself, told once."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from eilbote import Draft, Eilbote, EntryFilter, EntryState
from eilbote.author.notification.telling import KeptEvent
from eilbote.testing import Catcher, MemoryOutbox

FLOW = """\
name: overdue
nodes:
  - id: tell
    kind: raise_notification
    event: invoice.{{ input.what }}
    severity: warning
    summary: "Invoice {{ input.number }}"
    data: {customer: "{{ input.customer }}"}
    about: "{{ input.number }}"
    store_result: context
    store_as: told
"""
FAILING = """\
name: failing
nodes:
  - id: stop
    kind: end
    error: "{{ input.why }}"
"""


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("EILBOTE_", "EMAIL_", "SYSTEM_")):
            monkeypatch.delenv(name)


@asynccontextmanager
async def house(folder: Path | None, catcher: Catcher | None) -> AsyncIterator[Eilbote]:
    """Give an outbox whose notifications go to a catcher."""
    made = Eilbote(store=MemoryOutbox()) if folder is None else Eilbote(data_dir=folder)
    async with made as eilbote:
        if catcher is not None:
            await eilbote.settings.change({"uri": catcher.uri, "default_from": "eilbote@example.org"})
        yield eilbote


def told(catcher: Catcher) -> list[tuple[str, str]]:
    return sorted((message.forward_paths[0], message.subject) for message in catcher.messages)


async def events(eilbote: Eilbote) -> dict[str, KeptEvent]:
    return {kept.event.kind: kept for kept in await eilbote.notify.events()}


@pytest.mark.asyncio
@pytest.mark.parametrize("is_kept", [False, True], ids=["memory", "sqlite"])
async def test_whoever_has_subscribed_is_told_in_their_language(is_kept: bool, tmp_path: Path) -> None:
    async with Catcher() as catcher, house(tmp_path if is_kept else None, catcher) as eilbote:
        await eilbote.notify.subscribe(to="anna@example.org", event="invoice.*", language="de")
        await eilbote.notify.subscribe(to="max@example.org, anna@example.org", severity="warning")
        await eilbote.notify.subscribe(to="eva@example.org", severity="fatal")

        raised = await eilbote.notify.raise_event(
            "invoice.overdue", severity="warning", summary="Invoice 4711", data={"customer": "Acme"}
        )
        await eilbote.deliver_due()

        assert raised.told == 2
        assert told(catcher) == [
            ("anna@example.org", "Warnung: Invoice 4711"),
            ("max@example.org", "Warning: Invoice 4711"),
        ]
        message = catcher.messages[0]
        assert message.header("Auto-Submitted") == "auto-generated"
        assert "Acme" in message.text


@pytest.mark.asyncio
async def test_on_postgresql_it_is_the_same(tmp_path: Path, postgres_database: str) -> None:
    async with Catcher() as catcher, Eilbote(data_dir=tmp_path, database_url=postgres_database) as eilbote:
        await eilbote.settings.change({"uri": catcher.uri, "default_from": "eilbote@example.org"})
        await eilbote.notify.subscribe(to="anna@example.org, max@example.org", language="ru")
        async with eilbote.courier():
            run = await eilbote.flows.run(FLOW, {"what": "overdue", "number": 4711, "customer": "Acme"})
            await catcher.next()
            await catcher.next()

        assert run.status == "done"
        assert told(catcher) == [
            ("anna@example.org", "Внимание: Invoice 4711"),
            ("max@example.org", "Внимание: Invoice 4711"),
        ]


@pytest.mark.asyncio
async def test_a_flow_raises_an_event_once_for_each_visit(tmp_path: Path) -> None:
    async with Catcher() as catcher, house(tmp_path, catcher) as eilbote:
        await eilbote.notify.subscribe(to="anna@example.org")
        given = {"what": "overdue", "number": 4711, "customer": "<b>Acme</b> {{ 7 | times: 7 }}"}
        async with eilbote.courier():
            run = await eilbote.flows.run(FLOW, given, run_id="r1")
            again = await eilbote.flows.run(FLOW, given, run_id="r1")
            other = await eilbote.flows.run(FLOW, given, run_id="r2")
            await catcher.next()

        assert again.id == run.id
        first, second = run.context["told"], other.context["told"]
        assert isinstance(first, dict)
        assert isinstance(second, dict)
        assert (first["told"], first["count"], first["new"]) == (1, 1, True)
        assert (second["told"], second["count"], second["event"]) == (0, 2, first["event"])
        assert told(catcher) == [("anna@example.org", "Warning: Invoice 4711")]
        assert "{{ 7 | times: 7 }}" in catcher.messages[0].text
        (kept,) = (await events(eilbote)).values()
        assert kept.event.source == "flow:overdue#r1"


@pytest.mark.asyncio
async def test_an_event_that_no_flow_can_raise_is_an_error_of_its_node(tmp_path: Path) -> None:
    async with house(tmp_path, None) as eilbote:
        run = await eilbote.flows.run(FLOW, {"what": "not a name", "number": 1})

        assert run.status == "done"
        result = run.context["told"]
        assert isinstance(result, dict)
        error = result["error"]
        assert isinstance(error, dict)
        assert (error["field"], error["node"]) == ("event", "tell")


@pytest.mark.asyncio
async def test_a_flow_that_fails_is_told_without_any_node_for_it(tmp_path: Path) -> None:
    async with Catcher() as catcher, house(tmp_path, catcher) as eilbote:
        await eilbote.notify.subscribe(to="anna@example.org", event="flow.failed")
        for _ in range(3):
            await eilbote.flows.run(FAILING, {"why": "It is too late."})
        await eilbote.deliver_due()

        assert told(catcher) == [("anna@example.org", "Error: The flow failing has failed")]
        assert "It is too late." in catcher.messages[0].text
        assert (await events(eilbote))["flow.failed"].count == 3


@pytest.mark.asyncio
async def test_that_a_connection_is_refused_is_told_over_another_one(tmp_path: Path) -> None:
    async with (
        Catcher() as catcher,
        Catcher(users={"orders": "right"}) as strict,
        house(tmp_path, catcher) as eilbote,
    ):
        uri = strict.uri.replace("smtp://", "smtp://orders:wrong@")
        await eilbote.connections.stored.add("office", {"uri": uri})
        await eilbote.notify.subscribe(to="anna@example.org", event="connection.*")
        draft = Draft(from_="orders@example.org", to="max@example.org", subject="Order 4711", text="Hi")
        entry = await eilbote.submit(draft, connections="office")
        async with eilbote.courier():
            message = await catcher.next()

        assert message.subject == (
            "Error: The connection office takes no mail until somebody changes something"
        )
        assert "eilbote connection test office" in message.text
        (waits,) = await eilbote.entries(EntryFilter(ids=(entry.id,)))
        assert waits.state in {EntryState.DEFERRED, EntryState.QUEUED}


@pytest.mark.asyncio
async def test_notifications_that_cannot_be_delivered_raise_nothing_for_ever(tmp_path: Path) -> None:
    """The server of the notifications refuses them: one message, one event about the connection, and no more."""
    async with Catcher(users={"orders": "right"}) as strict, house(tmp_path, None) as eilbote:
        uri = strict.uri.replace("smtp://", "smtp://orders:wrong@")
        await eilbote.settings.change({"uri": uri, "default_from": "eilbote@example.org"})
        await eilbote.notify.subscribe(to="anna@example.org")
        await eilbote.notify.raise_event("invoice.overdue")
        for _ in range(4):
            await eilbote.deliver_due()
        async with eilbote.courier():
            await asyncio.sleep(0.3)

        assert {kind: kept.count for kind, kept in (await events(eilbote)).items()} == {
            "invoice.overdue": 1,
            "connection.paused": 1,
        }
        assert len(await eilbote.entries(EntryFilter(), limit=10)) == 1


@pytest.mark.asyncio
async def test_a_storm_is_twenty_messages_and_one_digest(tmp_path: Path) -> None:
    async with Catcher() as catcher, house(tmp_path, catcher) as eilbote:
        await eilbote.notify.subscribe(to="anna@example.org")
        for number in range(200):
            await eilbote.notify.raise_event("robot.says", summary=f"event {number}", severity="error")
        await eilbote.deliver_due()

        assert len(catcher.messages) == 20
        last = (await eilbote.notify.events(limit=1))[0]
        (waits,) = await eilbote.notify.told(last.event.id)
        assert waits.telling.gathered
        assert waits.done is None


@pytest.mark.asyncio
async def test_an_organization_is_told_of_itself_alone(tmp_path: Path) -> None:
    async with Catcher() as catcher, house(tmp_path, catcher) as eilbote:
        await eilbote.notify.subscribe(to="host@example.org")
        await eilbote.notify.subscribe(to="all@example.org", everywhere=True)
        await eilbote.notify.subscribe(to="acme@example.org", organization="acme")
        await eilbote.notify.subscribe(to="umbrella@example.org", organization="umbrella")
        await eilbote.notify.raise_event("a.b", organization="acme", summary="of acme")
        await eilbote.deliver_due()

        assert [path for path, _ in told(catcher)] == ["acme@example.org", "all@example.org"]


PROGRAM = """
import asyncio, sys
from eilbote import Eilbote

async def main():
    async with Eilbote(data_dir=sys.argv[1]) as eilbote:
        for number in range(18):
            raised = await eilbote.notify.raise_event("a.b", summary=f"event {number}", id=f"e{number}")
            print(raised.event, flush=True)

asyncio.run(main())
"""


def raise_until_killed(folder: Path, *, lines: int) -> set[str]:
    """Run the program, kill it after some lines, and give the events of which it was told that they are kept."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        process.kill()
    return {line.strip() for line in said}


@pytest.mark.asyncio
async def test_a_program_that_is_killed_has_told_nobody_twice_and_forgotten_nobody(tmp_path: Path) -> None:
    people = ["anna@example.org", "max@example.org"]
    async with Catcher() as catcher:
        async with house(tmp_path, catcher) as eilbote:
            await eilbote.notify.subscribe(to=people)
        chance = random.Random(4711)
        said: set[str] = set()
        for _ in range(2):  # the second one raises again what the first one had raised
            said |= raise_until_killed(tmp_path, lines=chance.randint(1, 17))
        async with house(tmp_path, None) as eilbote:
            await eilbote.deliver_due()
            raised = {kept.event.id: kept.event.summary for kept in await eilbote.notify.events()}

        assert said <= set(raised)
        assert Counter(told(catcher)) == Counter(
            (person, summary) for summary in raised.values() for person in people
        )
