"""What people want done with messages, one or all that a search finds."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from email import message_from_bytes

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

pytestmark = pytest.mark.asyncio
MESSAGE = {"to": "anna@example.org", "subject": "Order 4711", "text": "It is on its way."}


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    uri = "smtp://127.0.0.1:9?from=orders@example.org"
    async with house(connections={"default": uri, "office": uri}) as made:
        yield made


async def submitted(server: Server, **fields: object) -> str:
    said = await server.post("/messages", {**MESSAGE, **fields})
    assert said.status_code == 202, said.text
    return str(said.json()["id"])


async def state(server: Server, message: str) -> str:
    return str((await server.get(f"/messages/{message}")).json()["state"])


async def test_a_message_is_held_released_and_cancelled(server: Server) -> None:
    message = await submitted(server)

    held = await server.post(f"/messages/{message}/hold", who="operator@")
    released = await server.post(f"/messages/{message}/release", who="operator@")
    cancelled = await server.post(f"/messages/{message}/cancel", who="operator@")

    assert [each.json()["state"] for each in (held, released, cancelled)] == ["held", "queued", "cancelled"]
    assert cancelled.json()["outcome"] == "cancelled"
    deeds = [deed for deed in server.deeds if deed.action.startswith("message.")]
    assert [deed.action for deed in deeds] == ["message.hold", "message.release", "message.cancel"]
    assert {deed.thing for deed in deeds} == {f"message:{message}"}
    assert (deeds[0].before, deeds[0].after) == ({"state": "queued"}, {"state": "held"})


async def test_what_a_message_allows_is_told_and_is_what_it_grants(server: Server) -> None:
    message = await submitted(server)
    told = {"queued": ["retry", "cancel", "hold"], "held": ["cancel", "release"], "cancelled": []}

    for action, expected in ((None, "queued"), ("hold", "held"), ("cancel", "cancelled")):
        if action is not None:
            said = (await server.post(f"/messages/{message}/{action}")).json()
            assert (said["state"], said["allowed"]) == (expected, told[expected])
        shown = (await server.get(f"/messages/{message}", who="viewer@")).json()
        (listed,) = (await server.get("/messages", who="viewer@")).json()["items"]
        assert shown["allowed"] == listed["allowed"] == told[expected]


async def test_what_its_state_does_not_allow_is_a_conflict(server: Server) -> None:
    message = await submitted(server)
    await server.post(f"/messages/{message}/cancel")

    for action in ("hold", "release", "cancel"):
        said = await server.post(f"/messages/{message}/{action}")
        assert said.status_code == 409, action
        assert said.json()["code"] == "illegal_transition"


async def test_an_unknown_message_is_not_found(server: Server) -> None:
    for message in ("0" * 13, "x", "é", "1" * 39):
        assert (await server.post(f"/messages/{message}/retry")).status_code == 404


async def test_all_that_a_search_finds_are_counted_and_then_done(server: Server) -> None:
    orders = [await submitted(server, subject=f"Order {number}") for number in range(3)]
    other = await submitted(server, subject="Invoice")
    wanted = {"action": "cancel", "q": "subject:order"}

    counted = await server.post("/messages/bulk", {**wanted, "dry_run": True})
    wrong = await server.post("/messages/bulk", {**wanted, "expected": 2})
    states = [await state(server, each) for each in orders]
    done = await server.post("/messages/bulk", {**wanted, "expected": counted.json()["concerned"]})
    again = await server.post("/messages/bulk", wanted)

    assert (counted.json()["concerned"], counted.json()["done"]) == (3, 0)
    assert wrong.status_code == 409
    assert states == ["queued"] * 3
    assert (done.json()["concerned"], done.json()["done"], done.json()["refused"]) == (3, 3, [])
    assert [await state(server, each) for each in (*orders, other)] == ["cancelled"] * 3 + ["queued"]
    assert again.json() == {"concerned": 0, "done": 0, "refused": []}
    (deed,) = [deed for deed in server.deeds if deed.action == "message.cancel" and deed.after["done"]]
    assert dict(deed.after) == {"q": "subject:order", "concerned": 3, "done": 3}


async def test_those_that_are_named_are_done_and_others_are_told_why_not(server: Server) -> None:
    first, second = await submitted(server), await submitted(server)
    await server.post(f"/messages/{second}/cancel")

    said = await server.post("/messages/bulk", {"action": "hold", "ids": [first, second, "0" * 13, first]})

    made = said.json()
    assert (made["concerned"], made["done"]) == (2, 1)
    assert {each["id"] for each in made["refused"]} == {second, "0" * 13}
    assert all(each["reason"] for each in made["refused"])


async def test_a_wish_concerns_what_it_suits(server: Server) -> None:
    held, queued = await submitted(server), await submitted(server)
    await server.post(f"/messages/{held}/hold")

    released = await server.post("/messages/bulk", {"action": "release", "q": "order"})
    retried = await server.post("/messages/bulk", {"action": "retry", "q": "order", "dry_run": True})

    assert (released.json()["concerned"], released.json()["done"]) == (1, 1)
    assert retried.json()["concerned"] == 0, "nothing was tried or has failed"
    assert await state(server, queued) == "queued"


async def test_a_wish_reaches_no_other_organization(server: Server) -> None:
    own = await submitted(server)
    await server.post("/messages?organization=acme", {**MESSAGE, "connections": ["office"]})

    said = await server.post("/messages/bulk", {"action": "cancel", "q": "order"}, who="operator@acme")

    assert said.json()["concerned"] == 1
    assert await state(server, own) == "queued"
    everywhere = {"action": "hold", "q": "order", "dry_run": True}
    assert (await server.post("/messages/bulk?organization=*", everywhere)).json()["concerned"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"action": "cancel"},
        {"action": "cancel", "ids": [], "q": None},
        {"action": "cancel", "ids": ["x"], "q": "x"},
        {"action": "delete", "q": "x"},
        {"action": "cancel", "q": ""},
        {"action": "cancel", "q": "sender:x"},
        {"action": "cancel", "q": '"'},
        {"action": "cancel", "ids": ["not an id"]},
        {"action": "cancel", "q": "x", "expected": -1},
    ],
)
async def test_a_wish_that_is_none_does_nothing(server: Server, body: object) -> None:
    message = await submitted(server)

    said = await server.post("/messages/bulk", body)

    assert said.status_code in {404, 422}, said.text
    assert await state(server, message) == "queued"


async def test_a_message_is_sent_again_to_others_as_one_of_its_own(server: Server) -> None:
    sent = await server.post(
        "/messages",
        {
            **MESSAGE,
            "cc": "max@example.org",
            "headers": {"X-Order": "4711"},
            "attachments": [{"filename": "a.csv", "text": "a;b"}],
            "reverse_path": "returns@example.org",
        },
    )
    message = sent.json()["id"]

    said = await server.post(
        f"/messages/{message}/send-again", {"to": ["Jörg <joerg@example.org>", "b@example.org"]}
    )

    assert said.status_code == 202, said.text
    again = said.json()
    assert again["id"] != message
    assert again["message_id"] != sent.json()["message_id"]
    shown = (await server.get(said.headers["Location"])).json()
    assert [(each["address"], each["kind"]) for each in shown["recipients"]] == [
        ("joerg@example.org", "to"),
        ("b@example.org", "to"),
    ]
    first = message_from_bytes((await server.get(f"/messages/{message}/content/raw")).content)
    second = message_from_bytes((await server.get(f"/messages/{again['id']}/content/raw")).content)
    assert (second["Subject"], second["From"], second["X-Order"]) == (first["Subject"], first["From"], "4711")
    assert second["Message-ID"] == again["message_id"]
    assert second["Cc"] is None
    assert "joerg@example.org" in second["To"]
    assert len(second.get_all("Date") or []) == len(second.get_all("Message-ID") or []) == 1
    assert [part.get_payload() for part in second.walk() if not part.is_multipart()] == [
        part.get_payload() for part in first.walk() if not part.is_multipart()
    ]
    assert server.deeds[-1].action == "message.send_again"


async def test_sent_again_without_names_it_goes_to_the_same(server: Server) -> None:
    message = await submitted(server, bcc="boss@example.org")

    said = await server.post(f"/messages/{message}/send-again", {})

    shown = (await server.get(said.headers["Location"])).json()
    assert [each["address"] for each in shown["recipients"]] == ["anna@example.org", "boss@example.org"]


async def test_sending_again_under_one_key_happens_once(server: Server) -> None:
    message = await submitted(server)
    key = {"Idempotency-Key": "again-1"}

    first = await server.post(f"/messages/{message}/send-again", {"to": ["b@example.org"]}, headers=key)
    second = await server.post(f"/messages/{message}/send-again", {"to": ["b@example.org"]}, headers=key)

    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["id"] == second.json()["id"]


async def test_only_who_may_submit_sends_again(server: Server) -> None:
    message = await submitted(server)

    said = await server.post(f"/messages/{message}/send-again", {}, who="messages:operate@")

    assert said.status_code == 403


@pytest.mark.parametrize("to", [["anna@"], [""], ["a@example.org\r\nBcc: x@example.org"]])
async def test_nothing_is_sent_again_to_what_is_no_address(server: Server, to: list[str]) -> None:
    message = await submitted(server)

    assert (await server.post(f"/messages/{message}/send-again", {"to": to})).status_code == 422
