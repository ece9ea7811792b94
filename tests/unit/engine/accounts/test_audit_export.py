"""The book as a file."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from tests.unit.engine.accounts.account_scene import HERE, ROOT, AccountScene

from eilbote.accounts.audit import AuditFilter
from eilbote.engine.accounts.audit_export import CSV, NDJSON, exported

pytestmark = pytest.mark.asyncio


async def text_of(scene: AccountScene, kind: str) -> str:
    return "".join([piece async for piece in exported(scene.book, AuditFilter(), kind=kind)])


async def test_every_record_is_in_it_once_the_latest_first() -> None:
    scene = AccountScene()
    for number in range(1201):
        await scene.book.note(ROOT, HERE, "thing.do", f"thing:{number}", after={"n": number})
    lines = [json.loads(line) for line in (await text_of(scene, NDJSON)).splitlines()]
    assert [line["sequence"] for line in lines] == list(range(1201, 0, -1))
    rows = list(csv.DictReader(io.StringIO(await text_of(scene, CSV))))
    assert len(rows) == 1201
    assert json.loads(rows[0]["after"]) == {"n": 1200}


async def test_no_spreadsheet_takes_a_cell_for_a_formula() -> None:
    """Somebody calls a thing =HYPERLINK(...), and an administrator opens the book."""
    scene = AccountScene()
    for thing in ("=1+1", "@SUM(A1)", "+1", "-1", '=cmd|"/c calc"!A1', "line\nbreak"):
        await scene.book.note(ROOT, HERE, "thing.do", thing)
    rows = list(csv.DictReader(io.StringIO(await text_of(scene, CSV))))
    assert not [row for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    assert rows[0]["thing"] == "line\nbreak"


@pytest.mark.parametrize("separator", [";", "\t"])
async def test_nor_one_that_separates_cells_in_another_way(separator: str) -> None:
    """Where numbers have a decimal comma, spreadsheets take semicolons for separators, and see other cells than were written."""
    scene = AccountScene()
    for thing in (
        "a;=1+1",
        'a;"=1+1"',
        "a; =1+1",
        "a\t@SUM(A1)",
        "a\n-1",
        "a\r\n+1",
        "\t=1+1",
        " =1+1",
        "\uff1d1+1",
        ";;=1+1",
        "a;\t=1",
    ):
        await scene.book.note(ROOT, HERE, "thing.do", thing, after={"note": "x;=1+1"})
    text = await text_of(scene, CSV)
    cells = [cell.strip(' "') for cell in re.split(f"[{separator}\r\n]", text)]
    assert len(cells) > 11
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\uff1d"))]


async def test_what_is_no_formula_stays_as_it_is() -> None:
    scene = AccountScene()
    said = ("a-b", "1+1=2", "anna@example.org; max@example.org", "line\nbreak", "a;b")
    for thing in said:
        await scene.book.note(ROOT, HERE, "thing.do", thing)
    rows = list(csv.DictReader(io.StringIO(await text_of(scene, CSV))))
    assert [row["thing"] for row in reversed(rows)] == list(said)
