"""Flows over HTTP: written, checked, published, compared, tried, and nothing of others seen."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

pytestmark = pytest.mark.asyncio

AUTHOR = "author@acme"
VIEWER = "viewer@acme"
STRANGER = "author@globex"
GREETING = """name: greeting
description: Greets somebody.
sample: {email: anna@example.org, name: Anna}
nodes:
  # the only one
  - id: hello
    kind: send_smtp_email
    to: "{{ input.email }}"
    subject: "Hello {{ input.name }}"
    content: <p>How are you?</p>
"""
YAML = {"Content-Type": "application/yaml"}


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house() as made:
        yield made


async def _published(server: Server, text: str = GREETING, name: str = "greeting", who: str = AUTHOR) -> None:
    assert (await server.put(f"/flows/{name}/draft", {"text": text}, who=who)).status_code == 200
    assert (await server.post(f"/flows/{name}/versions", who=who)).status_code == 201


async def test_a_flow_is_made_kept_as_it_is_written_and_listed(server: Server) -> None:
    made = await server.post("/flows", {"text": GREETING}, who=AUTHOR)
    assert made.status_code == 201, made.text
    assert made.headers["location"] == "/api/v1/flows/greeting"
    draft = (await server.get("/flows/greeting/draft", who=VIEWER)).json()
    assert draft["text"] == GREETING
    assert draft["definition"]["nodes"][0]["subject"] == "Hello {{ input.name }}"
    (listed,) = (await server.get("/flows", who=VIEWER)).json()["items"]
    assert listed == {
        "organization": "acme",
        "name": "greeting",
        "description": "Greets somebody.",
        "published": 0,
        "has_draft": True,
        "nodes": 1,
        "changed": draft["changed"],
        "revision": 1,
    }
    assert [(deed.action, deed.thing, deed.organization) for deed in server.deeds] == [
        ("flow.save", "flow:acme/greeting", "acme")
    ]


async def test_yaml_goes_in_and_comes_out_as_it_is(server: Server) -> None:
    said = await server.ask(
        "PUT", "/flows/greeting/draft", who=AUTHOR, content=GREETING.encode(), headers=YAML
    )
    assert said.status_code == 200, said.text
    read = await server.ask(
        "GET", "/flows/greeting/draft", who=VIEWER, headers={"Accept": "application/yaml"}
    )
    assert read.headers["content-type"].startswith("application/yaml")
    assert read.text == GREETING


async def test_a_form_hands_in_a_table(server: Server) -> None:
    table = {"name": "greeting", "nodes": [{"id": "hello", "kind": "set_value", "values": {"input.a": "b"}}]}
    assert (await server.post("/flows", {"definition": table}, who=AUTHOR)).status_code == 201
    assert (await server.get("/flows/greeting/draft", who=AUTHOR)).json()["definition"] == table


async def test_every_fault_of_a_flow_is_told_at_once(server: Server) -> None:
    broken = GREETING.replace("subject:", "subjekt:") + "  - {id: next, kind: brunch}\n"
    said = await server.put("/flows/greeting/draft", {"text": broken}, who=AUTHOR)
    assert said.status_code == 422
    assert said.headers["content-type"] == "application/problem+json"
    assert {each["field"] for each in said.json()["errors"]} == {"hello.subjekt", "next.kind"}
    assert {each["pointer"] for each in said.json()["errors"]} == {"#/text"}, (
        "where the text stands in the body"
    )
    checked = (await server.post("/flows/check", {"text": broken}, who=AUTHOR)).json()
    assert not checked["is_sound"]
    assert [(each["severity"], each["field"], each["line"]) for each in checked["findings"]] == [
        ("error", "hello.subjekt", 9),
        ("error", "next.kind", 11),
    ]
    assert (await server.get("/flows", who=AUTHOR)).json()["items"] == []


async def test_a_sound_flow_is_found_sound_and_nothing_is_kept(server: Server) -> None:
    checked = (await server.post("/flows/check", {"text": GREETING}, who=AUTHOR)).json()
    assert (checked["is_sound"], checked["name"], checked["nodes"]) == (True, "greeting", 1)
    assert (await server.get("/flows", who=AUTHOR)).json()["items"] == []
    assert server.deeds == []


async def test_a_name_that_is_taken_and_one_that_the_text_does_not_say(server: Server) -> None:
    await server.post("/flows", {"text": GREETING}, who=AUTHOR)
    assert (await server.post("/flows", {"text": GREETING}, who=AUTHOR)).status_code == 409
    other = await server.put("/flows/other/draft", {"text": GREETING}, who=AUTHOR)
    assert (other.status_code, other.json()["field"]) == (422, "name")


async def test_whoever_has_not_seen_the_latest_change_does_not_overwrite_it(server: Server) -> None:
    await server.post("/flows", {"text": GREETING}, who=AUTHOR)
    mine = {"text": GREETING.replace("Hello", "Good day"), "revision": 1}
    assert (await server.put("/flows/greeting/draft", mine, who=AUTHOR)).json()["revision"] == 2
    late = await server.put("/flows/greeting/draft", {**mine, "text": GREETING}, who=AUTHOR)
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    assert "Good day" in (await server.get("/flows/greeting/draft", who=AUTHOR)).json()["text"]
    assert (await server.post("/flows/greeting/versions", {"revision": 1}, who=AUTHOR)).status_code == 409
    by_query = await server.ask(
        "PUT",
        "/flows/greeting/draft",
        who=AUTHOR,
        content=GREETING.encode(),
        headers=YAML,
        params={"revision": 1},
    )
    assert by_query.status_code == 409


async def test_versions_are_published_listed_shown_and_compared(server: Server) -> None:
    await _published(server)
    await _published(server, GREETING.replace("How are you?", "And you?"))
    page = (await server.get("/flows/greeting/versions", who=VIEWER, params={"limit": 1})).json()
    assert [(each["version"], each["is_latest"]) for each in page["items"]] == [(2, True)]
    rest = await server.get("/flows/greeting/versions", who=VIEWER, params={"cursor": page["next_cursor"]})
    assert [(each["version"], each["is_latest"]) for each in rest.json()["items"]] == [(1, False)]
    assert (await server.get("/flows/greeting/versions/1", who=VIEWER)).json()["text"] == GREETING
    compared = (await server.get("/flows/greeting/versions/2/difference", who=VIEWER)).json()
    changed = [(each["kind"], each["text"].strip()) for each in compared["lines"] if each["kind"] != "same"]
    assert (compared["before"], compared["after"], compared["is_same"]) == (1, 2, False)
    assert [each for each in changed if each[0] != "left_out"] == [
        ("removed", "content: <p>How are you?</p>"),
        ("added", "content: <p>And you?</p>"),
    ]
    shown = (await server.get("/flows/greeting", who=VIEWER)).json()
    assert (shown["published"], shown["has_draft"], shown["kinds"]) == (2, False, ["send_smtp_email"])
    assert shown["sample"] == {"email": "anna@example.org", "name": "Anna"}


async def test_a_draft_that_was_not_changed_since_is_what_was_published(server: Server) -> None:
    await server.post("/flows", {"text": GREETING}, who=AUTHOR)
    before = (await server.get("/flows/greeting/draft", who=VIEWER)).json()
    await server.post("/flows/greeting/versions", who=AUTHOR)
    after = (await server.get("/flows/greeting/draft", who=VIEWER)).json()
    assert (before["version"], after["version"], after["text"]) == (0, 1, GREETING)
    alone = await server.ask(
        "GET", "/flows/greeting/draft", who=VIEWER, headers={"Accept": "application/yaml"}
    )
    assert alone.text == GREETING
    assert (await server.get("/flows/greeting/versions/0", who=VIEWER)).status_code == 404
    kept = {"text": GREETING + "# more\n", "revision": after["revision"]}
    assert (await server.put("/flows/greeting/draft", kept, who=AUTHOR)).status_code == 200


async def test_a_deleted_flow_is_gone(server: Server) -> None:
    await _published(server)
    assert (await server.delete("/flows/greeting", who=AUTHOR)).status_code == 204
    assert (await server.get("/flows/greeting", who=AUTHOR)).status_code == 404
    assert (await server.delete("/flows/greeting", who=AUTHOR)).status_code == 404
    assert server.deeds[-1].action == "flow.delete"


async def test_what_is_not_there_is_not_found(server: Server) -> None:
    await server.post("/flows", {"text": GREETING}, who=AUTHOR)
    for path in ("/flows/other", "/flows/greeting/versions/1", "/flows/greeting/versions/7/difference"):
        assert (await server.get(path, who=AUTHOR)).status_code == 404, path
    assert (await server.post("/flows/other/versions", who=AUTHOR)).status_code == 404


async def test_another_organization_s_flow_is_spoken_of_like_one_that_is_not_there(server: Server) -> None:
    await _published(server)
    for path in ("", "/draft", "/versions", "/versions/1", "/versions/1/difference"):
        theirs = await server.get(f"/flows/greeting{path}", who=STRANGER)
        nobodys = await server.get(f"/flows/nothing{path}", who=STRANGER)
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.json()["detail"].replace("greeting", "nothing") == nobodys.json()["detail"]
    assert (await server.delete("/flows/greeting", who=STRANGER)).status_code == 404
    assert (await server.get("/flows", who=STRANGER)).json()["items"] == []
    await server.put("/flows/greeting/draft", {"text": GREETING}, who=STRANGER)
    assert (await server.get("/flows/greeting", who=AUTHOR)).json()["revision"] == 2


async def test_the_host_names_an_organization_or_lists_all(server: Server) -> None:
    await _published(server)
    await _published(server, who=STRANGER)
    assert (await server.get("/flows")).json()["items"] == []
    every = (await server.get("/flows", params={"organization": "*", "limit": 1})).json()
    more = await server.get("/flows", params={"organization": "*", "cursor": every["next_cursor"]})
    assert [each["organization"] for each in (*every["items"], *more.json()["items"])] == ["acme", "globex"]
    assert (await server.get("/flows/greeting", params={"organization": "acme"})).status_code == 200


@pytest.mark.parametrize(
    "method, path",
    [
        ("POST", "/flows"),
        ("PUT", "/flows/greeting/draft"),
        ("POST", "/flows/check"),
        ("POST", "/flows/greeting/versions"),
        ("DELETE", "/flows/greeting"),
    ],
)
async def test_who_only_looks_on_changes_nothing(server: Server, method: str, path: str) -> None:
    await _published(server)
    body = {"text": GREETING} if method != "DELETE" else None
    assert (await server.ask(method, path, who=VIEWER, json=body)).status_code == 403
    assert (await server.ask(method, path, who="operator@acme", json=body)).status_code == 403
    assert (await server.ask(method, path, who=None, json=body)).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": GREETING, "definition": {}},
        {"text": 7},
        {"text": ""},
        {"text": "\x00"},
        {"text": "a: &a [*a]"},
        {"text": "[" * 10_000},
        {"definition": {"nodes": [[[[[1]]]]]}},
        {"definition": []},
        {"text": GREETING, "revision": -1},
        {"text": GREETING, "other": 1},
        [],
    ],
)
async def test_whatever_is_no_flow_is_refused_with_a_reason(server: Server, body: object) -> None:
    for method, path in (("POST", "/flows"), ("PUT", "/flows/greeting/draft")):
        said = await server.ask(method, path, who=AUTHOR, json=body)
        assert said.status_code in {400, 422}, said.text
        assert said.json()["detail"]


async def test_a_body_of_another_kind_is_refused(server: Server) -> None:
    for kind, body, status in (
        ("application/xml", b"<a/>", 415),
        ("application/yaml", b"\xff\xfe", 422),
        ("application/json", b"{", 400),
    ):
        said = await server.ask(
            "PUT", "/flows/greeting/draft", who=AUTHOR, content=body, headers={"Content-Type": kind}
        )
        assert said.status_code == status, said.text


async def test_kinds_of_nodes_are_told_with_what_a_form_needs(server: Server) -> None:
    kinds = (await server.get("/flow-kinds", who=VIEWER)).json()["items"]
    assert {"ask", "branch", "email_notification"} <= {each["kind"] for each in kinds}
    ask = (await server.get("/flow-kinds/ask", who=VIEWER)).json()
    assert ask["json_schema"]["required"] == ["id", "kind", "to", "subject"]
    assert ask["json_schema"]["properties"]["priority"]["enum"] == ["normal", "high", "low"]
    assert (await server.get("/flow-kinds/brunch", who=VIEWER)).status_code == 404


APPROVAL = """name: approval
sample: {total: 12}
nodes:
  - {id: pause, kind: wait, for: 3d}
  - id: ask
    kind: ask
    to: max@example.org
    subject: May we?
    store_result: context
    store_as: said
    declined: end
    expired: end
  - {id: done, kind: send_smtp_email, to: anna@example.org, subject: "{{ context.said.answer }} {{ input.total }}"}
