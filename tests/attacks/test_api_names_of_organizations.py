"""Somebody of the host names an organization that is none, by a slip or by a link that another has prepared: ``ACME``, ``acme`` behind a blank.

What is made there would stand in the book under one name and belong to another, because names of connections are compared in one form. And a
webhook of ``acme`` with a line feed behind it would belong to nobody at all, seen by no list of any organization.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.attacks.api_doors import ACME, ADMINISTRATOR, MESSAGE, Doors, doors

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
NO_NAMES = ["ACME", " acme", "acme\n", "acme/office", "../acme", "*", "%", "ａｃｍｅ", "acme\u200b", "a" * 64]
CHANGES: dict[str, object] = {
    "/connections": {"name": "planted", "settings": {"host": "mail.attacker.example"}},
    "/webhooks": {"url": "https://attacker.example/"},
    "/messages": MESSAGE,
    "/users": {"address": "planted@attacker.example"},
    "/api-keys": {"name": "planted", "permissions": ["messages:read"]},
    "/suppressions": {"address": "anna@example.org", "reason": "manual"},
}


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Doors]:
    async with doors(tmp_path) as made:
        await made.office()
        yield made


async def test_nothing_is_made_for_what_is_no_organization(server: Doors) -> None:
    for name in NO_NAMES:
        for path, body in CHANGES.items():
            said = await server.ask("POST", path, ADMINISTRATOR, body, params={"organization": name})
            assert said.status_code in {404, 422}, (name, path, said.text)
            assert said.json()["field"] == "organization", (name, path, said.text)
    for path in ("/connections", "/webhooks", "/messages", "/users"):
        said = await server.ask("GET", path, ADMINISTRATOR, params={"organization": "*"})
        assert "attacker.example" not in said.text
        assert "planted" not in said.text


async def test_nobody_of_one_names_another(server: Doors) -> None:
    heard: dict[bool, set[str]] = {True: set(), False: set()}
    for name in ("globex", "", "*", "nobody-at-all"):
        for path in (*CHANGES, "/events", "/statistics", "/audit", "/flows", "/processes", "/captured"):
            said = await server.ask("GET", path, ACME, params={"organization": name})
            assert said.status_code in {403, 404, 405}, (name, path, said.text)
            if said.status_code == 404:
                heard[name in {"", "*"}].add(said.json()["detail"].replace(repr(name), "NAME"))
    advice = "Give the name of one, as it stands in addresses, and not its title."
    form = "An organization is named by small letters, digits and hyphens."
    assert heard[False] == {f"organization: there is no organization NAME. {advice}"}
    assert heard[True] == {f"organization: there is no organization NAME. {form} {advice}"}
