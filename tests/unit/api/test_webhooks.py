"""Webhooks over the API: secrets are told once, and nobody sees those of others."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote.errors import SecretKeyError
from eilbote.record.webhook import DeliveryState, HookEvent

pytestmark = pytest.mark.asyncio

ADMINISTRATOR = "organization_administrator@acme"
URL = "https://example.org/hook"


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house() as made:
        yield made


async def created(server: Server, who: str = ADMINISTRATOR, **more: object) -> dict[str, object]:
    said = await server.post("/webhooks", {"url": URL, **more}, who=who)
    assert said.status_code == 201, said.text
    made: dict[str, object] = said.json()
    assert said.headers["Location"] == f"/api/v1/webhooks/{made['id']}"
    return made


async def test_a_secret_is_told_when_it_is_made_and_never_again(server: Server) -> None:
    made = await created(server, events=["message.*"], description="Orders")
    secret = str(made["secret"])
    assert secret.startswith("whsec_")
    for path in ("/webhooks", f"/webhooks/{made['id']}", f"/webhooks/{made['id']}/deliveries"):
        assert secret not in (await server.get(path, who=ADMINISTRATOR)).text
    changed = await server.patch(f"/webhooks/{made['id']}", {"enabled": False}, who=ADMINISTRATOR)
    assert secret not in changed.text
    assert secret not in str(server.deeds)


async def test_a_kind_that_is_never_told_is_refused_where_it_stands(server: Server) -> None:
    made = await created(server, events=["message.*"])
    path, wanted = f"/webhooks/{made['id']}", ["message.*", "message.sent"]
    for said in (
        await server.post("/webhooks", {"url": URL, "events": wanted}, who=ADMINISTRATOR),
        await server.patch(path, {"events": wanted}, who=ADMINISTRATOR),
    ):
        problem = said.json()
        assert (said.status_code, problem["field"], problem["code"]) == (422, "events[1]", "settings")
        assert "message." in problem["remedy"]
    assert (await server.get(path, who=ADMINISTRATOR)).json()["events"] == ["message.*"]


async def test_rotation_tells_the_new_secret_and_until_when_the_former_signs(server: Server) -> None:
    made = await created(server)
    said = await server.post(f"/webhooks/{made['id']}/rotate", who=ADMINISTRATOR)
    assert said.status_code == 200, said.text
    assert said.json()["secret"] != made["secret"]
    assert said.json()["former_secret_until"] is not None
    said = await server.post(f"/webhooks/{made['id']}/rotate", {"overlap_seconds": 0}, who=ADMINISTRATOR)
    assert said.json()["former_secret_until"] is None
    assert server.deeds[-1].action == "webhook.rotate"
    assert "whsec_" not in str(server.deeds)


async def test_nobody_sees_or_touches_those_of_others(server: Server) -> None:
    made = await created(server)
    host = await created(server, who="system_administrator@")
    for id_ in (made["id"], host["id"], "0123456789ab", "no-one", "%C3%A4"):
        words = set()
        for method, path in (
            ("GET", ""),
            ("PATCH", ""),
            ("DELETE", ""),
            ("POST", "/rotate"),
            ("POST", "/test"),
            ("GET", "/deliveries"),
            ("GET", "/deliveries/msg_1"),
            ("POST", "/deliveries/msg_1/redeliver"),
        ):
            said = await server.ask(
                method,
                f"/webhooks/{id_}{path}",
                who="organization_administrator@globex",
                json={} if method == "PATCH" else None,
            )
            assert said.status_code == 404, (method, path, said.text)
            words.add(said.json()["detail"])
        assert len(words) == 1
    listed = await server.get("/webhooks", who="organization_administrator@globex")
    assert listed.json()["items"] == []
    assert (await server.get(f"/webhooks/{made['id']}", who=ADMINISTRATOR)).status_code == 200


async def test_the_host_sees_its_own_one_organizations_or_all(server: Server) -> None:
    made = await created(server)
    host = await created(server, who="system_administrator@")

    async def listed(**params: str) -> set[object]:
        return {one["id"] for one in (await server.get("/webhooks", params=params)).json()["items"]}

    assert await listed() == {host["id"]}
    assert await listed(organization="acme") == {made["id"]}
    assert await listed(organization="*") == {made["id"], host["id"]}


async def test_an_organization_cannot_listen_to_all(server: Server) -> None:
    said = await server.post("/webhooks", {"url": URL, "everywhere": True}, who=ADMINISTRATOR)
    assert (said.status_code, said.json()["field"]) == (422, "everywhere")
    assert (await created(server, who="system_administrator@", everywhere=True))["everywhere"] is True


async def test_roles_see_and_do_what_the_table_says(server: Server) -> None:
    made = await created(server)
    for who, sees, writes in (
        ("operator@acme", 200, 403),
        ("viewer@acme", 403, 403),
        ("author@acme", 403, 403),
        ("webhooks:read@acme", 200, 403),
    ):
        assert (await server.get(f"/webhooks/{made['id']}", who=who)).status_code == sees
        assert (await server.patch(f"/webhooks/{made['id']}", {}, who=who)).status_code == writes
        assert (await server.post("/webhooks", {"url": URL}, who=who)).status_code == writes
    assert (await server.get("/webhooks", who=None)).status_code == 401


async def test_a_change_merges_and_is_refused_when_somebody_was_quicker(server: Server) -> None:
    made = await created(server, events=["message.*"], description="Orders")
    path = f"/webhooks/{made['id']}"
    said = await server.patch(path, {"description": None, "revision": made["revision"]}, who=ADMINISTRATOR)
    assert said.json() == {
        **{name: value for name, value in made.items() if name != "secret"},
        "description": "",
        "revision": 2,
    }
    late = await server.patch(path, {"enabled": False, "revision": made["revision"]}, who=ADMINISTRATOR)
    assert late.status_code == 409
    assert (await server.patch(path, {"url": None}, who=ADMINISTRATOR)).status_code == 422
    deed = server.deeds[-1]
    assert (deed.action, dict(deed.before), dict(deed.after)) == (
        "webhook.update",
        {"description": "Orders"},
        {"description": ""},
    )


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"url": ""},
        {"url": "ftp://example.org"},
        {"url": "https://127.0.0.1/"},
        {"url": "https://[::1]/"},
        {"url": "https://u:p@example.org/"},
        {"url": "https://\udcff.example/"},
        {"url": URL, "events": []},
        {"url": URL, "events": ["\x00"]},
        {"url": URL, "events": ["a.*.b"]},
        {"url": URL, "description": "\x00"},
        {"url": URL, "description": "\ud800"},
        {"url": URL, "secret": "whsec_mine"},
        {"url": URL, "enabled": "perhaps"},
        [],
        "x",
    ],
)
async def test_what_cannot_be_is_refused_with_its_field(server: Server, said: object) -> None:
    refused = await server.ask(
        "POST",
        "/webhooks",
        who=ADMINISTRATOR,
        content=json.dumps(said).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert refused.status_code in {400, 422}, refused.text
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert server.deeds == []


async def test_deliveries_are_listed_page_by_page_and_delivered_again(server: Server) -> None:
    made = await created(server)
    path = f"/webhooks/{made['id']}"
    for number in range(5):
        server.clock.advance(1)
        kept = await server.eilbote.webhooks.show(str(made["id"]))
        at = type(kept.created)(kept.created + 1000 * (number + 1))
        await server.eilbote.webhooks.tell(
            HookEvent(
                id=f"e/{number}", kind="suppression.added", organization="acme", at=at, data={"n": number}
            )
        )
    seen: list[int] = []
    cursor: str | None = None
    while True:
        params: dict[str, str | int | list[str]] = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await server.get(f"{path}/deliveries", who="operator@acme", params=params)).json()
        seen += [json.loads(one["body"])["data"]["n"] for one in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == [4, 3, 2, 1, 0]
    one = page["items"][0]["id"]
    shown = await server.get(f"{path}/deliveries/{one}", who="operator@acme")
    assert (shown.json()["state"], shown.json()["due"] is not None) == ("waiting", True)
    waiting = await server.get(f"{path}/deliveries", who="operator@acme", params={"state": "failed"})
    assert waiting.json()["items"] == []
    again = await server.post(f"{path}/deliveries/{one}/redeliver", who=ADMINISTRATOR)
    assert (again.status_code, again.json()["state"]) == (202, DeliveryState.WAITING)
    await server.patch(path, {"enabled": False}, who=ADMINISTRATOR)
    off = await server.post(f"{path}/deliveries/{one}/redeliver", who=ADMINISTRATOR)
    assert off.status_code == 409


async def test_a_trial_tells_why_nobody_took_it(server: Server) -> None:
    made = await created(server, who="system_administrator@", url="http://127.0.0.1:9/hook")
    said = await server.post(f"/webhooks/{made['id']}/test")
    assert said.status_code == 200, said.text
    assert (said.json()["state"], said.json()["status"]) == ("failed", 0)
    assert said.json()["answer"]


async def test_what_is_removed_is_gone(server: Server) -> None:
    made = await created(server)
    assert (await server.delete(f"/webhooks/{made['id']}", who=ADMINISTRATOR)).status_code == 204
    assert (await server.delete(f"/webhooks/{made['id']}", who=ADMINISTRATOR)).status_code == 404
    assert [deed.action for deed in server.deeds] == ["webhook.create", "webhook.delete"]


async def test_one_whose_secret_is_lost_is_removed_by_its_own_and_by_nobody_else(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = (await server.post("/webhooks", {"url": "https://example.org/hook"}, who=ADMINISTRATOR)).json()[
        "id"
    ]

    async def lost(id: str) -> None:  # noqa: A002 - its own word
        raise SecretKeyError(f"the secret of the webhook {id!r} is missing", field="secret")

    monkeypatch.setattr(server.eilbote.services.webhook_store, "webhook", lost)
    stranger = "organization_administrator@globex"
    assert (await server.ask("DELETE", f"/webhooks/{made}", who=stranger)).status_code == 404
    assert (await server.ask("DELETE", f"/webhooks/{made}", who=ADMINISTRATOR)).status_code == 204
    assert (await server.ask("DELETE", f"/webhooks/{made}", who=ADMINISTRATOR)).status_code == 404
    assert (server.deeds[-1].action, "is missing" in str(server.deeds[-1].before)) == ("webhook.delete", True)


async def test_an_organization_names_no_port_at_which_it_may_not_ask(server: Server) -> None:
    said = await server.post("/webhooks", {"url": "https://example.org:22/"}, who=ADMINISTRATOR)
    assert (said.status_code, said.json()["field"]) == (422, "url")
    assert "egress.ports" in said.json()["remedy"]
