"""Other ways to another organization: headers, cursors, and people who belong to it. None of them leads there.

By whom somebody is let in says for which organization they act, and nothing that they send beside it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.acceptance.api_scene import API, Scene, api_scene, operations
from tests.acceptance.untouched import check, dump, heard, is_untouched, missing

from eilbote.accounts.role import GRANTS, Role

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]
WHO = "organization_administrator@globex"
OWN = {each.value for each in GRANTS[Role.ORGANIZATION_ADMINISTRATOR]} | {"signed-in"}
"""Permissions of whoever tries."""
ENDLESS = {"stream_events"}
"""Answers of these end with the connection."""


@pytest_asyncio.fixture
async def scene(tmp_path: Path) -> AsyncGenerator[Scene]:
    async with api_scene(tmp_path) as made:
        yield made


HEADERS = (
    "X-Organization",
    "X-Eilbote-Organization",
    "X-Organization-Id",
    "X-Tenant",
    "X-User",
    "X-Forwarded-User",
    "Organization",
)


async def test_no_header_says_for_whom_somebody_acts(scene: Scene) -> None:
    """Nor in which name, nor by which method: what stands in a key or a session is all there is."""
    who = dict.fromkeys(HEADERS, "acme") | {
        "X-HTTP-Method-Override": "DELETE",
        "X-Original-URL": "/api/v1/users",
    }
    listed = [
        each for each in operations() if each.method == "GET" and "{" not in each.path and each.needs in OWN
    ]
    wrong: list[str] = []
    for operation in listed:
        if operation.id in ENDLESS:
            continue
        key = {"Authorization": f"Bearer {scene.keys[WHO]}"}
        plain = await scene.client.request("GET", operation.path, headers=key)
        said = await scene.client.request("GET", operation.path, headers={**key, **who})
        if "acme" in said.text or said.status_code != plain.status_code:
            wrong.append(f"{operation.id} {said.status_code} {said.text[:300]}")
    check("a header let somebody see another organization", wrong)
    assert len(listed) > 20


async def test_a_cursor_of_another_organization_leads_through_the_own_list(scene: Scene) -> None:
    """It says where to go on and not in what; every list there is, with a cursor that acme was given for it."""
    wrong: list[str] = []
    given = 0
    for operation in operations():
        if "cursor" not in operation.parameters or "{" in operation.path or operation.needs not in OWN:
            continue
        acme = {"Authorization": f"Bearer {scene.keys['organization_administrator@acme']}"}
        first = await scene.client.get(operation.path, headers=acme, params={"limit": 1})
        cursor = first.json().get("next_cursor")
        if not cursor:
            continue
        given += 1
        globex = {"Authorization": f"Bearer {scene.keys[WHO]}"}
        said = await scene.client.get(operation.path, headers=globex, params={"cursor": cursor})
        if said.status_code not in {200, 422} or "acme" in said.text.replace(cursor, ""):
            wrong.append(f"{operation.id} {said.status_code} {said.text[:300]}")
    check("a cursor led into another organization's list", wrong)
    assert given > 5


async def test_nobody_invites_recovers_or_signs_out_people_of_another_organization(scene: Scene) -> None:
    """Nor somebody who was invited and has not come: neither is there, and neither is on a list."""
    acme = "organization_administrator@acme"
    invited = (
        await scene.do("POST", "/users", {"address": "new@acme.example", "role": "author"}, who=acme)
    ).json()["id"]
    before = dump(scene.database)
    key = {"Authorization": f"Bearer {scene.keys[WHO]}"}
    for user in (invited, scene.things["acme"]["users/id"]):
        for method, path in (
            ("POST", "invitation"),
            ("DELETE", "invitation"),
            ("POST", "recovery"),
            ("DELETE", "sessions"),
        ):
            said, absent = [
                await scene.client.request(method, f"{API}/users/{each}/{path}", headers=key)
                for each in (user, missing(user))
            ]
            assert said.status_code == 404, said.text
            assert heard(said, user) == heard(absent, missing(user))
    for path in ("/users", "/invitations"):
        assert "acme" not in (await scene.do("GET", path, who=WHO)).text
    assert "new@acme.example" in (await scene.do("GET", "/invitations", who=acme)).text
    is_untouched(before, dump(scene.database))
