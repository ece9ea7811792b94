"""A question whose row was damaged fails the run that asked it, and keeps nobody else from being heard."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from eilbote import Eilbote
from eilbote.config.config import Config
from eilbote.model.secret import Secret
from eilbote.testing import Catcher

FLOW = """
name: orders
nodes:
  - {id: approval, kind: ask, connection: office, to: anna@example.org, subject: May it go?}
"""
DAMAGES = {
    "content": "UPDATE question SET content = '{' WHERE run = ?",
    "a branding of next year": """UPDATE question SET content = replace(content, '"branding": {', '"branding": {"x": 1, ') WHERE run = ?""",
}


def program(folder: Path, catcher: Catcher) -> Eilbote:
    database = Secret(f"sqlite:///{folder / 'eilbote.db'}")
    return Eilbote(
        config=Config(data_dir=folder, database_url=database, public_url="https://ask.example.org"),
        connections={"office": f"{catcher.uri}?from=orders@example.org"},
    )


def change(folder: Path, *statements: tuple[str, str]) -> None:
    with closing(sqlite3.connect(folder / "eilbote.db")) as db, db:
        for statement, value in statements:
            assert db.execute(statement, (value,)).rowcount == 1
    db.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_the_run_that_asked_it_fails_and_says_why(tmp_path: Path, damage: str) -> None:
    async with Catcher() as catcher:
        async with program(tmp_path, catcher) as eilbote:
            asked = await eilbote.flows.run(FLOW)
            assert asked.status == "waiting"
        change(tmp_path, (damage, asked.id), ("UPDATE flow_run SET due = 0 WHERE id = ?", asked.id))
        async with program(tmp_path, catcher) as eilbote:
            [run] = await eilbote.flows.resume(asked.id)
    assert run.status == "failed"
    assert "cannot be read" in str(run.error["message"])


@pytest.mark.asyncio
async def test_others_that_were_answered_are_heard(tmp_path: Path) -> None:
    answered = "UPDATE question SET answered = asked + 1, answer = 'approve', answered_by = 'anna@example.org' WHERE run = ?"
    async with Catcher() as catcher:
        async with program(tmp_path, catcher) as eilbote:
            asked = sorted([(await eilbote.flows.run(FLOW)).id for _ in range(3)])
        change(tmp_path, (DAMAGES["content"], asked[0]), *((answered, each) for each in asked))
        async with program(tmp_path, catcher) as eilbote:
            assert await eilbote.answers.wake_answered() == 2
            for each in asked[1:]:
                [run] = await eilbote.flows.resume(each)
                assert run.status == "done"
