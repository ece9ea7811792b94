"""Runs over HTTP: begun once, watched, answered, called back; and conversations."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.run import RunStatus, failed
from eilbote.author.flow.run_state import read_run, run_data
from eilbote.author.flow.store import Awaits
from eilbote.config.config import Config
from eilbote.model.moment import Moment
from eilbote.model.secret import Secret

pytestmark = pytest.mark.asyncio

AUTHOR, OPERATOR, VIEWER, STRANGER = "author@acme", "operator@acme", "viewer@acme", "author@globex"
COUNT = """name: count
nodes:
  - {id: once_more, kind: set_value, values: {context.visits: "{{ context.visits | plus: 1 }}", input.password: secret}}
"""
PAUSE = "name: pause\nnodes:\n  - {id: rest, kind: wait, for: 3d}\n"
ASK = """name: approval
nodes:
  - {id: ask, kind: ask, to: max@example.org, subject: May we?, free_text: true, store_result: context, store_as: said, declined: end, expired: end}
  - {id: keep, kind: set_value, values: {context.answer: "{{ context.said.answer }} by {{ context.said.by }}"}}
"""

REFUSE = """name: refuse
nodes:
  - {id: refuse, kind: end, error: nobody is to be told}
"""

TELL = """name: tell
nodes:
  - {id: tell, kind: send_smtp_email, to: anna@example.org, subject: Hello, content: <p>Hello</p>}
