"""A client loses its connection again and again, and sends the same message twenty times at once, also after a restart: one mail goes out.

Another uses the same key for something else, and must be told so, whoever was first. A third belongs to another organization and guesses keys such as
``order-1``, to hear what others have sent: for it the keys of others do not exist.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from tests.attacks.api_doors import ACME, GLOBEX, MESSAGE, doors

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
KEY = {"Idempotency-Key": "order-1"}


async def test_twenty_at_once_and_one_after_a_restart_are_one(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        await server.office()
        said = await asyncio.gather(
            *(server.ask("POST", "/messages", ACME, MESSAGE, headers=KEY) for _ in range(20))
        )
        assert Counter(each.status_code for each in said) == {202: 1, 200: 19}
        ids = {each.json()["id"] for each in said}
    async with doors(tmp_path) as server:
        again = await server.ask("POST", "/messages", ACME, MESSAGE, headers=KEY)
        assert (again.status_code, again.headers["Idempotent-Replay"]) == (200, "true")
        assert {again.json()["id"]} == ids
        assert len((await server.ask("GET", "/messages", ACME)).json()["items"]) == 1


async def test_of_two_different_ones_at_once_one_is_taken(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        await server.office()
        said = await asyncio.gather(
            *(
                server.ask("POST", "/messages", ACME, {**MESSAGE, "subject": str(each % 2)}, headers=KEY)
                for each in range(20)
            )
        )
        assert Counter(each.status_code for each in said) == {202: 1, 200: 9, 409: 10}
        assert len((await server.ask("GET", "/messages", ACME)).json()["items"]) == 1


async def test_keys_of_others_do_not_exist(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        await server.office()
        first = await server.ask("POST", "/messages", ACME, MESSAGE, headers=KEY)
        other = await server.ask("POST", "/messages", GLOBEX, {**MESSAGE, "subject": "guess"}, headers=KEY)
        assert (other.status_code, other.json()["is_new"]) == (202, True)
        assert other.json()["id"] != first.json()["id"]
        found = await server.ask("GET", "/messages", GLOBEX, params={"q": "key:order-1"})
        assert [each["subject"] for each in found.json()["items"]] == ["guess"]
