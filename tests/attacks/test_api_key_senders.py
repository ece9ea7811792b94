"""A key that may do everything in an organization, and send in two names alone, is found in a script by somebody.

He would rather write as the managing director. He makes himself another key without that limit; takes the limit off this one; has the secret of
a wider one shown by renewing it; invites a person, who may send in any name. None of it must work.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.attacks.api_doors import ACME, MESSAGE, Doors, doors

from eilbote.accounts.role import GRANTS, HOST_ONLY, Permission, Role

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
NARROW = ["orders@acme.example", "shop.example"]
PERMISSIONS = sorted(GRANTS[Role.ORGANIZATION_ADMINISTRATOR] - HOST_ONLY)


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncGenerator[Doors]:
    async with doors(tmp_path) as made:
        await made.office()
        wanted = {"name": "found", "permissions": PERMISSIONS, "senders": NARROW}
        key = (await made.ask("POST", "/api-keys", ACME, wanted)).json()
        made.keys["found"] = key["key"]
        yield made


async def test_it_sends_in_its_names_alone(server: Doors) -> None:
    said = await server.ask("POST", "/messages", "found", {**MESSAGE, "from": "boss@acme.example"})
    assert said.status_code == 422
    said = await server.ask("POST", "/messages", "found", {**MESSAGE, "from": "orders@acme.example"})
    assert said.status_code == 202


@pytest.mark.parametrize(
    "senders", [[], ["boss@acme.example"], ["acme.example"], ["orders@acme.example", "other.example"]]
)
async def test_it_makes_no_key_that_sends_in_others(server: Doors, senders: list[str]) -> None:
    wanted = {"name": "mine", "permissions": ["messages:submit"], "senders": senders}
    said = await server.ask("POST", "/api-keys", "found", wanted)
    assert (said.status_code, said.json()["field"]) == (403, "senders")


async def test_it_does_not_widen_itself(server: Doors) -> None:
    own = server.keys["found"].split("_")[2]
    for senders in ([], None, ["acme.example"]):
        said = await server.ask("PATCH", f"/api-keys/{own}", "found", {"senders": senders})
        assert said.status_code == 403
    assert (await server.ask("GET", f"/api-keys/{own}", ACME)).json()["senders"] == NARROW


async def test_it_is_not_shown_the_secret_of_a_wider_one(server: Doors) -> None:
    wanted = {"name": "wide", "permissions": ["messages:submit"]}
    wide = (await server.ask("POST", "/api-keys", ACME, wanted)).json()["id"]
    said = await server.ask("POST", f"/api-keys/{wide}/rotate", "found")
    assert said.status_code == 403
    assert "eb_live_" not in said.text


async def test_it_invites_nobody_who_may_send_in_any_name(server: Doors) -> None:
    for role in Role:
        if Permission.MESSAGES_SUBMIT in GRANTS[role] and role is not Role.SYSTEM_ADMINISTRATOR:
            wanted = {"address": f"{role.value}@acme.example", "role": role.value}
            said = await server.ask("POST", "/users", "found", wanted)
            assert (said.status_code, said.json()["field"]) == (403, "role")
    said = await server.ask("POST", "/users", "found", {"address": "v@acme.example", "role": "viewer"})
    assert said.status_code == 201


async def test_it_helps_nobody_to_a_password_who_may_send_in_any_name(server: Doors) -> None:
    wanted = {"address": "author@acme.example", "role": "author"}
    known = (await server.ask("POST", "/users", ACME, wanted)).json()["id"]
    for way in ("invitation", "recovery"):
        said = await server.ask("POST", f"/users/{known}/{way}", "found", params={"is_mailed": "false"})
        assert "/recover/" not in said.text
        assert "/invitation/" not in said.text
    said = await server.ask("PATCH", f"/users/{known}", "found", {"address": "mine@attacker.example"})
    assert said.status_code == 403


async def test_narrower_ones_it_makes(server: Doors) -> None:
    wanted = {"name": "shop", "permissions": ["messages:submit"], "senders": ["sales@shop.example"]}
    said = await server.ask("POST", "/api-keys", "found", wanted)
    assert said.status_code == 201
