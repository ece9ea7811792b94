"""The audit book as a portal reads it: by whom, of what kind, which deed, and as a file in the form that is wanted."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from tests.unit.api.account_house import AccountHouse, Browser, account_house

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def house() -> AsyncGenerator[AccountHouse]:
    async with account_house() as made:
        yield made


@pytest_asyncio.fixture
async def boss(house: AccountHouse) -> Browser:
    return await house.signed_in("boss@acme.example")


async def actions(browser: Browser, query: str) -> list[str]:
    said = await browser.ask("GET", f"/audit?{query}")
    assert said.status_code == 200, said.text
    return [each["action"] for each in said.json()["items"]]


async def test_deeds_are_found_by_who_did_them_what_kind_of_thing_and_which_verb(
    house: AccountHouse, boss: Browser
) -> None:
    made = (await boss.ask("POST", "/api-keys", {"name": "k", "permissions": ["messages:read"]})).json()
    await boss.ask("DELETE", f"/api-keys/{made['id']}")
    assert await actions(boss, "thing=api_key:") == ["api_key.delete", "api_key.create"]
    assert await actions(boss, f"thing=api_key:{made['id']}&action=.delete") == ["api_key.delete"]
    assert await actions(boss, "action=.create&who=boss@acme.example") == ["api_key.create"]
    assert await actions(boss, "who=nobody@acme.example") == []
    # whose address belongs to another organization is as unknown as one that nobody has
    await house.signed_in("boss@globex.example")
    assert await actions(boss, "who=boss@globex.example") == []
    root = await house.signed_in("root@host.example")
    assert await actions(root, "organization=*&who=boss@globex.example") != []


async def test_an_array_holds_what_lines_hold(boss: Browser) -> None:
    for _ in range(3):
        await boss.ask("POST", "/api-keys", {"name": "k", "permissions": ["messages:read"]})
    lines = (await boss.ask("GET", "/audit/export")).text.splitlines()
    whole = await boss.ask("GET", "/audit/export?format=json")
    assert whole.headers["content-type"].startswith("application/json")
    assert whole.headers["content-disposition"] == 'attachment; filename="audit.json"'
    assert whole.json() == [json.loads(line) for line in lines]
    assert len(lines) >= 3
    assert (await boss.ask("GET", "/audit/export?format=json&thing=nothing:")).json() == []
    assert (await boss.ask("GET", "/audit/export?format=xml")).status_code == 422
