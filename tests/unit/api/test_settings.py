"""Settings over HTTP: what holds with where it came from, changed in part, and the host's business left to the host."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.mail_catcher import MailCatcher
from tests.unit.api.server import Server, house

pytestmark = pytest.mark.asyncio
ACME = "organization_administrator@acme"
HOSTS: dict[str, object] = {
    "settings": {
        "host": "relay.internal.example",
        "port": 587,
        "user": "eilbote",
        "password": "hunter2",
        "default_from": "noreply@example.org",
    }
}


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house() as made:
        yield made


async def test_nothing_is_configured_at_first(server: Server) -> None:
    said = (await server.get("/settings")).json()
    assert (said["configured"], said["revision"], said["own"]) == (False, 0, [])


async def test_each_value_says_where_it_came_from(server: Server) -> None:
    assert (await server.patch("/settings", HOSTS)).status_code == 200
    own = {"settings": {"from_name": "Acme"}}
    said = await server.patch("/settings", own, who=ACME)
    assert said.status_code == 200, said.text
    fields = said.json()["fields"]
    assert (fields["from_name"]["level"], fields["from_name"]["inherited"]) == ("organization", False)
    assert (fields["default_from"]["level"], fields["default_from"]["inherited"]) == ("host", True)
    assert said.json()["own"] == ["from_name"]


async def test_secrets_go_in_and_never_come_out(server: Server) -> None:
    said = await server.patch("/settings", HOSTS)
    shown = await server.get("/settings")
    assert shown.json()["fields"]["password"]["has_secret"] is True
    for text in (said.text, shown.text, str(server.deeds)):
        assert "hunter2" not in text
    assert server.deeds[-1].after["password"] == "***"


async def test_an_organization_is_not_told_where_the_hosts_mail_goes(server: Server) -> None:
    await server.patch("/settings", HOSTS)
    said = await server.get("/settings", who="viewer@acme")
    assert "internal" not in said.text
    assert said.json()["fields"]["host"] == {
        "value": None,
        "has_secret": False,
        "level": "host",
        "place": "host",
        "inherited": True,
        "locked": False,
        "hidden": True,
    }
    assert said.json()["fields"]["default_from"]["value"] == "noreply@example.org"
    assert (await server.post("/settings/test", {}, who=ACME)).status_code == 403
    host = await server.get("/settings", params={"organization": "acme"})
    assert host.json()["fields"]["host"]["value"] == "relay.internal.example"


async def test_null_takes_a_field_back(server: Server) -> None:
    await server.patch("/settings", HOSTS)
    await server.patch("/settings", {"settings": {"from_name": "Acme"}}, who=ACME)
    said = await server.patch("/settings", {"settings": {"from_name": None}}, who=ACME)
    assert said.json()["own"] == []
    assert "from_name" not in said.json()["fields"]


async def test_what_is_locked_is_not_overridden_until_it_is_unlocked(server: Server) -> None:
    await server.patch("/settings", {**HOSTS, "lock": ["default_from"]})
    wanted = {"settings": {"default_from": "acme@example.net"}}
    refused = await server.patch("/settings", wanted, who=ACME)
    assert (refused.status_code, refused.json()["field"]) == (422, "default_from")
    assert (await server.get("/settings")).json()["locked"] == ["default_from"]
    await server.patch("/settings", {"unlock": ["default_from"]})
    assert (await server.patch("/settings", wanted, who=ACME)).status_code == 200


async def test_own_values_are_kept_while_they_do_not_hold(server: Server) -> None:
    await server.patch("/settings", HOSTS)
    await server.patch("/settings", {"settings": {"from_name": "Acme"}}, who=ACME)
    said = (await server.patch("/settings", {"custom": False}, who=ACME)).json()
    assert (said["custom"], said["own"], "from_name" in said["fields"]) == (False, ["from_name"], False)


async def test_who_read_an_older_revision_changes_nothing(server: Server) -> None:
    await server.patch("/settings", HOSTS)
    said = await server.patch("/settings", {"settings": {"port": 25}, "revision": 0})
    assert said.status_code == 409


async def test_a_stored_secret_goes_nowhere_else(server: Server) -> None:
    await server.patch("/settings", HOSTS)
    said = await server.patch("/settings", {"settings": {"host": "evil.example"}})
    assert (said.status_code, said.json()["field"]) == (422, "password")


async def test_a_reset_gives_what_it_was_and_forgets_it(server: Server) -> None:
    await server.patch("/settings", HOSTS)
    assert (await server.get("/settings/remains")).json()["secrets"] == ["password"]
    said = await server.post("/settings/reset")
    assert said.json()["found"] is True
    assert "relay.internal.example" in said.json()["settings"]
    assert "hunter2" not in said.text
    assert (await server.get("/settings")).json()["configured"] is False
    assert server.deeds[-1].action == "settings.reset"
    assert (await server.post("/settings/reset")).json()["found"] is False


async def test_an_organization_tests_what_it_said_itself_and_only_to_public_addresses(server: Server) -> None:
    await server.patch("/settings", {"settings": {"host": "127.0.0.1", "port": 1}}, who=ACME)
    said = await server.post("/settings/test", {}, who=ACME)
    assert said.status_code == 200, said.text
    assert said.json()["steps"][0]["error"]["what"] == "the host leads to no public address"


async def test_what_is_not_kept_yet_is_tested_with_the_secrets_that_are(
    server: Server, mail_catcher: MailCatcher
) -> None:
    there = {"host": "127.0.0.1", "port": mail_catcher.port, "security": "none"}
    unsaved = await server.post("/settings/test", {"settings": there})
    assert (unsaved.status_code, unsaved.json()["ok"]) == (200, True), unsaved.text
    assert (await server.get("/settings")).json()["configured"] is False, "nothing is kept"

    await server.patch("/settings", HOSTS)
    elsewhere = await server.post("/settings/test", {"settings": there})
    assert (elsewhere.status_code, elsewhere.json()["field"]) == (422, "password"), (
        "it was entered for another"
    )
    taken_back = {"settings": {**there, "user": None, "password": None}}
    assert (await server.post("/settings/test", taken_back)).json()["ok"] is True
    assert (await server.get("/settings")).json()["fields"]["host"]["value"] == "relay.internal.example"
    assert [deed.action for deed in server.deeds] == ["settings.update"]


async def test_who_may_not_change_settings_tries_no_others(server: Server, mail_catcher: MailCatcher) -> None:
    there = {"settings": {"host": "127.0.0.1", "port": mail_catcher.port, "security": "none"}}
    await server.patch("/settings", HOSTS)
    assert (await server.post("/settings/test", there, who="connections:test@")).status_code == 403
    own = await server.post("/settings/test", there, who=ACME)
    assert own.json()["steps"][0]["error"]["what"] == "the host leads to no public address"
    hosts = await server.post("/settings/test", {"settings": {"from_name": "Acme"}}, who=ACME)
    assert (hosts.status_code, "internal" in hosts.text) == (403, False), "the destination is the host's"


async def test_fields_are_called_by_the_reader_s_language(server: Server) -> None:
    async def labels(language: str) -> dict[str, str]:
        said = await server.get("/settings/fields", params={"language": language}, who="viewer@acme")
        return {each["name"]: each["label"] for each in said.json()["items"]}

    english, german, russian = [await labels(each) for each in ("en", "de", "ru")]
    assert (english["host"], german["host"], russian["host"]) == ("SMTP host", "SMTP-Host", "SMTP-хост")
    same = {name for name in english if len({english[name], german[name], russian[name]}) == 1}
    assert same == {"uri"}, "a field that nobody has translated"
    browser = await server.ask("GET", "/settings/fields", headers={"Accept-Language": "de"})
    assert browser.json()["items"][0]["label"] == german[browser.json()["items"][0]["name"]]


async def test_a_form_can_be_drawn_from_the_fields(server: Server) -> None:
    fields = {each["name"]: each for each in (await server.get("/settings/fields")).json()["items"]}
    assert fields["client_id"]["shown_when"] == [
        {"field": "auth_type", "values": ["oauth2"]},
        {"field": "grant", "values": ["", "refresh_token", "client_credentials"]},
    ]
    assert fields["timeout"]["shown_when"] == []
    for name, each in fields.items():
        for condition in each["shown_when"]:
            decides = fields[condition["field"]]
            assert name not in {one["field"] for one in decides["shown_when"]}, f"{name} decides itself"
            assert set(condition["values"]) <= {"", *decides["choices"]}, name


async def test_the_endpoint_for_accounts_is_the_hosts(server: Server) -> None:
    assert (await server.get("/settings?endpoint=system")).status_code == 200
    assert (await server.get("/settings?endpoint=system", who=ACME)).status_code == 422
    assert (await server.get("/settings?endpoint=else")).status_code == 422


async def test_the_fields_of_a_form_are_told(server: Server) -> None:
    items = (await server.get("/settings/fields", who="viewer@acme")).json()["items"]
    assert {"name": "password", "is_secret": True}.items() <= next(
        each for each in items if each["name"] == "password"
    ).items()


async def test_a_form_is_told_what_may_be_chosen_and_each_of_it_is_taken(server: Server) -> None:
    items = (await server.get("/settings/fields")).json()["items"]
    choices = {each["name"]: each["choices"] for each in items if each["choices"]}
    assert choices["security"] == ["tls", "starttls", "none"]
    assert set(choices) == {"security", "protocol", "minimum_version", "auth_type", "grant"}
    for name, given in choices.items():
        for value in given:
            said = await server.patch("/settings", {"settings": {name: value}})
            assert said.status_code == 200, (name, value, said.text)


@pytest.mark.parametrize(
    "wanted",
    [
        {"settings": {"what": 1}},
        {"settings": {"port": 443_000}},
        {"lock": ["nothing"]},
        {"lock": ["host"], "unlock": ["host"]},
        {"settings": {"host": "ä ö"}},
        {"settings": {"ca_file": "/etc/passwd"}},
        {"custom": "perhaps"},
    ],
)
async def test_what_cannot_be_set_is_a_fault_of_the_request(
    server: Server, wanted: dict[str, object]
) -> None:
    assert (await server.patch("/settings", wanted, who=ACME)).status_code == 422


async def test_what_nobody_says_is_told_with_what_applies(server: Server) -> None:
    said = (await server.get("/settings")).json()
    names = {each["name"] for each in (await server.get("/settings/fields")).json()["items"]}
    assert set(said["unsaid"]) | set(said["fields"]) == names
    assert not set(said["unsaid"]) & set(said["fields"])
    assert said["unsaid"]["verify"] == {"default": True, "place": "default", "locked_by": ""}
    assert said["unsaid"]["timeout"]["default"] == 30
    assert said["unsaid"]["password"] == {"default": None, "place": "", "locked_by": ""}
    fields = {each["name"]: each for each in (await server.get("/settings/fields")).json()["items"]}
    assert (fields["timeout"]["default"], fields["host"]["default"]) == (30, None)


async def test_what_follows_from_the_rest_is_told_to_whom_it_concerns_alone(server: Server) -> None:
    wanted = {"settings": {"service": "gmail", "user": "a@gmail.com", "password": "hunter2"}}
    said = (await server.patch("/settings", wanted)).json()
    assert said["unsaid"]["host"] == {
        "default": "smtp.gmail.com", "place": "follows from Gmail", "locked_by": "",
    }  # fmt: skip
    other = (await server.get("/settings", who=ACME)).json()
    assert other["unsaid"]["host"]["default"] is None
    assert "smtp.gmail.com" not in str(other)


async def test_a_form_knows_what_an_organization_may_not_say(server: Server) -> None:
    await server.patch("/settings", {**HOSTS, "lock": ["host"]})
    unsaid = (await server.get("/settings", who=ACME)).json()["unsaid"]
    assert (unsaid["service"]["locked_by"], unsaid["from_name"]["locked_by"]) == ("host", "")
