"""Connections over HTTP: kept, shown without secrets, changed in part, and nobody's but their owner's."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

pytestmark = pytest.mark.asyncio
ACME = "organization_administrator@acme"
GLOBEX = "organization_administrator@globex"
OFFICE: dict[str, object] = {
    "name": "office",
    "settings": {
        "host": "smtp.example.org",
        "port": 465,
        "security": "tls",
        "user": "orders@example.org",
        "password": "hunter2",
        "default_from": "orders@example.org",
    },
}


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house() as made:
        yield made


async def test_the_name_of_the_host_s_own_endpoint_is_refused_with_what_it_stands_for(server: Server) -> None:
    at_host = await server.get("/connections/system")
    assert (at_host.status_code, "is not configured" in at_host.json()["detail"]) == (404, True)
    assert "endpoint=system" in at_host.json()["remedy"]
    for who in (ACME, "viewer@acme"):
        said = await server.get("/connections/system", who=who)
        assert (said.status_code, "the host alone" in said.json()["cause"]) == (404, True)


async def test_what_is_kept_is_shown_and_its_secret_is_not(server: Server) -> None:
    made = await server.post("/connections", OFFICE, who=ACME)
    assert made.status_code == 201, made.text
    assert made.headers["location"] == "/api/v1/connections/office"
    said = (await server.get("/connections/office", who=ACME)).json()
    assert (said["organization"], said["host"], said["port"], said["revision"]) == (
        "acme",
        "smtp.example.org",
        465,
        1,
    )
    assert said["settings"]["user"] == "orders@example.org"
    assert said["secrets"]["password"]["has_secret"] is True
    listed = await server.get("/connections", who=ACME)
    for text in (made.text, str(said), listed.text, str(server.deeds)):
        assert "hunter2" not in text
    (deed,) = server.deeds
    assert (deed.action, deed.thing, deed.organization) == (
        "connection.create",
        "connection:acme/office",
        "acme",
    )
    assert deed.after["password"] == "***"


async def test_a_uri_is_taken_apart(server: Server) -> None:
    wanted = {"name": "mail", "settings": {"uri": "smtps://anna:s3cret@mail.example.org"}}
    said = await server.post("/connections", wanted)
    assert said.status_code == 201, said.text
    assert said.json()["settings"]["host"] == "mail.example.org"
    assert "s3cret" not in said.text + str(server.deeds)


async def test_a_change_merges_and_null_takes_back(server: Server) -> None:
    await server.post("/connections", OFFICE)
    said = await server.patch(
        "/connections/office", {"settings": {"default_from": None, "max_sessions": 3}, "revision": 1}
    )
    assert said.status_code == 200, said.text
    settings = said.json()["settings"]
    assert "default_from" not in settings
    assert (settings["max_sessions"], settings["host"]) == (3, "smtp.example.org")
    assert said.json()["revision"] == 2
    deed = server.deeds[-1]
    assert deed.before["default_from"] == "orders@example.org"
    assert deed.after["default_from"] is None
    assert "host" not in deed.after


async def test_who_read_an_older_revision_changes_nothing(server: Server) -> None:
    await server.post("/connections", OFFICE)
    await server.patch("/connections/office", {"settings": {"max_sessions": 2}})
    said = await server.patch("/connections/office", {"settings": {"max_sessions": 9}, "revision": 1})
    assert (said.status_code, said.json()["code"]) == (409, "conflict")
    assert (await server.get("/connections/office")).json()["settings"]["max_sessions"] == 2


async def test_a_stored_secret_goes_nowhere_else(server: Server) -> None:
    """Whoever may change a host name must not thereby have a password sent to a server of their own."""
    await server.post("/connections", OFFICE)
    said = await server.patch("/connections/office", {"settings": {"host": "evil.example"}})
    assert (said.status_code, said.json()["field"]) == (422, "password")
    again = await server.patch(
        "/connections/office", {"settings": {"host": "smtp2.example.org", "password": "new"}}
    )
    assert again.status_code == 200, again.text
    assert server.deeds[-1].after["password"] == "***"


async def test_a_name_that_is_taken_is_a_conflict(server: Server) -> None:
    await server.post("/connections", OFFICE)
    said = await server.post("/connections", OFFICE)
    assert (said.status_code, said.json()["field"]) == (409, "name")
    assert (await server.post("/connections", OFFICE, who=ACME)).status_code == 201


async def test_another_organization_has_no_such_connection_in_the_same_words(server: Server) -> None:
    await server.post("/connections", OFFICE, who=ACME)
    for method, path, body in (
        ("GET", "/connections/{}", None),
        ("PATCH", "/connections/{}", {"settings": {"port": 25}}),
        ("DELETE", "/connections/{}", None),
        ("POST", "/connections/{}/enable", None),
        ("POST", "/connections/{}/disable", None),
        ("POST", "/connections/{}/default", None),
        ("POST", "/connections/{}/resume", None),
    ):
        said = [
            await server.ask(method, path.format(name), who=GLOBEX, json=body)
            for name in ("office", "nowhere")
        ]
        assert [each.status_code for each in said] == [404, 404], (method, path, said[0].text)
        told = [
            {**each.json(), "instance": "", "detail": each.json()["detail"].replace("nowhere", "office")}
            for each in said
        ]
        assert told[0] == told[1]
    assert (await server.get("/connections", who=GLOBEX)).json()["items"] == [
        each for each in (await server.get("/connections", who=GLOBEX)).json()["items"] if each["inherited"]
    ]
    assert (await server.get("/connections/office", who=ACME)).status_code == 200


async def test_an_organization_sees_that_the_host_has_one_and_not_where_it_leads(server: Server) -> None:
    await server.post("/connections", OFFICE)
    said = await server.get("/connections/office", who="viewer@acme")
    assert said.status_code == 200
    assert (said.json()["inherited"], said.json()["host"], said.json()["settings"]) == (True, None, {})
    assert "example.org" not in said.text
    for method, path in (("DELETE", "/connections/office"), ("POST", "/connections/office/disable")):
        assert (await server.ask(method, path, who=ACME)).status_code == 404


async def test_the_host_acts_for_an_organization_and_lists_all(server: Server) -> None:
    await server.post("/connections?organization=acme", OFFICE)
    assert (await server.get("/connections/office?organization=acme")).json()["organization"] == "acme"
    assert (await server.get("/connections/office")).status_code == 404
    listed = (await server.get("/connections", params={"organization": "*"})).json()["items"]
    assert ("acme", "office") in {(each["organization"], each["name"]) for each in listed}


async def test_pages_give_each_once(server: Server) -> None:
    for number in range(5):
        await server.post("/connections", {**OFFICE, "name": f"office-{number}"}, who=ACME)
        await server.post("/connections", {**OFFICE, "name": f"host-{number}"})
    for who, params in ((ACME, {}), ("system_administrator@", {"organization": "*"})):
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await server.get(
                "/connections",
                who=who,
                params={"limit": 3, **params, **({"cursor": cursor} if cursor else {})},
            )
            assert page.status_code == 200, page.text
            seen += [f"{each['organization']}/{each['name']}" for each in page.json()["items"]]
            cursor = page.json()["next_cursor"]
        assert len(seen) == len(set(seen)) == 11  # and the endpoint


async def test_mail_waits_while_it_is_off_and_it_becomes_the_default(server: Server) -> None:
    await server.post("/connections", {**OFFICE, "enabled": False})
    assert (await server.get("/connections/office")).json()["enabled"] is False
    assert (await server.post("/connections/office/enable")).json()["enabled"] is True
    assert (await server.post("/connections/office/disable")).json()["enabled"] is False
    assert (await server.post("/connections/office/default")).json()["is_default"] is True
    assert [deed.action for deed in server.deeds] == [
        "connection.create",
        "connection.enable",
        "connection.disable",
        "connection.make_default",
    ]
    assert (await server.post("/connections/office/resume")).json() == {"resumed": False}


async def test_what_is_removed_is_gone(server: Server) -> None:
    await server.post("/connections", OFFICE)
    assert (await server.delete("/connections/office")).status_code == 204
    assert (await server.get("/connections/office")).status_code == 404
    assert (await server.delete("/connections/office")).status_code == 404


async def test_an_endpoint_is_changed_with_the_settings(server: Server) -> None:
    said = await server.patch("/connections/notification", {"settings": {"port": 25}})
    assert said.status_code == 422
    assert "settings" in said.json()["remedy"]


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"name": "a/b", "settings": {}},
        {"name": "", "settings": {}},
        {"name": "-", "settings": {"host": "x"}},
        {"name": "x", "settings": {"host": "x", "smtpHost": "y"}},
        {"name": "x", "settings": {"port": 10**19}},
        {"name": "x", "settings": {"host": "", "port": 0}},
        {"name": "x", "settings": {"uri": "http://x"}},
        {"name": "x", "settings": {"timeout": -1, "host": "x"}},
        {"name": "x", "settings": []},
        {"name": "x", "settings": {"host": "a b"}},
        {"name": "x", "settings": {"ca_file": "/etc/passwd", "host": "mail.example.org"}},
        {"name": "notification", "settings": {"host": "mail.example.org"}},
    ],
)
async def test_what_makes_no_connection_is_a_fault_of_the_request(
    server: Server, wanted: dict[str, object]
) -> None:
    said = await server.post("/connections", wanted, who=ACME)
    assert said.status_code == 422, said.text
    assert said.json()["detail"]
