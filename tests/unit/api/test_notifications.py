"""Notifications over the API: who is told of what, by the host's defaults, an organization's wishes, and one's own."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote.accounts.organization import Organization
from eilbote.accounts.role import Role
from eilbote.accounts.user import User, UserState
from eilbote.config.config import Config
from eilbote.model.moment import moment_of
from eilbote.model.secret import Secret

pytestmark = pytest.mark.asyncio

ADMINISTRATOR = "organization_administrator@acme"
CONFIG = Config(
    data_dir=Path("/nonexistent"),
    database_url=Secret("sqlite:///nonexistent.db"),
    public_url="https://mail.example.org",
)


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(config=CONFIG) as made:
        accounts = made.eilbote.services.account_store
        now = moment_of(made.clock.now())
        for name in ("acme", "globex"):
            await accounts.keep_organization(
                Organization(name=name, language="de", time_zone="Europe/Berlin", created=now, changed=now)
            )
        people = (
            ("root", "", Role.SYSTEM_ADMINISTRATOR),
            ("ann", "acme", Role.ORGANIZATION_ADMINISTRATOR),
            ("oli", "acme", Role.OPERATOR),
            ("gil", "globex", Role.ORGANIZATION_ADMINISTRATOR),
        )
        for id_, organization, role in people:
            await accounts.keep_user(
                User(
                    id=id_,
                    organization=organization,
                    address=f"{id_}@{organization or 'host'}.example",
                    role=role,
                    state=UserState.ACTIVE,
                    created=now,
                    changed=now,
                )
            )
        yield made


async def subscribed(server: Server, who: str = ADMINISTRATOR, **said: object) -> dict[str, object]:
    answer = await server.post("/subscriptions", said, who=who)
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


async def raised(
    server: Server, event: str = "flow.failed", who: str = "author@acme", **said: object
) -> list[str]:
    answer = await server.post("/notifications", {"event": event, **said}, who=who)
    assert answer.status_code == 202, answer.text
    shown = await server.get(f"/notifications/{answer.json()['id']}")
    return [one["recipient"] for one in shown.json()["people"]]


# -- event types --------------------------------------------------------------------------------------------------


async def test_the_catalogue_tells_what_each_kind_is(server: Server) -> None:
    known = {
        one["event"]: one for one in (await server.get("/event-types", who="viewer@acme")).json()["items"]
    }

    assert known["outbox.stalled"]["mandatory"] is True
    assert known["account.password_recovery"]["confidential"] is True
    assert known["robot.disconnected"]["at_most"] == 10
    assert set(known["webhook.disabled"]["titles"]) == {"en", "de", "ru"}
    assert (await server.get("/event-types/flow.failed", who="viewer@acme")).json() == known["flow.failed"]
    assert (await server.get("/event-types/nothing.known", who="viewer@acme")).status_code == 404


async def test_a_list_of_kinds_is_told_in_plain_words_of_the_reader_s_language(server: Server) -> None:
    async def told(path: str, accepted: str = "") -> dict[str, str]:
        said = await server.ask(
            "GET", f"/event-types/flow.failed{path}", headers={"Accept-Language": accepted}
        )
        assert said.status_code == 200, said.text
        return {"title": said.json()["title"], "vary": said.headers.get("Vary", "")}

    assert (await told(""))["title"] == (await told("", "fr, en;q=0.5"))["title"] == "Flow failed"
    german = await told("", "de-AT, en;q=0.5")
    assert (german["title"], "Accept-Language" in german["vary"]) == ("Ablauf gescheitert", True)
    named = await told("?language=ru", "de")
    assert (named["title"], "Accept-Language" in named["vary"]) == ("Ошибка сценария", False)
    assert (await server.get("/event-types?language=xx")).status_code == 422
    for each in (await server.get("/event-types")).json()["items"]:
        assert set(each["labels"]) == {"en", "de", "ru"}
        assert not [text for text in each["labels"].values() if "{" in text or not text.strip()], each


# -- subscriptions ------------------------------------------------------------------------------------------------


async def test_the_host_lists_its_defaults_and_an_organization_what_is_in_force(server: Server) -> None:
    host = (await server.get("/subscriptions")).json()["items"]
    assert "default-host" in {one["id"] for one in host}
    assert all(one["default"] and one["revision"] == 0 for one in host)
    assert (await server.get("/subscriptions", who="viewer@acme")).json()["items"] == []
    in_force = await server.get("/subscriptions", who="viewer@acme", params={"in_force": "true"})
    assert "default-organization" in {one["id"] for one in in_force.json()["items"]}
    assert "default-host" not in {one["id"] for one in in_force.json()["items"]}


async def test_by_default_administrators_and_authors_hear_of_failures_and_no_other_organization(
    server: Server,
) -> None:
    assert await raised(server, who="author@acme") == ["ann@acme.example"]
    assert await raised(server, who="author@globex") == ["gil@globex.example"]
    assert await raised(server, "connection.paused", who="author@acme") == [
        "ann@acme.example",
        "oli@acme.example",
    ]


async def test_an_organization_replaces_or_silences_a_default_for_itself(server: Server) -> None:
    made = await subscribed(server, to=["role:operator"], severity="error", replaces="default-organization")
    assert await raised(server) == ["oli@acme.example"]
    assert await raised(server, who="author@globex") == ["gil@globex.example"]

    said = await server.patch(
        f"/subscriptions/{made['id']}", {"cadence": "never", "to": None}, who=ADMINISTRATOR
    )
    assert said.status_code == 200, said.text
    assert await raised(server) == []
    assert await raised(server, "licence.expired") == ["ann@acme.example"]  # mandatory


async def test_the_host_changes_a_default_and_brings_it_back(server: Server) -> None:
    said = await server.patch("/subscriptions/default-organization", {"to": ["eva@example.org"]})
    assert (said.status_code, said.json()["revision"], said.json()["default"]) == (200, 1, True)
    assert await raised(server) == ["eva@example.org"]
    assert (await server.delete("/subscriptions/default-organization")).status_code == 204
    assert await raised(server) == ["ann@acme.example"]
    assert (await server.delete("/subscriptions/default-organization")).status_code == 409


async def test_organizations_see_the_hosts_defaults_and_change_none(server: Server) -> None:
    path = "/subscriptions/default-organization"
    assert (await server.get(path, who="viewer@acme")).status_code == 200
    assert (await server.patch(path, {"to": ["x@example.org"]}, who=ADMINISTRATOR)).status_code == 404
    assert (await server.post(f"{path}/snooze", {"minutes": 5}, who=ADMINISTRATOR)).status_code == 404
    assert (await server.delete(path, who=ADMINISTRATOR)).status_code == 404
    assert (await server.get("/subscriptions/default-host", who=ADMINISTRATOR)).status_code == 404


async def test_nobody_sees_or_changes_subscriptions_of_others(server: Server) -> None:
    made = await subscribed(server, to=["eva@example.org"])
    path, who = f"/subscriptions/{made['id']}", "organization_administrator@globex"
    for method, more, body in (
        ("GET", "", None),
        ("PATCH", "", {}),
        ("DELETE", "", None),
        ("POST", "/snooze", {"minutes": 5}),
        ("DELETE", "/snooze", None),
    ):
        assert (await server.ask(method, path + more, who=who, json=body)).status_code == 404
    assert (await server.get("/subscriptions", who=who)).json()["items"] == []
    assert (await server.patch(path, {}, who="viewer@acme")).status_code == 403


async def test_a_snooze_tells_nothing_until_it_is_over(server: Server) -> None:
    made = await subscribed(server, to=["eva@example.org"], event="invoice.*")
    path = f"/subscriptions/{made['id']}"
    assert (await server.post(f"{path}/snooze", {"minutes": 60}, who=ADMINISTRATOR)).status_code == 200
    assert await raised(server, "invoice.overdue") == []
    server.clock.advance(3601)
    assert await raised(server, "invoice.overdue") == ["eva@example.org"]
    await server.post(f"{path}/snooze", {"minutes": 60}, who=ADMINISTRATOR)
    woken = await server.delete(f"{path}/snooze", who=ADMINISTRATOR)
    assert woken.json()["muted_until"] is None
    assert await raised(server, "invoice.overdue") == ["eva@example.org"]


async def test_a_change_merges_is_written_down_and_refused_when_somebody_was_quicker(server: Server) -> None:
    made = await subscribed(server, to=["eva@example.org"], severity="error", when="data.total > 5")
    path = f"/subscriptions/{made['id']}"
    said = await server.patch(path, {"when": None, "severity": "fatal", "revision": 1}, who=ADMINISTRATOR)
    assert said.json() == {**made, "when": "", "severity": "fatal", "revision": 2}
    assert (
        await server.patch(path, {"severity": "error", "revision": 1}, who=ADMINISTRATOR)
    ).status_code == 409
    deed = server.deeds[-1]
    assert (deed.action, dict(deed.after)) == ("subscription.update", {"when": "", "severity": "fatal"})


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"to": ["nobody"]},
        {"to": ["role:emperor"]},
        {"to": ["role:system_administrator"]},
        {"to": ["a@example.org"], "everywhere": True},
        {"to": ["a@example.org"], "event": "\x00"},
        {"to": ["a@example.org"], "event": "\ud800"},
        {"to": ["\ud800@example.org"]},
        {"to": ["a@example.org"], "when": "{% x %}"},
        {"to": ["a@example.org"], "cadence": "sometimes"},
        {"to": ["a@example.org"], "at": "25:00"},
        {"to": ["a@example.org"], "quiet": "1-2"},
        {"to": ["a@example.org"], "time_zone": "Mars/North"},
        {"to": ["a@example.org"], "language": "klingon"},
        {"to": ["a@example.org"], "muted_until": "2026-01-01"},
        {"to": ["a@example.org"], "muted_until": "0001-01-01T00:00:00+14:00"},
        {"to": ["a@example.org"], "muted_until": "9999-12-31T23:59:59-14:00"},
        {"to": ["a@example.org"], "replaces": "default-host"},
        {"to": ["a@example.org"], "replaces": "nothing"},
        {"to": ["a@example.org"], "organization": "globex"},
        {"to": "a@example.org"},
        {"to": [1]},
    ],
)
async def test_what_cannot_be_is_refused(server: Server, said: object) -> None:
    refused = await server.ask(
        "POST",
        "/subscriptions",
        who=ADMINISTRATOR,
        content=json.dumps(said).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert refused.status_code in {400, 422}, refused.text
    assert server.deeds == []


async def test_somebody_sees_what_they_would_be_told(server: Server) -> None:
    await subscribed(server, to=["user:oli"], event="robot.*", when="data.room == 7", cadence="daily")
    shown = await server.get("/subscriptions/preview", who="viewer@acme", params={"user": "oli"})
    would = {one["event"]: one for one in shown.json()["items"]}

    assert (would["connection.paused"]["told"], would["connection.paused"]["subscription"]) == (
        True,
        "default-connections",
    )
    assert (would["robot.disconnected"]["gathered"], would["robot.disconnected"]["condition"]) == (
        True,
        "data.room == 7",
    )
    assert would["licence.expired"]["told"] is False
    foreign = await server.get("/subscriptions/preview", who="viewer@acme", params={"user": "gil"})
    assert foreign.status_code == 404
    assert (await server.get("/subscriptions/preview", who="viewer@acme")).status_code == 422


# -- one's own ----------------------------------------------------------------------------------------------------


def as_user(server: Server, monkeypatch: pytest.MonkeyPatch, id_: str) -> None:
    """Let whoever asks be the user of this id."""
    doorkeeper = server.application.state.house.doorkeeper
    known = doorkeeper.by_key

    async def by_key(text: str, *, origin: object) -> object:
        return replace(await known(text, origin=origin), id=id_)

    monkeypatch.setattr(doorkeeper, "by_key", by_key)


async def test_people_subscribe_for_themselves_without_being_administrators(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_user(server, monkeypatch, "oli")
    said = await server.post("/me/subscriptions", {"event": "invoice.*"}, who="operator@acme")
    assert (said.status_code, said.json()["to"]) == (201, ["user:oli"])
    assert await raised(server, "invoice.overdue") == ["oli@acme.example"]
    path = f"/me/subscriptions/{said.json()['id']}"
    muted = await server.patch(path, {"muted_until": "2027-01-01T00:00:00Z"}, who="operator@acme")
    assert muted.status_code == 200, muted.text
    assert await raised(server, "invoice.overdue") == []
    assert (await server.delete(path, who="operator@acme")).status_code == 204
    assert (await server.get("/me/subscriptions", who="operator@acme")).json()["items"] == []


async def test_people_leave_what_reaches_them_by_their_role(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_user(server, monkeypatch, "oli")
    preview = await server.get("/me/subscriptions/preview", who="operator@acme")
    assert {one["event"]: one["told"] for one in preview.json()["items"]}["connection.paused"] is True
    gone = await server.delete("/me/subscriptions/default-connections", who="operator@acme")
    assert gone.status_code == 204, gone.text
    assert await raised(server, "connection.paused") == ["ann@acme.example"]
    assert (await server.delete("/me/subscriptions/nothing", who="operator@acme")).status_code == 404


async def test_a_key_is_nobody_who_could_be_told(server: Server) -> None:
    assert (await server.get("/me/subscriptions", who="notifications:write@acme")).status_code == 403
    own = await server.get("/me/subscriptions", params={"organization": "acme"})
    assert own.status_code == 403


# -- notifications ------------------------------------------------------------------------------------------------


async def test_the_same_id_is_one_event_in_each_organization(server: Server) -> None:
    said = {"event": "invoice.overdue", "id": "4711", "summary": "Invoice 4711"}
    first = await server.post("/notifications", said, who="author@acme")
    again = await server.post("/notifications", said, who="author@acme")
    other = await server.post("/notifications", said, who="author@globex")

    assert first.json()["new"] is True
    assert again.json() == {**first.json(), "new": False}
    assert other.json()["new"] is True
    assert other.json()["id"] != first.json()["id"]


async def test_events_are_listed_page_by_page_and_only_ones_own(server: Server) -> None:
    for number in range(5):
        server.clock.advance(1)
        await raised(server, "invoice.overdue", summary=f"Invoice {number}", data={"total": 1.5})
    await raised(server, "invoice.overdue", who="author@globex")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params: dict[str, str | int | list[str]] = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await server.get("/notifications", who="viewer@acme", params=params)).json()
        seen += [one["title"] for one in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == [f"Invoice {number}" for number in (4, 3, 2, 1, 0)]
    id_ = page["items"][0]["id"]
    assert (await server.get(f"/notifications/{id_}", who="viewer@acme")).json()["data"] == {"total": 1.5}
    assert (await server.get(f"/notifications/{id_}", who="viewer@globex")).status_code == 404
    assert (await server.post("/notifications", {"event": "x"}, who="viewer@acme")).status_code == 403


async def test_what_is_confidential_is_shown_to_nobody(server: Server) -> None:
    raised = await server.eilbote.notify.raise_event(
        "account.password_recovery", to="eva@example.org", data={"link": "https://secret.example"}
    )
    shown = await server.get(f"/notifications/{raised.event}")
    assert "secret" not in shown.text
    assert shown.json()["people"][0]["recipient"] == "eva@example.org"


async def test_nobody_has_links_sent_in_the_name_of_accounts(server: Server) -> None:
    for event in ("account.password_recovery", " Account.Invitation", "account.anything"):
        said = {"event": event, "to": ["eva@example.org"], "data": {"link": "https://phishing.example"}}
        for who in ("author@acme", "system_administrator@"):
            assert (await server.post("/notifications", said, who=who)).status_code == 403


# -- unsubscribing ------------------------------------------------------------------------------------------------


async def test_one_click_ends_it_and_looking_does_not(server: Server) -> None:
    made = await subscribed(server, to=["role:operator", "eva@example.org"], event="invoice.*")
    leaving = server.eilbote.notify.leaving
    assert leaving is not None
    link = leaving.link(str(made["id"]), "eva@example.org")
    assert link.startswith("https://mail.example.org/unsubscribe/")
    path = link.removeprefix("https://mail.example.org")

    for language, word in (("de", "Abbestellen"), ("ru", "Отписаться"), ("fr", "Unsubscribe")):
        page = await server.client.get(path, headers={"Accept-Language": language})
        assert page.status_code == 200
        assert word in page.text
        assert "no-referrer" in page.headers["Referrer-Policy"]
    assert "eva@example.org" in await raised(server, "invoice.overdue")
    for _ in range(2):
        done = await server.client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
        assert "<form" not in done.text
    assert await raised(server, "invoice.overdue") == ["oli@acme.example"]
    left = (await server.get(f"/subscriptions/{made['id']}", who=ADMINISTRATOR)).json()["left"]
    assert left == ["eva@example.org"]


async def test_a_link_that_was_not_given_out_ends_nothing(server: Server) -> None:
    made = await subscribed(server, to=["eva@example.org"], event="invoice.*")
    leaving = server.eilbote.notify.leaving
    assert leaving is not None
    good = leaving.link(str(made["id"]), "eva@example.org").rpartition("/")[2]
    said, _, signature = good.partition(".")
    other = leaving.link(str(made["id"]), "max@example.org").rpartition("/")[2]
    for token in (
        said,
        f"{said}.",
        f"{said}.{signature[:-2]}AA",
        f"{other.partition('.')[0]}.{signature}",
        "x" * 900,
        "a.b",
        "%C3%A4.b",
    ):
        for method in ("GET", "POST"):
            assert (await server.client.request(method, f"/unsubscribe/{token}")).status_code == 404
    assert await raised(server, "invoice.overdue") == ["eva@example.org"]
