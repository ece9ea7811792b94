"""Processes over HTTP: written in every form, checked with their places, published, drawn, and nothing of others seen."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.unit.api.processes_at_hand import DIAGRAM, ROUTE, SETTINGS
from tests.unit.api.server import Server, house

pytestmark = pytest.mark.asyncio

AUTHOR, VIEWER, STRANGER = "author@acme", "viewer@acme", "author@globex"
BOTH = {"bpmn": DIAGRAM, "settings": SETTINGS}


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(connections={"office": "smtp://127.0.0.1:9?from=office@example.org"}) as made:
        for who in (AUTHOR, STRANGER):
            kept = await made.put("/routes/order-ready", {"text": ROUTE}, who=who)
            assert kept.status_code == 201, kept.text
        made.book.written.clear()
        yield made


def _form(**parts: str) -> tuple[bytes, dict[str, str]]:
    made = b"".join(
        f'--frontier\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.txt"\r\n'
        f"Content-Type: text/plain\r\n\r\n{text}\r\n".encode()
        for name, text in parts.items()
    )
    return made + b"--frontier--\r\n", {"Content-Type": "multipart/form-data; boundary=frontier"}


async def test_a_process_is_made_listed_and_shown(server: Server) -> None:
    made = await server.post("/processes", BOTH, who=AUTHOR)
    assert made.status_code == 201, made.text
    assert made.headers["location"] == "/api/v1/processes/order"
    assert (made.json()["is_sound"], made.json()["revision"]) == (True, 1)
    (listed,) = (await server.get("/processes", who=VIEWER)).json()["items"]
    assert (
        listed["name"],
        listed["title"],
        listed["elements"],
        listed["published"],
        listed["has_draft"],
    ) == (
        "order",
        "Order",
        5,
        0,
        True,
    )
    shown = (await server.get("/processes/order", who=VIEWER)).json()
    assert shown["starts"] == [{"element": "Start", "begins": "none", "message": ""}]
    assert shown["routes"] == ["order-ready"]
    assert {each["id"]: each["kind"] for each in shown["elements_listed"]}["Check"] == "userTask"
    assert [deed.action for deed in server.deeds] == ["process.save"]


async def test_diagram_and_settings_come_as_files_and_go_out_alone(server: Server) -> None:
    body, headers = _form(**BOTH)
    said = await server.ask("PUT", "/processes/order/draft", who=AUTHOR, content=body, headers=headers)
    assert said.status_code == 200, said.text
    both = (await server.get("/processes/order/draft", who=VIEWER)).json()
    assert (both["bpmn"], both["settings"]) == (DIAGRAM, SETTINGS)
    xml = await server.ask("GET", "/processes/order/draft", who=VIEWER, headers={"Accept": "application/xml"})
    assert (xml.text, xml.headers["content-type"].partition(";")[0]) == (DIAGRAM, "application/xml")
    yaml = await server.ask(
        "GET", "/processes/order/draft", who=VIEWER, headers={"Accept": "application/yaml"}
    )
    assert yaml.text == SETTINGS


async def test_versions_are_compared_by_what_they_mean(server: Server) -> None:
    await server.post("/processes", BOTH, who=AUTHOR)
    await server.post("/processes/order/versions", who=AUTHOR)
    changed = {
        "bpmn": DIAGRAM.replace('id="Paid" name="Paid"', 'id="Paid" name="Money is there"'),
        "settings": SETTINGS.replace("title: Order\n", "title: Orders\n"),
    }
    await server.put("/processes/order/draft", changed, who=AUTHOR)
    path = "/processes/order/versions/{}/difference"
    draft = (await server.get(path.format(0), who=VIEWER)).json()
    assert (draft["before"], draft["after"], draft["is_same"], draft["moved"]) == (1, 0, False, [])
    assert [(each["part"], each["change"], each["id"]) for each in draft["changes"]] == [
        ("settings", "changed", ""),
        ("element", "changed", "Paid"),
    ]
    assert draft["changes"][1]["attributes"] == [
        {"name": "name", "before": "Paid", "after": "Money is there"}
    ]
    lines = [(each["kind"], each["text"]) for each in draft["settings"] if each["kind"] != "same"]
    assert lines[:2] == [("removed", "title: Order"), ("added", "title: Orders")]
    await server.post("/processes/order/versions", who=AUTHOR)
    published = (await server.get(path.format(2), who=VIEWER)).json()
    assert (published["before"], published["after"]) == (1, 2)
    assert published["changes"] == draft["changes"]
    same = (await server.get(path.format(1), who=VIEWER, params={"before": 1})).json()
    assert (same["is_same"], same["changes"], same["settings"]) == (True, [], [])
    for gone in (path.format(7), path.format(0)):
        assert (await server.get(gone, who=VIEWER)).status_code == 404
    theirs = await server.get(path.format(2), who=STRANGER)
    assert theirs.status_code == 404


async def test_a_draft_that_was_not_changed_since_is_what_was_published(server: Server) -> None:
    await server.post("/processes", BOTH, who=AUTHOR)
    before = (await server.get("/processes/order/draft", who=VIEWER)).json()
    await server.post("/processes/order/versions", who=AUTHOR)
    after = (await server.get("/processes/order/draft", who=VIEWER)).json()
    assert (before["version"], after["version"]) == (0, 1)
    assert (after["bpmn"], after["settings"]) == (DIAGRAM, SETTINGS)
    xml = {"Accept": "application/xml"}
    alone = await server.ask("GET", "/processes/order/draft", who=VIEWER, headers=xml)
    assert alone.text == DIAGRAM
    assert (await server.get("/processes/order/versions/0", who=VIEWER)).status_code == 404


async def test_a_diagram_alone_is_a_draft_with_findings(server: Server) -> None:
    said = await server.ask(
        "PUT",
        "/processes/order/draft",
        who=AUTHOR,
        content=DIAGRAM.encode(),
        headers={"Content-Type": "text/xml"},
    )
    assert said.status_code == 200, said.text
    assert said.json()["is_sound"] is False
    error = next(each for each in said.json()["findings"] if each["severity"] == "error")
    assert (error["element"], error["line"], error["found_in"]) == ("Tell", 7, "diagram")


async def test_diagram_and_settings_are_changed_one_by_one(server: Server) -> None:
    await server.post("/processes", {"bpmn": DIAGRAM}, who=AUTHOR)
    changed = await server.patch("/processes/order/draft", {"settings": SETTINGS}, who=AUTHOR)
    assert changed.json()["is_sound"] is True
    assert (await server.post("/processes/order/versions", who=AUTHOR)).status_code == 201
    again = await server.patch(
        "/processes/order/draft", {"bpmn": DIAGRAM.replace('name="Order"', 'name="Orders"')}, who=AUTHOR
    )
    assert again.status_code == 200
    draft = (await server.get("/processes/order/draft", who=AUTHOR)).json()
    assert (draft["settings"], 'name="Orders"' in draft["bpmn"]) == (SETTINGS, True)


async def test_a_check_tells_everything_and_keeps_nothing(server: Server) -> None:
    told = (
        await server.post(
            "/processes/check", {**BOTH, "settings": SETTINGS.replace("order-ready", "x")}, who=AUTHOR
        )
    ).json()
    assert (told["is_sound"], told["name"], told["elements"]) == (False, "order", 5)
    assert [(each["element"], each["field"]) for each in told["findings"] if each["severity"] == "error"] == [
        ("Tell", "route")
    ]
    broken = (await server.post("/processes/check", {"bpmn": "<a"}, who=AUTHOR)).json()
    assert (broken["is_sound"], broken["name"]) == (False, "")
    assert broken["findings"][0]["severity"] == "error"
    assert (await server.get("/processes", who=AUTHOR)).json()["items"] == []


async def test_what_is_not_sound_is_not_published_and_every_fault_is_told(server: Server) -> None:
    await server.post("/processes", {"bpmn": DIAGRAM}, who=AUTHOR)
    said = await server.post("/processes/order/versions", who=AUTHOR)
    assert said.status_code == 422
    assert ("", "Tell.system_name") in {(each["pointer"], each["field"]) for each in said.json()["errors"]}
    assert (await server.get("/processes/order/versions", who=VIEWER)).json()["items"] == []


async def test_versions_are_published_and_shown(server: Server) -> None:
    await server.post("/processes", BOTH, who=AUTHOR)
    published = await server.post("/processes/order/versions", {"revision": 1}, who=AUTHOR)
    assert (published.status_code, published.json()["version"]) == (201, 1)
    assert (await server.post("/processes/order/versions", who=AUTHOR)).status_code == 422
    (version,) = (await server.get("/processes/order/versions", who=VIEWER)).json()["items"]
    assert (version["version"], version["is_latest"]) == (1, True)
    assert (await server.get("/processes/order/versions/1", who=VIEWER)).json()["settings"] == SETTINGS
    assert (await server.get("/processes/order/versions/0", who=VIEWER)).status_code == 404
    assert (await server.get("/processes/order/versions/2", who=VIEWER)).status_code == 404


async def test_whoever_has_not_seen_the_latest_change_does_not_overwrite_it(server: Server) -> None:
    await server.post("/processes", BOTH, who=AUTHOR)
    assert (await server.post("/processes", BOTH, who=AUTHOR)).status_code == 409
    await server.patch("/processes/order/draft", {"settings": SETTINGS + "\n"}, who=AUTHOR)
    for method, body in (("PUT", BOTH), ("PATCH", {"settings": ""})):
        late = await server.ask(method, "/processes/order/draft", who=AUTHOR, json={**body, "revision": 1})
        assert late.status_code == 409, late.text
    assert (await server.post("/processes/order/versions", {"revision": 1}, who=AUTHOR)).status_code == 409


async def test_a_picture_is_drawn_in_which_nothing_runs(server: Server) -> None:
    named = DIAGRAM.replace('name="Check"', 'name="&lt;script&gt;alert(1)&lt;/script&gt;"')
    await server.post("/processes", {**BOTH, "bpmn": named}, who=AUTHOR)
    said = await server.get("/processes/order/picture", who=VIEWER)
    assert said.headers["content-type"] == "image/svg+xml"
    assert said.text.startswith("<svg")
    assert "<script" not in said.text
    assert "sandbox" in said.headers["content-security-policy"]


async def test_a_deleted_process_is_gone(server: Server) -> None:
    await server.post("/processes", BOTH, who=AUTHOR)
    assert (await server.delete("/processes/order", who=AUTHOR)).status_code == 204
    assert (await server.delete("/processes/order", who=AUTHOR)).status_code == 404
    assert server.deeds[-1].action == "process.delete"


async def test_another_organization_s_process_is_spoken_of_like_one_that_is_not_there(server: Server) -> None:
    await server.post("/processes", BOTH, who=AUTHOR)
    await server.post("/processes/order/versions", who=AUTHOR)
    for path in ("", "/draft", "/versions", "/versions/1", "/picture"):
        theirs = await server.get(f"/processes/order{path}", who=STRANGER)
        nobodys = await server.get(f"/processes/other{path}", who=STRANGER)
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.json()["detail"].replace("order", "other") == nobodys.json()["detail"]
    assert (await server.delete("/processes/order", who=STRANGER)).status_code == 404
    assert (await server.get("/processes", who=STRANGER)).json()["items"] == []


@pytest.mark.parametrize(
    "method, path",
    [
        ("POST", "/processes"),
        ("PUT", "/processes/order/draft"),
        ("PATCH", "/processes/order/draft"),
        ("POST", "/processes/order/versions"),
        ("POST", "/processes/check"),
        ("DELETE", "/processes/order"),
    ],
)
async def test_who_only_looks_on_changes_nothing(server: Server, method: str, path: str) -> None:
    body = BOTH if method != "DELETE" else None
    assert (await server.ask(method, path, who=VIEWER, json=body)).status_code == 403
    assert (await server.ask(method, path, who="operator@acme", json=body)).status_code == 403


async def test_whatever_is_no_process_is_refused_with_a_reason(server: Server) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>'
    for body in (
        {},
        {"bpmn": ""},
        {"bpmn": "<a/>"},
        {"bpmn": bomb},
        {"bpmn": DIAGRAM, "settings": "["},
        {"bpmn": 1},
    ):
        said = await server.put("/processes/order/draft", body, who=AUTHOR)
        assert said.status_code in {400, 422}, said.text
        assert said.json()["detail"]
    named = await server.put("/processes/other/draft", BOTH, who=AUTHOR)
    assert (named.status_code, named.json()["field"]) == (422, "name")


@pytest.mark.parametrize(
    "body, kind, status",
    [
        (b"", "multipart/form-data; boundary=frontier", 422),
        (b"--frontier\r\n\r\nx\r\n--frontier--", "multipart/form-data; boundary=frontier", 422),
        (_form(other="x")[0], "multipart/form-data; boundary=frontier", 422),
        (_form(settings="x")[0], "multipart/form-data; boundary=frontier", 422),
        (_form(bpmn=DIAGRAM, revision="\u0663")[0], "multipart/form-data; boundary=frontier", 422),
        (_form(bpmn=DIAGRAM)[0], "multipart/form-data", 422),
        (b"\xff\xfe<", "application/xml", 422),
        (b"x", "text/csv", 415),
        (b"x", "", 415),
    ],
)
async def test_a_body_that_nobody_can_read_is_refused(
    server: Server, body: bytes, kind: str, status: int
) -> None:
    said = await server.ask(
        "PUT", "/processes/order/draft", who=AUTHOR, content=body, headers={"Content-Type": kind}
    )
    assert said.status_code == status, said.text
