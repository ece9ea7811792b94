"""The suppression list and returned mail, over the API."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.unit.api.server import HOST, Server, house

from eilbote import Draft

CORPUS = Path(__file__).parents[2] / "corpus" / "dsn"
OPERATOR = "operator@acme"


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house(connections={"office": "smtp://127.0.0.1:1?from=orders@example.org"}) as made:
        yield made


@pytest.mark.asyncio
async def test_an_address_is_entered_shown_and_taken_off(server: Server) -> None:
    made = await server.post(
        "/suppressions", {"address": "Max@Example.com", "detail": "Has left"}, who=OPERATOR
    )
    assert made.status_code == 201
    assert made.headers["location"] == "/api/v1/suppressions/max@example.com"
    assert made.json()["organization"] == "acme"
    shown = await server.get("/suppressions/MAX@example.com", who=OPERATOR)
    assert shown.json() == made.json()
    assert (await server.delete("/suppressions/max@example.com", who=OPERATOR)).status_code == 204
    assert (await server.delete("/suppressions/max@example.com", who=OPERATOR)).status_code == 404
    assert [deed.action for deed in server.deeds] == ["suppression.add", "suppression.remove"]


@pytest.mark.asyncio
async def test_a_list_is_an_organization_s_own(server: Server) -> None:
    await server.post("/suppressions", {"address": "a@example.com"}, who=OPERATOR)
    await server.post("/suppressions", {"address": "b@example.com"}, who="operator@other")
    await server.post("/suppressions", {"address": "c@example.com"}, who=HOST)

    async def listed(path: str, who: str) -> list[str]:
        return [each["address"] for each in (await server.get(path, who=who)).json()["items"]]

    assert await listed("/suppressions", OPERATOR) == ["a@example.com"]
    assert await listed("/suppressions?organization=*", HOST) == [
        "c@example.com",
        "a@example.com",
        "b@example.com",
    ]
    assert (await server.get("/suppressions/b@example.com", who=OPERATOR)).status_code == 404
    assert (await server.delete("/suppressions/b@example.com", who=OPERATOR)).status_code == 404


@pytest.mark.asyncio
async def test_a_list_is_given_page_by_page(server: Server) -> None:
    for number in range(5):
        await server.post("/suppressions", {"address": f"u{number}@example.com"}, who=OPERATOR)
    seen: list[str] = []
    cursor, page = "", {}
    for _ in range(3):
        page = (await server.get(f"/suppressions?limit=2{cursor}", who=OPERATOR)).json()
        seen += [each["address"] for each in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == [f"u{number}@example.com" for number in range(5)]
    assert page["next_cursor"] is None


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "given",
    [
        {"address": "nobody"},
        {"address": "a@example.com", "reason": "dislike"},
        {"address": "a@example.com", "expires": "2020-01-01T00:00:00Z"},
        {"address": "a@example.com", "expires": "2030-01-01T00:00:00"},
        {"address": "a@example.com", "more": 1},
        {},
    ],
)
async def test_what_cannot_be_entered_is_refused(server: Server, given: dict[str, object]) -> None:
    assert (await server.post("/suppressions", given, who=OPERATOR)).status_code == 422


@pytest.mark.asyncio
async def test_a_returned_mail_is_handed_in(server: Server) -> None:
    draft = Draft(to="max@example.com", subject="Order", text="Ready.")
    submission = await server.eilbote.submit(draft, organization="acme", connections="office")
    octets = (
        (CORPUS / "exchange.eml").read_bytes().replace(b"<4711@example.org>", submission.message_id.encode())
    )
    headers = {"Content-Type": "message/rfc822"}
    other = await server.ask("POST", "/bounces", content=octets, headers=headers, who="operator@other")
    assert other.json()["state"] == "unknown"
    said = (await server.ask("POST", "/bounces", content=octets, headers=headers, who=OPERATOR)).json()
    assert (said["state"], said["suppressed"]) == ("taken", ["max@example.com"])
    assert said["recipients"][0]["status"] == "5.1.10"
    assert said["recipients"][0]["hard"] is True
    shown = (await server.get("/suppressions/max@example.com", who=OPERATOR)).json()
    assert shown["message"] == said["message"]


@pytest.mark.asyncio
async def test_what_is_no_mail_is_refused(server: Server) -> None:
    said = await server.ask(
        "POST", "/bounces", content=b"{}", headers={"Content-Type": "text/plain"}, who=OPERATOR
    )
    assert said.status_code in {415, 422}
    said = await server.ask(
        "POST", "/bounces", content=b"\xff\0" * 100, headers={"Content-Type": "message/rfc822"}, who=OPERATOR
    )
    assert said.json()["state"] == "no_bounce"
