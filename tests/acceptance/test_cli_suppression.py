"""Who gets no mail any more, and mail that came back, from the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.acceptance.in_process import Program

CORPUS = Path(__file__).parents[1] / "corpus" / "dsn"


@pytest.fixture
def eilbote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    for name in [name for name in os.environ if name.startswith(("EILBOTE", "EMAIL_", "SYSTEM_"))]:
        monkeypatch.delenv(name)
    return Program(tmp_path, monkeypatch)


def test_an_address_is_entered_listed_and_taken_off_and_the_book_tells_it(eilbote: Program) -> None:
    made = eilbote.run("suppression", "add", "Max@example.com", "--detail", "has left")
    assert (made.code, made.data["address"], made.data["reason"]) == (0, "max@example.com", "manual")
    assert json.loads(eilbote.run("suppression", "list", "MAX").out)["detail"] == "has left"
    assert eilbote.run("suppression", "list", "eve").out == ""
    assert eilbote.run("suppression", "remove", "max@example.com", "--org", "acme").code == 3
    assert eilbote.run("suppression", "remove", "max@example.com").code == 0
    assert eilbote.run("suppression", "list").out == ""
    actions = [json.loads(line)["action"] for line in eilbote.run("audit", "list").out.splitlines()]
    assert actions == ["suppression.remove", "suppression.add"]


def test_whoever_is_on_the_list_gets_nothing_and_it_is_said_why(eilbote: Program) -> None:
    eilbote.run("suppression", "add", "max@example.com", "--reason", "complaint")
    said = eilbote.run(
        *("send", "--queue", "--via", "smtp://127.0.0.1:1", "--from", "a@example.org"),
        *("--to", "max@example.com", "--subject", "x", "--text", "y"),
    )
    assert said.code != 0
    assert "its owner has complained" in said.err


def test_a_mail_that_came_back_finds_its_message(eilbote: Program) -> None:
    eilbote.run(
        *("send", "--queue", "--via", "smtp://127.0.0.1:1", "--from", "orders@example.org"),
        *("--to", "max@example.com", "--subject", "x", "--text", "y"),
    )
    entry = json.loads(eilbote.run("outbox", "list").out.splitlines()[0])
    octets = (
        (CORPUS / "sendmail.eml").read_text("utf-8").replace("<4711@example.org>", str(entry["message_id"]))
    )
    said = eilbote.run("bounce", "take", "-", stdin=octets)
    assert (said.code, said.data["state"]) == (0, "taken")
    assert said.data["suppressed"] == ["max@example.com"]
    assert eilbote.run("bounce", "take", str(CORPUS / "postfix.eml")).data["state"] == "unknown"
    assert eilbote.run("bounce", "take", str(CORPUS / "none-out-of-office.eml")).data["state"] == "no_bounce"
    assert eilbote.run("bounce", "take", "nowhere.eml").code != 0
