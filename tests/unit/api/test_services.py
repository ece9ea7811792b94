"""The catalogue over HTTP: what a form for a connection has to say before somebody stumbles."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house() as made:
        yield made


async def test_a_service_tells_what_people_stumble_over_there(server: Server) -> None:
    gmail = (await server.get("/services/gmail", who="author@acme")).json()
    assert (gmail["app_password"], gmail["from_must_equal_user"], gmail["oauth2_only"]) == (True, True, False)
    assert "2-step verification" in gmail["note"]
    assert "googlemail.com" in gmail["domains"]
    assert gmail["limits"]["recipients_per_day"] == 500
    assert gmail["limits"]["messages_per_minute"] is None
    assert gmail["limits"]["source"]


async def test_a_list_tells_as_much_so_a_form_asks_once(server: Server) -> None:
    listed = {each["name"]: each for each in (await server.get("/services")).json()["items"]}
    assert listed["Gmail"] == (await server.get("/services/Gmail")).json()
    assert listed["Outlook365"]["passwords_end"] is True
    assert listed["SendGrid"]["user"] == "apikey"
    assert listed["1und1"]["limits"] is None


async def test_an_address_finds_the_service_of_its_mailbox(server: Server) -> None:
    assert (await server.get("/services/anna@googlemail.com")).json()["name"] == "Gmail"