"""


async def test_a_flow_of_one_line_is_tried_as_a_text(server: Server) -> None:
    flow = {"name": "short", "nodes": [{"id": "a", "kind": "set_value", "values": {"context.done": True}}]}
    tried = await server.post("/flows/trials", {"text": json.dumps(flow)}, who=AUTHOR)
    assert tried.status_code == 200, tried.text
    assert (tried.json()["run"]["flow"], tried.json()["run"]["context"]) == ("short", {"done": True})


async def test_a_trial_tells_what_would_arrive_and_nothing_is_kept(server: Server) -> None:
    said = await server.post("/flows/trials", {"text": APPROVAL, "answers": ["approve"]}, who=AUTHOR)
    assert said.status_code == 200, said.text
    tried = said.json()
    assert tried["run"]["status"] == "done"
    assert [each["subject"] for each in tried["messages"]] == ["May we?", "approve 12"]
    assert tried["messages"][1]["forward_paths"] == ["anna@example.org"]
    assert [each["node"] for each in tried["skipped"]] == ["pause"]
    assert (await server.get("/runs", who=AUTHOR)).json()["items"] == []
    assert await server.eilbote.entries() == []


async def test_a_trial_without_an_answer_ends_where_it_asks(server: Server) -> None:
    tried = (await server.post("/flows/trials", {"text": APPROVAL}, who=AUTHOR)).json()
    assert (tried["unanswered"], tried["run"]["status"]) == ("ask", "waiting")


async def test_a_kept_flow_is_tried_with_another_input(server: Server) -> None:
    await _published(server)
    body = {"flow": "greeting", "input": {"email": "max@example.org", "name": "Max"}}
    tried = (await server.post("/flows/trials", body, who="operator@acme")).json()
    assert [each["subject"] for each in tried["messages"]] == ["Hello Max"]
    assert (await server.post("/flows/trials", body, who=VIEWER)).status_code == 403
    assert (await server.post("/flows/trials", body, who=STRANGER)).status_code == 422
    assert (await server.post("/flows/trials", {}, who=AUTHOR)).status_code == 422
