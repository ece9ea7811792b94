"""Whether anything of an organization was seen or touched: what an answer says but for the name of the thing, and every row of the database."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

import httpx2


def check(what: str, wrong: Iterable[str]) -> None:
    found = list(wrong)
    assert not found, f"{what}:\n" + "\n".join(found)


def dump(database: Path) -> Counter[tuple[str, str]]:
    """Give every row of every table."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened, opened:
        names = [row[0] for row in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return Counter(
            (name, repr(row))
            for name in names
            for row in opened.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - the names are the database's own
        )


def words(said: httpx2.Response, things: Mapping[str, str]) -> tuple[int, str]:
    """Give the status of an answer, and what a refusal says, with the names of things left out."""
    if said.status_code < 400:
        return said.status_code, ""
    told = said.json()
    text = f"{told['code']} {told['field']} {told['detail']}"
    for value in sorted(set(things.values()), key=len, reverse=True):
        text = text.replace(f"version {value}" if _counts(value) else value, "THING")
    return said.status_code, text


def is_untouched(before: Counter[tuple[str, str]], after: Counter[tuple[str, str]]) -> None:
    """See that nothing is gone, and that nothing that has come is acme's."""
    own = (
        "'globex'",
        "('audit', ",
        "@host.example'",
    )  # signing in counts, and the book of deeds has another end
    gone = [
        (name, row)
        for name, row in before - after
        if name != "sqlite_sequence" and not any(each in row for each in own)  # how many rows there ever were
    ]
    check("gone or changed", [f"{name} {row}" for name, row in gone])
    check("new", [f"{name} {row}" for name, row in after - before if "'acme'" in row])


OTHER_EACH_TIME = frozenset(
    [
        "id",
        "at",
        "created",
        "changed",
        "since",
        "message_id",
        "number",
        "revision",
        "sequence",
        "began",
        "due",
        "location",
        "run",
        "instance",
        "request_id",
        "etag",
    ]
)
"""What differs between two answers to the same question."""


def _counts(value: str) -> bool:
    """Give whether it is a number; by chance an id of twelve hexadecimal digits can have no letter."""
    return value.isdigit() and len(value) < 6


def missing(value: str) -> str:
    """Give a name of the same form that nobody has."""
    if "@" in value:
        return f"x{value}"
    return "999" if _counts(value) else value[:-1] + ("8" if value.endswith("9") else "9")


def heard(said: httpx2.Response, value: str) -> tuple[int, str]:
    """Give what an answer says, without what differs each time."""

    def same(told: object) -> object:
        if isinstance(told, dict):
            return {name: same(each) for name, each in told.items() if name not in OTHER_EACH_TIME}
        return [same(each) for each in told] if isinstance(told, list) else told

    is_json = "json" in said.headers.get("Content-Type", "")
    text = json.dumps(same(said.json()), sort_keys=True) if is_json and said.content else said.text
    return said.status_code, text.replace(value, "THING")
