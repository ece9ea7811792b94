"""Webhooks from the command line: a secret that is shown once, a log that tells why, and every mistake with what to do about it."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.acceptance.in_process import Program


@pytest.fixture
def eilbote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    for name in [name for name in os.environ if name.startswith(("EILBOTE", "EMAIL_", "SYSTEM_"))]:
        monkeypatch.delenv(name)
    return Program(tmp_path, monkeypatch)


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_secret_is_shown_when_it_is_made_and_never_again(eilbote: Program) -> None:
    made = eilbote.run(
        "webhook", "add", "https://example.org/hook", "--event", "message.*", "--description", "Orders"
    )
    secret, id_ = str(made.data["secret"]), str(made.data["id"])
    assert secret.startswith("whsec_")
    for words in (
        ("list",),
        ("show", id_),
        ("disable", id_),
        ("enable", id_),
        ("change", id_, "--event", "*"),
    ):
        said = eilbote.run("webhook", *words)
        assert said.code == 0, said.err
        assert secret not in said.out + said.err
    turned = eilbote.run("webhook", "rotate", id_, "--overlap", "7d")
    assert turned.data["secret"] != secret
    assert turned.data["former_secret_until"] is not None
    for_people = eilbote.run("webhook", "rotate", id_, "--overlap", "0s", "--no-json")
    assert for_people.out.splitlines()[1].startswith("whsec_")
    assert "not shown again" in for_people.err


def test_a_trial_that_nobody_takes_fails_and_stands_in_the_log(eilbote: Program) -> None:
    id_ = str(eilbote.run("webhook", "add", "http://127.0.0.1:9/hook").data["id"])
    tried = eilbote.run("webhook", "test", id_)
    assert tried.code == 4
    assert "the receiver did not take it" in tried.err
    (kept,) = lines(eilbote.run("webhook", "deliveries", id_, "--state", "failed").out)
    assert (kept["event"], kept["status"]) == ("webhook.test", 0)
    shown = eilbote.run("webhook", "deliveries", id_, str(kept["id"]), "--no-json")
    assert '"type":"webhook.test"' in shown.out
    again = eilbote.run("webhook", "redeliver", id_, str(kept["id"]))
    assert again.data["state"] == "waiting"


@pytest.mark.parametrize(
    "words,where",
    [
        (("add", "http://example.org"), "URL"),
        (("add", "https://127.0.0.1/", "--org", "acme"), "URL"),
        (("add", "https://example.org", "--event", "a.*.b"), "--event"),
        (("add", "https://example.org", "--org", "acme", "--everywhere"), "--everywhere"),
        (("show", "nothing"), "ID"),
        (("remove", "nothing"), "ID"),
        (("rotate", "nothing", "--overlap", "soon"), "--overlap"),
        (("redeliver", "nothing", "msg_1"), "ID"),
    ],
)
def test_a_mistake_is_told_with_where_it_stands_and_what_to_do(
    eilbote: Program, words: tuple[str, ...], where: str
) -> None:
    eilbote.run("webhook", "add", "https://example.org/first")
    said = eilbote.run("webhook", *words)
    assert said.code != 0
    assert where in said.err
    assert "do      " in said.err


def test_what_is_changed_stands_in_the_book_without_secrets(eilbote: Program) -> None:
    made = eilbote.run("webhook", "add", "https://example.org/hook")
    eilbote.run("webhook", "remove", str(made.data["id"]))
    told = eilbote.run("audit", "list")
    assert {"webhook.create", "webhook.delete"} <= {str(one["action"]) for one in lines(told.out)}
    assert "whsec_" not in told.out


def test_one_whose_secret_was_given_up_can_be_forgotten(eilbote: Program, tmp_path: Path) -> None:
    made = eilbote.run("webhook", "add", "https://example.org/hook")
    with closing(sqlite3.connect(next(tmp_path.rglob("eilbote.db")))) as db, db:
        assert db.execute("DELETE FROM secret WHERE kind = 'webhook'").rowcount == 1

    shown = eilbote.run("webhook", "show", str(made.data["id"]))
    removed = eilbote.run("webhook", "remove", str(made.data["id"]))

    assert shown.code == 1
    assert removed.code == 0, removed.err
    assert eilbote.run("webhook", "list").out == ""
