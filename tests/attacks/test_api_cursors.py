"""Cursors are opaque, and anybody can take one apart: it is base64 of JSON.

Somebody writes their own: numbers that no database holds, halves of characters, NUL, wrong kinds, very deep ones, one taken from a list of
another organization. Each is refused in the same words or gives a page of the own list; nothing of others is on it, and nothing breaks.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Final

import pytest
from tests.attacks.api_doors import ACME, ADMINISTRATOR, GLOBEX, MESSAGE, doors

pytestmark = pytest.mark.asyncio(loop_factories=["asyncio"])
_LARGE: Final = 10**30
_PLACES: Final[tuple[object, ...]] = (
    ["\ud800"],
    ["a\0b"],
    ["%"],
    ["' OR 1=1 --"],
    ["x" * 500],
    [_LARGE],
    [-_LARGE],
    [2**63],
    [True],
    [None],
    [],
    {},
    [_LARGE, "\ud800"],
    ["\ud800", _LARGE],
    ["\0", "\0"],
    [1, 2],
)
_RAW: Final = ("", "=", "%%%", "ÿ", "bm90IGpzb24", base64.urlsafe_b64encode(b"[" * 700).decode())


def cursor(place: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


async def test_no_list_breaks_at_any_of_them(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        said = (await server.ask("GET", "/api/openapi.json")).json()
        lists = [
            path
            for path, kinds in said["paths"].items()
            if "{" not in path
            and any(each["name"] == "cursor" for each in kinds.get("get", {}).get("parameters", ()))
        ]
        assert len(lists) > 10
        for path in lists:
            for text in (*_RAW, *map(cursor, _PLACES)):
                heard = await server.ask("GET", path, ADMINISTRATOR, params={"cursor": text})
                if heard.status_code != 200:
                    assert (heard.status_code, heard.json()["field"]) == (422, "cursor"), (
                        path,
                        text,
                        heard.text,
                    )


async def test_one_of_another_organization_shows_nothing_of_it(tmp_path: Path) -> None:
    async with doors(tmp_path) as server:
        await server.office()
        for number in range(4):
            for who in (GLOBEX, ACME):
                await server.ask("POST", "/messages", who, {**MESSAGE, "subject": f"{number} of {who}"})
        first = await server.ask("GET", "/messages", GLOBEX, params={"limit": 1})
        stolen = first.json()["next_cursor"]
        heard = await server.ask("GET", "/messages", ACME, params={"cursor": stolen})
        assert heard.status_code == 200
        assert heard.json()["items"]
        assert "globex" not in heard.text
