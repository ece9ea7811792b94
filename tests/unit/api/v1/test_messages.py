"""Messages over the API: handed in once, told as they are, found, and hidden from others."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator
from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

from eilbote.accounts.organization import Organization, Quota
from eilbote.model.moment import moment_of

pytestmark = pytest.mark.asyncio
OFFICE = {"office": "smtp://127.0.0.1:9?from=orders@example.org"}
MESSAGE = {"to": "anna@example.org", "subject": "Order 4711", "text": "It is on its way."}
SUBMITTER = "messages:submit@"


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(connections={"default": OFFICE["office"], **OFFICE}) as made:
        yield made


async def submitted(server: Server, **fields: object) -> str:
    said = await server.post("/messages", {**MESSAGE, **fields})
    assert said.status_code == 202, said.text
    return str(said.json()["id"])


# -- handing in ------------------------------------------------------------------------------------------------


async def test_a_message_is_taken_and_told_where_it_is(server: Server) -> None:
    said = await server.post("/messages", MESSAGE, who=SUBMITTER)

    assert said.status_code == 202
    assert said.json()["is_new"] is True
    assert "Idempotent-Replay" not in said.headers
    shown = (await server.get(said.headers["Location"])).json()
    assert shown["id"] == said.json()["id"]
    assert (shown["subject"], shown["sender"], shown["state"]) == (
        "Order 4711",
        "orders@example.org",
        "queued",
    )
    assert shown["submitted_by"] == f"api:{SUBMITTER}"
    assert [each["address"] for each in shown["recipients"]] == ["anna@example.org"]
    assert [each["kind"] for each in shown["timeline"]] == ["submitted"]


async def test_everything_a_message_may_say_travels(server: Server) -> None:
    message = await submitted(
        server,
        **{
            "from": "Shop <shop@example.net>",
            "cc": ["max@example.org"],
            "bcc": "boss@example.org",
            "reply_to": "help@example.org",
            "html": '<p>On its way <img src="cid:logo"></p>',
            "headers": {"X-Order": "4711"},
            "attachments": [
                {"filename": "order.csv", "text": "a;b"},
                {
                    "filename": "logo.gif",
                    "base64": base64.b64encode(b"GIF89a").decode(),
                    "content_id": "logo",
                },
            ],
            "priority": "high",
            "message_id": "<own@example.net>",
            "reverse_path": "",
            "connections": ["office"],
        },
    )

    octets = (await server.get(f"/messages/{message}/content/raw")).content
    parsed = message_from_bytes(octets)
    shown = (await server.get(f"/messages/{message}")).json()
    assert parsed["From"] == "Shop <shop@example.net>"
    assert (parsed["X-Order"], parsed["Message-ID"], parsed["X-Priority"]) == (
        "4711",
        "<own@example.net>",
        "1 (Highest)",
    )
    assert b"boss" not in octets
    assert [each["kind"] for each in shown["recipients"]] == ["to", "cc", "bcc"]
    assert (shown["attachments"], shown["priority"], shown["connection"]) == (1, "high", "office")


async def test_times_and_policies_are_kept(server: Server) -> None:
    later = server.clock.now() + timedelta(hours=2)
    message = await submitted(
        server,
        send_at=later.isoformat(),
        expires_at=(later + timedelta(hours=1)).isoformat(),
        on_in_doubt="park",
        on_partial="ok",
    )

    shown = (await server.get(f"/messages/{message}")).json()

    assert shown["due"] == "2026-01-15T11:30:00Z"
    assert shown["expires"] == "2026-01-15T12:30:00Z"
    assert (shown["on_in_doubt"], shown["on_partial"]) == ("park", "ok")


async def test_the_same_message_under_one_key_is_accepted_once(server: Server) -> None:
    first = await server.post("/messages", MESSAGE, headers={"Idempotency-Key": "k-1"})
    second = await server.post("/messages", MESSAGE, headers={"Idempotency-Key": "k-1"})
    in_body = await server.post("/messages", {**MESSAGE, "idempotency_key": "k-1"})

    assert (first.status_code, second.status_code, in_body.status_code) == (202, 200, 200)
    assert second.headers["Idempotent-Replay"] == "true"
    assert {each.json()["id"] for each in (first, second, in_body)} == {first.json()["id"]}
    assert first.headers["Location"] == second.headers["Location"]
    assert len((await server.get("/messages")).json()["items"]) == 1


async def test_another_message_under_a_key_that_was_used_is_a_conflict(server: Server) -> None:
    await server.post("/messages", MESSAGE, headers={"Idempotency-Key": "k-1"})

    said = await server.post("/messages", {**MESSAGE, "text": "No."}, headers={"Idempotency-Key": "k-1"})

    assert said.status_code == 409
    assert said.json()["code"] == "already_submitted"


async def test_header_and_body_may_not_name_different_keys(server: Server) -> None:
    said = await server.post(
        "/messages", {**MESSAGE, "idempotency_key": "a"}, headers={"Idempotency-Key": "b"}
    )

    assert (said.status_code, said.json()["field"]) == (422, "idempotency_key")


async def test_a_key_belongs_to_its_organization(server: Server) -> None:
    await server.post("/messages", MESSAGE, headers={"Idempotency-Key": "k-1"})

    said = await server.post(
        "/messages?organization=acme",
        {**MESSAGE, "text": "Another.", "connections": ["office"]},
        headers={"Idempotency-Key": "k-1"},
    )

    assert said.status_code == 202, said.text


async def test_values_are_put_into_templates_and_escaped_in_html(server: Server) -> None:
    message = await submitted(
        server,
        subject="Invoice {{ number }}",
        text="{{ amount | decimal }} for {{ name }}",
        html="<p>{{ name }}</p>",
        data={"number": 17, "name": "<b>Anna</b>", "amount": 1234.5},
        language="de",
    )

    content = (await server.get(f"/messages/{message}/content")).json()

    assert content["html"].strip() == "<p>&lt;b&gt;Anna&lt;/b&gt;</p>"
    assert content["text"].strip() == "1.234,5 for <b>Anna</b>"
    assert {"name": "Subject", "value": "Invoice 17"} in content["headers"]


async def test_without_values_braces_are_just_braces(server: Server) -> None:
    message = await submitted(server, text="Write {{ name }}")

    assert (await server.get(f"/messages/{message}/content/text")).text.strip() == "Write {{ name }}"


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"to": "anna@"}, "to"),
        ({"to": []}, ""),
        ({"from": "nobody"}, "from"),
        ({"attachments": [{"filename": "a", "base64": "?"}]}, "attachments[0].base64"),
        ({"attachments": [{"filename": "a"}]}, "attachments[0]"),
        ({"attachments": [{"text": "a", "base64": "YQ=="}]}, "attachments[0]"),
        ({"attachments": [{"text": "a", "media_type": "no type"}]}, "attachments[0].media_type"),
        ({"connections": ["nowhere"]}, "connections"),
        ({"send_at": "2020-01-01T00:00:00Z"}, "send_at"),
        ({"send_at": "2030-01-01T00:00:00"}, "send_at"),
        ({"send_at": "9999-12-31T23:59:59Z"}, "send_at"),
        ({"send_at": "0001-01-01T00:00:00+14:00"}, "send_at"),
        ({"subject": "{{ nobody }}", "data": {}}, "subject"),
        ({"text": "{% if %}", "data": {}}, "text"),
        ({"data": {"self": 1}, "subject": "{{ self.x }}"}, "subject"),
        ({"headers": {"Bcc": "x@example.org"}}, "headers"),
        ({"priority": "urgent"}, "priority"),
        ({"unknown": 1}, "unknown"),
        ({"idempotency_key": " "}, "idempotency_key"),
        (
            {"invitation": {"summary": "x", "start": "2030-01-01T10:00:00Z", "end": "2030-01-01T09:00:00Z"}},
            "invitation.end",
        ),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_its_field(
    server: Server, fields: dict[str, Any], field: str
) -> None:
    said = await server.post("/messages", {**MESSAGE, **fields})

    assert said.status_code == 422, said.text
    if field:
        assert said.json()["field"].startswith(field), said.text
    assert (await server.get("/messages")).json()["items"] == []


async def test_a_name_for_values_may_be_any(server: Server) -> None:
    names = ("self", "args", "template", "locale", "context", "__class__")
    for name in names:
        said = await server.post("/messages", {**MESSAGE, "text": "x{{ y }}", "data": {name: 1, "y": 2}})
        assert said.status_code in {202, 422}, (name, said.text)


async def test_who_may_not_keep_connections_names_none_by_its_uri(server: Server) -> None:
    message = {**MESSAGE, "from": "a@example.org", "connections": ["smtps://u:p@mail.example.org"]}

    assert (await server.post("/messages", message, who=SUBMITTER)).status_code == 403
    assert (await server.post("/messages", message)).status_code == 202


# -- many ------------------------------------------------------------------------------------------------------


async def test_each_of_many_has_its_own_result(server: Server) -> None:
    said = await server.post(
        "/messages/batch",
        {
            "messages": [
                MESSAGE,
                {**MESSAGE, "to": "anna@"},
                {"subject": 5, "colour": "red"},
                {**MESSAGE, "subject": "Order 4712"},
                "nothing",
                {**MESSAGE, "connections": ["nowhere"]},
            ]
        },
    )

    made = said.json()
    assert said.status_code == 202
    assert (made["accepted"], made["refused"]) == (2, 4)
    assert [each["index"] for each in made["results"]] == list(range(6))
    assert [each["submission"] is not None for each in made["results"]] == [
        True,
        False,
        False,
        True,
        False,
        False,
    ]
    assert made["results"][1]["error"]["code"] == "address"
    assert {each["pointer"] for each in made["results"][2]["error"]["errors"]} == {"#/subject", "#/colour"}
    assert made["results"][5]["error"]["code"] == "connection_not_found"
    listed = (await server.get("/messages")).json()["items"]
    assert [each["subject"] for each in listed] == ["Order 4712", "Order 4711"]


async def test_many_under_one_key_are_accepted_once(server: Server) -> None:
    batch = {"messages": [MESSAGE, {**MESSAGE, "subject": "b"}, {**MESSAGE, "idempotency_key": "own"}]}

    first = await server.post("/messages/batch", batch, headers={"Idempotency-Key": "k"})
    second = await server.post("/messages/batch", batch, headers={"Idempotency-Key": "k"})

    ids = [[each["submission"]["id"] for each in said.json()["results"]] for said in (first, second)]
    assert ids[0] == ids[1]
    keys = [each["submission"]["idempotency_key"] for each in second.json()["results"]]
    assert keys == ["k:0", "k:1", "own"]
    assert not any(each["submission"]["is_new"] for each in second.json()["results"])


@pytest.mark.parametrize("messages", [[], [MESSAGE] * 1001, None, "x", {}])
async def test_too_many_or_none_at_all_are_refused(server: Server, messages: object) -> None:
    assert (await server.post("/messages/batch", {"messages": messages})).status_code == 422


# -- how much, and in whose name -------------------------------------------------------------------------------


async def test_an_organization_hands_in_no_more_than_it_may(server: Server) -> None:
    now = moment_of(server.clock.now())
    acme = Organization(name="acme", quota=Quota(messages_per_hour=2), created=now, changed=now)
    await server.eilbote.services.account_store.keep_organization(acme)
    message = {**MESSAGE, "connections": ["office"]}

    async def post(path: str, body: object, key: str = "") -> int:
        said = await server.post(
            f"{path}?organization=acme", body, headers={"Idempotency-Key": key} if key else None
        )
        if said.status_code == 429:
            assert said.json()["field"] == "quota.messages_per_hour"
            assert "at most 2" in said.json()["detail"]
            assert 3000 < int(said.headers["Retry-After"]) <= 3600
        return said.status_code

    assert await post("/messages", message, "k") == 202
    assert await post("/messages/batch", {"messages": [message, message]}) == 429
    assert await post("/messages", message) == 202
    assert await post("/messages", message) == 429
    assert await post("/messages", message, "k") == 200, "what is known is answered all the same"
    server.clock.advance(3660)
    assert await post("/messages", message) == 202


# -- looking ---------------------------------------------------------------------------------------------------


async def test_lists_are_paged_and_searched(server: Server) -> None:
    for number in range(5):
        await submitted(server, subject=f"Order {number}", to=f"u{number}@example.org")

    pages: list[str] = []
    cursor: str | None = None
    while True:
        params: dict[str, str | int | list[str]] = (
            {"limit": 2} if cursor is None else {"limit": 2, "cursor": cursor}
        )
        page = (await server.get("/messages", params=params)).json()
        pages += [each["subject"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    found = (
        await server.get("/messages", params={"q": 'order -to:u3 -subject:"Order 0"', "oldest_first": "true"})
    ).json()

    assert pages == [f"Order {number}" for number in (4, 3, 2, 1, 0)]
    assert [each["subject"] for each in found["items"]] == ["Order 1", "Order 2", "Order 4"]


async def test_what_a_list_would_give_is_counted_up_to_a_number(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        await submitted(server, subject=f"Order {number}", to=f"u{number}@example.org")

    async def counted(q: str = "", who: str = "system_administrator@") -> object:
        return (await server.get("/messages/count", params={"q": q}, who=who)).json()

    assert await counted() == {"count": 5, "is_exact": True}
    assert await counted("order -to:u3") == {"count": 4, "is_exact": True}
    assert await counted("connection:def") == {"count": 5, "is_exact": True} != await counted("connection:x")
    assert await counted(who="viewer@acme") == {"count": 0, "is_exact": True}, "another organization's"
    monkeypatch.setattr("eilbote.api.v1.mail.messages.MOST_COUNTED", 4)
    assert await counted() == {"count": 4, "is_exact": False}
    assert await counted("order -to:u3") == {"count": 4, "is_exact": True}
    refused = await server.get("/messages/count", params={"q": "sender:max"})
    assert (refused.status_code, refused.json()["field"]) == (422, "q")
    assert (await server.get("/messages/count", who=SUBMITTER)).status_code == 403


async def test_a_search_that_cannot_be_understood_is_refused_with_its_position(server: Server) -> None:
    said = await server.get("/messages", params={"q": "order sender:max"})

    assert (said.status_code, said.json()["field"]) == (422, "q")
    assert "character 7" in said.json()["detail"]


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0", "WzFd", "bnVsbA"])
async def test_what_is_no_cursor_is_refused(server: Server, cursor: str) -> None:
    assert (await server.get("/messages", params={"cursor": cursor})).status_code in {404, 422}


async def test_nobody_sees_what_belongs_to_another_organization(server: Server) -> None:
    message = await submitted(server, connections=["office"])
    absent = "0" * 13

    for path in ("", "/content", "/content/raw", "/content/preview", "/content/attachments/0"):
        hidden = await server.get(f"/messages/{message}{path}", who="organization_administrator@acme")
        missing = await server.get(f"/messages/{absent}{path}", who="organization_administrator@acme")
        assert hidden.status_code == missing.status_code == 404
        assert hidden.json()["detail"] == missing.json()["detail"].replace(absent, message)
    for action in ("retry", "cancel", "hold", "release", "send-again"):
        hidden = await server.post(f"/messages/{message}/{action}", {}, who="operator@acme")
        assert hidden.status_code == 404, hidden.text
    bulk = await server.post("/messages/bulk", {"action": "cancel", "ids": [message]}, who="operator@acme")
    assert (bulk.json()["done"], len(bulk.json()["refused"])) == (0, 1)
    assert (await server.get("/messages", who="viewer@acme")).json()["items"] == []
    assert (await server.get(f"/messages/{message}")).json()["state"] == "queued"


async def test_who_may_not_read_content_sees_the_rest(server: Server) -> None:
    message = await submitted(server)

    assert (await server.get(f"/messages/{message}", who="viewer@")).status_code == 200
    assert (await server.get(f"/messages/{message}/content", who="viewer@")).status_code == 403
    assert (await server.post(f"/messages/{message}/cancel", who="viewer@")).status_code == 403
    assert (await server.post("/messages", MESSAGE, who="viewer@")).status_code == 403


async def test_a_time_zone_that_nobody_knows_is_refused_whether_or_not_it_is_needed(server: Server) -> None:
    said = await server.post("/messages", {**MESSAGE, "data": {"x": 1}, "time_zone": "Mars/Olympus"})
    assert said.status_code == 422, said.text
    assert said.json()["field"] == "time_zone"
    assert (await server.get("/messages")).json()["items"] == []
