"""Escalation and acknowledging over the API, and by one click on the page behind a link."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote.config.config import Config
from eilbote.model.secret import Secret

pytestmark = pytest.mark.asyncio

ADMINISTRATOR = "organization_administrator@acme"
STEPS = [
    {"after_minutes": 15, "to": ["boss@example.org"], "severity": None},
    {"after_minutes": 60, "to": ["owner@example.org"], "severity": "fatal"},
]
CONFIG = Config(
    data_dir=Path("/nonexistent"),
    database_url=Secret("sqlite:///nonexistent.db"),
    public_url="https://mail.example.org",
)


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(config=CONFIG) as made:
        yield made


async def subscribed(server: Server, **said: object) -> dict[str, object]:
    wish = {"to": ["anna@example.org"], "event": "backup.*", "escalation": STEPS, **said}
    answer = await server.post("/subscriptions", wish, who=ADMINISTRATOR)
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


async def raised(server: Server, **said: object) -> str:
    answer = await server.post("/notifications", {"event": "backup.failed", **said}, who="author@acme")
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def path_of(server: Server, event: str, address: str = "anna@example.org") -> str:
    links = server.eilbote.notify.acknowledging
    assert links is not None
    link = links.link(event, address)
    assert link.startswith("https://mail.example.org/acknowledge/")
    return link.removeprefix("https://mail.example.org")


async def acknowledged(server: Server, event: str) -> object:
    return (await server.get(f"/notifications/{event}", who="viewer@acme")).json()["acknowledged"]


# -- steps -----------------------------------------------------------------------------------------------------------


async def test_steps_are_said_shown_and_changed_with_the_subscription(server: Server) -> None:
    made = await subscribed(server)
    assert made["escalation"] == STEPS

    place = f"/subscriptions/{made['id']}"
    kept = await server.patch(place, {"severity": "error"}, who=ADMINISTRATOR)
    assert kept.json()["escalation"] == STEPS
    for end in ([], None):
        await server.patch(place, {"escalation": STEPS[:1]}, who=ADMINISTRATOR)
        assert (await server.get(place, who=ADMINISTRATOR)).json()["escalation"] == STEPS[:1]
        ended = await server.patch(place, {"escalation": end}, who=ADMINISTRATOR)
        assert ended.json()["escalation"] == []


@pytest.mark.parametrize(
    "step",
    [
        {"after_minutes": 0, "to": ["boss@example.org"]},
        {"after_minutes": 15, "to": []},
        {"after_minutes": 15, "to": ["role:king"]},
        {"after_minutes": 15, "to": ["role:system_administrator"]},
        {"after_minutes": 15, "to": ["nobody"]},
        {"after_minutes": 15, "to": ["boss@example.org"], "severity": "loud"},
        {"after_minutes": 15, "to": ["boss@example.org"], "who": "me"},
    ],
)
async def test_a_step_that_cannot_be_taken_is_refused(server: Server, step: dict[str, object]) -> None:
    answer = await server.post(
        "/subscriptions", {"to": ["anna@example.org"], "escalation": [step]}, who=ADMINISTRATOR
    )

    assert answer.status_code == 422, answer.text
    assert "escalation" in answer.text or "system administrators" in answer.text


async def test_people_have_nobody_else_told_by_subscriptions_of_their_own(server: Server) -> None:
    answer = await server.post("/me/subscriptions", {"escalation": STEPS}, who="viewer@acme")

    assert answer.status_code in {403, 422}


async def test_what_was_done_is_shown_with_what_has_happened(server: Server) -> None:
    made = await subscribed(server)
    event = await raised(server)
    server.clock.advance(15 * 60)
    await server.eilbote.notify.tell_due()

    shown = (await server.get(f"/notifications/{event}", who="viewer@acme")).json()
    assert [(one["subscription"], one["step"], bool(one["done"])) for one in shown["escalation"]] == [
        (made["id"], 1, True),
        (made["id"], 2, False),
    ]
    louder = (
        await server.get(f"/notifications/{shown['escalation'][0]['notification']}", who="viewer@acme")
    ).json()
    assert louder["event"] == "event.escalated"
    assert [one["recipient"] for one in louder["people"]] == ["boss@example.org"]


async def test_nobody_raises_by_hand_that_nobody_has_acknowledged(server: Server) -> None:
    answer = await server.post("/notifications", {"event": " Event.Escalated"}, who=ADMINISTRATOR)

    assert answer.status_code == 403


# -- acknowledging over the API --------------------------------------------------------------------------------------


async def test_the_first_who_acknowledges_it_is_shown_to_everybody(server: Server) -> None:
    await subscribed(server)
    event = await raised(server)
    assert await acknowledged(server, event) is None

    said = await server.post(f"/notifications/{event}/acknowledge", {"note": "on it"}, who="operator@acme")
    again = await server.post(f"/notifications/{event}/acknowledge", {}, who=ADMINISTRATOR)

    assert said.status_code == 200, said.text
    assert said.json()["note"] == "on it"
    assert again.json() == said.json() == await acknowledged(server, event)
    assert "notification.acknowledge" in [deed.action for deed in server.deeds]
    server.clock.advance(3600)
    await server.eilbote.notify.tell_due()
    steps = (await server.get(f"/notifications/{event}", who="viewer@acme")).json()["escalation"]
    assert [one["notification"] for one in steps] == [""]


async def test_they_are_listed_by_whether_somebody_looks_after_them(server: Server) -> None:
    first = await raised(server)
    server.clock.advance(1)
    second = await raised(server)
    await server.post(f"/notifications/{first}/acknowledge", {}, who="operator@acme")

    async def listed(acknowledged: str) -> list[str]:
        answer = await server.get("/notifications", who="viewer@acme", params={"acknowledged": acknowledged})
        return [one["id"] for one in answer.json()["items"]]

    assert await listed("true") == [first]
    assert await listed("false") == [second]


@pytest.mark.parametrize(
    "who, status",
    [
        ("viewer@acme", 403),
        ("operator@globex", 404),
        ("organization_administrator@globex", 404),
        (None, 401),
        ("author@acme", 200),
        ("system_administrator@", 200),
    ],
)
async def test_who_may_acknowledge(server: Server, who: str | None, status: int) -> None:
    event = await raised(server)

    answer = await server.post(f"/notifications/{event}/acknowledge", {}, who=who)

    assert answer.status_code == status
    assert (await acknowledged(server, event) is not None) == (status == 200)


# -- one click -------------------------------------------------------------------------------------------------------


async def test_looking_changes_nothing_and_one_click_acknowledges(server: Server) -> None:
    await subscribed(server)
    event = await raised(server, summary="Backup <b>of</b> db1")
    path = path_of(server, event)

    for language, word in (("de", "Bestätigen"), ("ru", "Подтверждение"), ("fr", "Acknowledge")):
        page = await server.client.get(path, headers={"Accept-Language": language})
        assert page.status_code == 200
        assert word in page.text
        assert "Backup &lt;b&gt;of&lt;/b&gt; db1" in page.text
        assert "no-referrer" in page.headers["Referrer-Policy"]
    assert (await server.client.head(path)).status_code == 200
    assert await acknowledged(server, event) is None

    for address in ("anna@example.org", "max@example.org"):
        done = await server.client.post(path_of(server, event, address))
        assert done.status_code == 200
        assert "<form" not in done.text
        assert "anna@example.org" in done.text
    shown = await acknowledged(server, event)
    assert isinstance(shown, dict)
    assert shown["by"] == "anna@example.org"


async def test_messages_carry_the_link_while_somebody_is_waited_for(server: Server) -> None:
    await subscribed(server)
    await server.post("/subscriptions", {"to": ["calm@example.org"], "event": "job.*"}, who=ADMINISTRATOR)
    event = await raised(server)
    awaited = await server.eilbote.notify.notifier.store.awaiting([event])
    assert awaited == {event: event}
    calm = await raised(server, event="job.done")

    assert await server.eilbote.notify.notifier.store.awaiting([calm]) == {}


async def test_a_link_that_was_not_given_out_acknowledges_nothing(server: Server) -> None:
    event = await raised(server)
    good = path_of(server, event).rpartition("/")[2]
    said, _, signature = good.partition(".")
    other = path_of(server, "another").rpartition("/")[2]
    leaving = server.eilbote.notify.leaving
    assert leaving is not None
    unsubscribing = leaving.link(event, "anna@example.org").rpartition("/")[2]
    for token in (
        said,
        f"{said}.",
        f"{said}.{signature[:-2]}AA",
        f"{other.partition('.')[0]}.{signature}",
        other,
        unsubscribing,
        "x" * 900,
        "a.b",
        "%C3%A4.b",
    ):
        for method in ("GET", "POST"):
            assert (await server.client.request(method, f"/acknowledge/{token}")).status_code == 404
    assert (await server.client.post(f"/unsubscribe/{good}")).status_code == 404
    assert await acknowledged(server, event) is None