"""


async def _failed(server: Server, run_id: str) -> None:
    """Let a run fail at the node at which it waits, as it does when its message cannot be looked after."""
    store = server.eilbote.flows.store
    kept = await store.run(run_id)
    assert kept is not None
    flow = read_flow(kept.text)
    run = failed(
        read_run(flow, kept.state, context={}),
        {"code": "flow", "message": "lost", "node": "tell"},
        kept.changed,
    )
    ended = replace(kept, status=run.status, state=run_data(run), awaits=Awaits.NOTHING, entry=None, due=None)
    await store.keep(ended, context={}, holds=False, now=kept.changed)


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    config = Config(
        data_dir=Path("/nonexistent"),
        database_url=Secret("sqlite:///nonexistent.db"),
        public_url="https://eilbote.example.org",
    )
    async with house(
        connections={"notification": "smtp://127.0.0.1:9?from=a@example.org"}, config=config
    ) as made:
        for who in (AUTHOR, STRANGER):
            for name, text in (("count", COUNT), ("pause", PAUSE), ("approval", ASK)):
                kept = await made.put(f"/flows/{name}/draft", {"text": text}, who=who)
                assert kept.status_code == 200, kept.text
                assert (await made.post(f"/flows/{name}/versions", who=who)).status_code == 201
        made.book.written.clear()
        yield made


async def test_a_run_is_begun_and_stayed_with(server: Server) -> None:
    said = await server.post("/runs", {"flow": "count", "wait": 5, "input": {"a": 1.5}}, who=OPERATOR)
    assert said.status_code == 202, said.text
    run = said.json()
    assert said.headers["location"] == f"/api/v1/runs/{run['id']}"
    assert (run["status"], run["organization"], run["version"]) == ("done", "acme", 1)
    assert run["author"] == "user:operator@acme"
    assert [(step["node"], step["kind"], step["by"]) for step in run["steps"]] == [
        ("once_more", "set_value", "next")
    ]
    assert run["context"] == {"visits": "1"}
    assert run["input"] == {"a": 1.5, "password": "***"}
    assert (await server.get(f"/runs/{run['id']}", who=VIEWER)).json() == run
    assert [(deed.action, deed.thing) for deed in server.deeds] == [("run.begin", f"run:acme/{run['id']}")]


async def test_a_run_without_waiting_is_only_begun(server: Server) -> None:
    run = (await server.post("/runs", {"flow": "count"}, who=OPERATOR)).json()
    assert (run["status"], run["steps"]) == ("running", [])


async def test_begun_twice_under_one_name_it_runs_once(server: Server) -> None:
    body = {"flow": "count", "run_id": "order-4711", "session": "anna", "wait": 5, "input": {"n": 1}}
    first = (await server.post("/runs", body, who=OPERATOR)).json()
    again = (await server.post("/runs", body, who=OPERATOR)).json()
    assert (first["id"], again["id"], again["context"]) == ("order-4711", "order-4711", {"visits": "1"})
    other = await server.post("/runs", {**body, "input": {"n": 2}}, who=OPERATOR)
    assert (other.status_code, other.json()["field"]) == (422, "run_id")
    theirs = await server.post("/runs", body, who=STRANGER)
    assert theirs.status_code == 422
    assert "acme" not in theirs.text


async def test_runs_are_listed_page_by_page_and_by_what_they_are(server: Server) -> None:
    for number in range(3):
        await server.post("/runs", {"flow": "count", "run_id": f"count-{number}", "wait": 5}, who=OPERATOR)
        server.clock.advance(1)
    await server.post("/runs", {"flow": "pause", "run_id": "pause-0", "wait": 1}, who=OPERATOR)
    first = (await server.get("/runs", who=VIEWER, params={"limit": 3})).json()
    rest = (await server.get("/runs", who=VIEWER, params={"cursor": first["next_cursor"]})).json()
    assert [each["id"] for each in first["items"]] == ["pause-0", "count-2", "count-1"]
    assert ([each["id"] for each in rest["items"]], rest["next_cursor"]) == (["count-0"], None)

    async def ids(**which: str) -> list[str]:
        found = await server.get("/runs", who=VIEWER, params=which)
        return [each["id"] for each in found.json()["items"]]

    assert await ids(flow="pause") == ["pause-0"]
    assert await ids(status="done", flow="count") == ["count-2", "count-1", "count-0"]
    assert await ids(awaits="time") == ["pause-0"]
    assert await ids(session="count-1") == ["count-1"]
    assert (await server.get("/runs", who=VIEWER, params={"status": "asleep"})).status_code == 422
    assert (await server.get("/runs", who=VIEWER, params={"cursor": "asleep"})).status_code == 422
    assert (await server.get("/runs", who=STRANGER)).json()["items"] == []
    assert len((await server.get("/runs", params={"organization": "*"})).json()["items"]) == 4


async def test_a_list_says_where_and_why_a_run_failed_and_how_long_it_took(server: Server) -> None:
    await server.put("/flows/refuse/draft", {"text": REFUSE}, who=AUTHOR)
    await server.post("/flows/refuse/versions", who=AUTHOR)
    await server.post("/runs", {"flow": "pause", "run_id": "waits", "wait": 1}, who=OPERATOR)
    await server.post("/runs", {"flow": "refuse", "run_id": "failed", "wait": 5}, who=OPERATOR)
    (failed, waits) = (await server.get("/runs", who=VIEWER)).json()["items"]
    assert (failed["failed_at"], failed["error"]["message"]) == ("refuse", "nobody is to be told")
    assert (failed["seconds"], waits["seconds"]) == (0.0, None)
    assert (waits["failed_at"], waits["error"]) == ("", {})
    assert (await server.get("/runs/failed", who=VIEWER)).json()["error"] == failed["error"]


async def test_a_list_says_which_runs_went_on_after_a_failure(server: Server) -> None:
    store = server.eilbote.flows.store
    for name in ("well", "badly"):
        await server.post("/runs", {"flow": "pause", "run_id": name, "wait": 1}, who=OPERATOR)
    [kept] = await store.claim("w", limit=1, now=Moment(2**50), until=Moment(2**51), only=["badly"])
    state = {**kept.state, "at": None, "status": "done", "failed_nodes": 2}
    done = replace(kept, status=RunStatus.DONE, state=state, awaits=Awaits.NOTHING, due=None)
    await store.keep(done, context={}, holds=False, now=kept.changed)

    async def told(**params: str) -> list[tuple[str, str, int]]:
        items = (await server.get("/runs", who=VIEWER, params=params)).json()["items"]
        return [(each["id"], each["status"], each["failed_nodes"]) for each in items]

    assert await told() == [("badly", "done", 2), ("well", "waiting", 0)]
    assert await told(has_failures="true") == [("badly", "done", 2)]
    assert await told(has_failures="false") == [("well", "waiting", 0)]
    assert (await server.get("/runs/badly", who=VIEWER)).json()["failed_nodes"] == 2
    run = (await server.post("/runs", {"flow": "pause", "run_id": "back", "wait": 1}, who=OPERATOR)).json()
    await server.post(f"/runs/{run['id']}/cancel", who=OPERATOR)
    await server.eilbote.flows.resume(run["id"])
    assert (await told())[0] == ("back", "cancelled", 0), "nothing failed where it was called back"


async def test_runs_are_searched_and_cut_to_a_time(server: Server) -> None:
    begun: list[str] = []
    for number in range(3):
        body = {"flow": "count", "run_id": f"Count-{number}", "session": f"talk_{number}", "wait": 5}
        begun.append((await server.post("/runs", body, who=OPERATOR)).json()["began"])
        server.clock.advance(60)

    async def ids(**which: str) -> list[str]:
        found = await server.get("/runs", who=VIEWER, params=which)
        assert found.status_code == 200, found.text
        return [each["id"] for each in found.json()["items"]]

    assert await ids(since=begun[1]) == ["Count-2", "Count-1"]
    assert await ids(before=begun[1]) == ["Count-0"]
    assert await ids(q="COUNT-1") == ["Count-1"]
    assert await ids(q="k_2", since=begun[0]) == ["Count-2"]
    assert await ids(q="user:operator@ac", limit="2") == ["Count-2", "Count-1"]
    assert await ids(q="k%2") == []
    naive = await server.get("/runs", who=VIEWER, params={"since": "2026-01-01T00:00:00"})
    assert (naive.status_code, "since" in naive.text) == (422, True)


async def test_a_run_that_waits_is_called_back(server: Server) -> None:
    run = (await server.post("/runs", {"flow": "pause", "wait": 1}, who=OPERATOR)).json()
    assert (run["status"], run["awaits"], run["node"]) == ("waiting", "time", "rest")
    assert (await server.post(f"/runs/{run['id']}/cancel", who=OPERATOR)).status_code == 200
    await server.eilbote.flows.resume(run["id"])
    assert (await server.get(f"/runs/{run['id']}", who=VIEWER)).json()["status"] == "cancelled"
    assert (await server.post(f"/runs/{run['id']}/cancel", who=OPERATOR)).status_code == 200
    assert [deed.action for deed in server.deeds] == ["run.begin", "run.cancel"]


async def test_a_failed_run_is_tried_again_where_it_failed(server: Server) -> None:
    await server.put("/flows/refuse/draft", {"text": REFUSE}, who=AUTHOR)
    await server.post("/flows/refuse/versions", who=AUTHOR)
    path = "/runs/failed/retry"
    await server.post("/runs", {"flow": "refuse", "run_id": "failed", "wait": 5}, who=OPERATOR)
    assert (await server.post(path, who=VIEWER)).status_code == 403
    again = await server.post(path, {"wait": 5}, who=OPERATOR)
    assert again.status_code == 200, again.text
    assert [step["node"] for step in again.json()["steps"]] == ["refuse", "refuse"]
    assert server.deeds[-1].action == "run.retry"
    only = (await server.post(path, who=OPERATOR)).json()
    assert (only["status"], only["node"], only["failed_at"]) == ("running", "refuse", "")
    twice = await server.post(path, who=OPERATOR)
    assert (twice.status_code, "has not failed" in twice.text) == (409, True)


async def test_a_run_is_not_tried_again_where_its_message_may_have_arrived(server: Server) -> None:
    await server.put("/flows/tell/draft", {"text": TELL}, who=AUTHOR)
    await server.post("/flows/tell/versions", who=AUTHOR)
    await server.post("/runs", {"flow": "tell", "run_id": "told"}, who=OPERATOR)
    await server.eilbote.flows.resume()
    (entry,) = (await server.get("/runs/told", who=VIEWER)).json()["entries"]
    await _failed(server, "told")
    path = "/runs/told/retry"
    refused = await server.post(path, who=OPERATOR)
    assert (refused.status_code, entry in refused.text) == (409, True)
    assert (await server.get("/runs/told", who=VIEWER)).json()["status"] == "failed"
    again = await server.post(path, {"anyway": True}, who=OPERATOR)
    assert (again.status_code, again.json()["node"]) == (200, "tell")


async def test_what_a_run_asks_is_shown_and_answered_at_the_desk(server: Server) -> None:
    run = (await server.post("/runs", {"flow": "approval", "wait": 1}, who=OPERATOR)).json()
    asked = run["question"]
    assert (run["awaits"], asked["text"]) == ("answer", "May we?")
    assert [each["value"] for each in asked["choices"]] == ["approve", "decline"]
    assert len(run["entries"]) == 1
    path = f"/runs/{run['id']}/answer"
    assert (await server.post(path, {"choice": "perhaps"}, who=OPERATOR)).status_code == 422
    assert (await server.post(path, {"choice": "approve"}, who=VIEWER)).status_code == 403
    assert (await server.post(path, {"choice": "approve", "text": "yes"}, who=OPERATOR)).status_code == 200
    await server.eilbote.flows.resume(run["id"])
    done = (await server.get(f"/runs/{run['id']}", who=VIEWER)).json()
    assert (done["status"], done["context"]["answer"]) == ("done", "approve by operator@acme")
    assert done["question"] is None
    assert (await server.post(path, {"choice": "approve"}, who=OPERATOR)).status_code == 422


async def test_only_what_was_restored_is_let_go_on(server: Server) -> None:
    run = (await server.post("/runs", {"flow": "pause", "wait": 1}, who=OPERATOR)).json()
    assert (await server.post(f"/runs/{run['id']}/release", who=OPERATOR)).status_code == 409


async def test_another_organization_s_run_is_spoken_of_like_one_that_is_not_there(server: Server) -> None:
    await server.post("/runs", {"flow": "pause", "run_id": "mine", "wait": 1}, who=OPERATOR)
    for method, tail in (
        ("GET", ""),
        ("POST", "/cancel"),
        ("POST", "/answer"),
        ("POST", "/release"),
        ("POST", "/retry"),
    ):
        body = {"choice": "approve"} if tail == "/answer" else None
        theirs = await server.ask(method, f"/runs/mine{tail}", who=STRANGER, json=body)
        nobodys = await server.ask(method, f"/runs/none{tail}", who=STRANGER, json=body)
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.json()["detail"].replace("mine", "none") == nobodys.json()["detail"]
    assert (await server.get("/runs/mine", who=VIEWER)).json()["status"] == "waiting"


async def test_the_host_sees_and_calls_back_any_and_it_is_written_down_where_it_belongs(
    server: Server,
) -> None:
    await server.post("/runs", {"flow": "pause", "run_id": "mine", "wait": 1}, who=OPERATOR)
    assert (await server.get("/runs/mine")).status_code == 200
    assert (await server.post("/runs/mine/cancel")).status_code == 200
    assert (server.deeds[-1].organization, server.deeds[-1].thing) == ("acme", "run:acme/mine")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"flow": ""},
        {"flow": "name: x\nnodes: []"},
        {"flow": "count", "input": [1]},
        {"flow": "count", "input": {"a": {"b": "\x00"}}},
        {"flow": "count", "run_id": "two words"},
        {"flow": "count", "run_id": "x" * 101},
        {"flow": "count", "session": "\x00"},
        {"flow": "count", "session": "x" * 201},
        {"flow": "count", "version": 2**40},
        {"flow": "count", "version": 9},
        {"flow": "nothing"},
        {"flow": "count", "wait": 61},
        {"flow": "count", "wait": "NaN"},
    ],
)
async def test_what_cannot_be_begun_is_refused_with_a_reason(server: Server, body: object) -> None:
    said = await server.post("/runs", body, who=OPERATOR)
    assert said.status_code in {400, 422}, said.text
    assert said.json()["detail"]
    assert (await server.get("/runs", who=VIEWER)).json()["items"] == []


async def test_a_conversation_is_looked_at_and_forgotten(server: Server) -> None:
    await server.post("/runs", {"flow": "count", "session": "anna", "wait": 5}, who=OPERATOR)
    said = (await server.get("/conversations/anna", who=VIEWER)).json()
    assert said == {"organization": "acme", "session": "anna", "context": {"visits": "1"}}
    assert (await server.get("/conversations/anna", who=STRANGER)).status_code == 404
    assert (await server.delete("/conversations/anna", who=VIEWER)).status_code == 403
    assert (await server.delete("/conversations/anna", who=STRANGER)).status_code == 404
    assert (await server.delete("/conversations/anna", who=OPERATOR)).status_code == 204
    assert (await server.get("/conversations/anna", who=VIEWER)).status_code == 404
    assert server.deeds[-1].action == "conversation.forget"
