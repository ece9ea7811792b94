"""The test of a connection as people and programs see it: other ports, addresses, senders, one object of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.acceptance.program import run

from eilbote.testing import CatcherThread, catching


@pytest.fixture
def server() -> Iterator[CatcherThread]:
    with catching() as catcher:
        yield catcher


def test_the_mode_that_would_have_worked_is_shown_when_asked(server: CatcherThread) -> None:
    wrong = server.uri.replace("smtp:", "smtps:")
    unasked = run("connection", "test", wrong, "--no-json")
    assert "--suggest" in unasked.err
    assert "answers at" not in unasked.out

    asked = run("connection", "test", wrong, "--suggest", "--no-json")
    assert asked.code == unasked.code == 1
    port = server.uri.rpartition(":")[2].partition("?")[0].strip("/")
    (line,) = [line for line in asked.out.splitlines() if line.strip().startswith(f"port {port}")]
    assert "security none" in line
    assert "PIPELINING" in line

    data = run("connection", "test", wrong, "--suggest", "--json").data
    assert {"port": int(port), "security": "none", "certificate_fault": None}.items() <= data["reachable"][
        -1
    ].items()
    assert (data["ok"], data["error"]["field"]) == (False, "security")


def test_a_server_is_asked_about_an_address(server: CatcherThread) -> None:
    ended = run("connection", "test", server.uri, "--verify", "anna@y.example", "--no-json")
    assert ended.code == 0, ended.err
    assert " verify " in ended.out
    assert any("VRFY anna@y.example" in line for line in server.dialogue)


def test_a_sender_is_looked_up_where_mail_leaves_this_machine_or_when_asked(server: CatcherThread) -> None:
    arguments = ("connection", "test", server.uri, "--mail-from", "b@gmail.com", "--json")
    assert [step["name"] for step in run(*arguments).data["steps"]][-1] == "mail"
    ended = run(*arguments, "--check-sender")
    (step,) = [step for step in ended.data["steps"] if step["name"] == "sender"]
    assert ended.code == 0
    assert step["ok"]
    assert "another provider's server" in step["warnings"][0]
    assert "note: gmail.com is Gmail's own domain" in ended.err


def test_the_test_message_is_a_step(server: CatcherThread) -> None:
    ended = run(
        *("connection", "test", server.uri, "--mail-from", "b@x.example", "--send-to", "anna@y.example"),
        "--json",
    )
    assert ended.data["steps"][-1]["name"] == "message"
    assert ended.data["steps"][-1]["seen"].startswith("250")


def test_json_is_one_object_whatever_happens() -> None:
    ended = run("connection", "test", "smtp://127.0.0.1:1?starttls=never", "--suggest", "--json")
    assert len(ended.out.splitlines()) == 1
    assert set(json.loads(ended.out)) == {
        *("server", "protocol", "ok", "steps", "tls_version", "extensions", "warnings", "reachable", "sent", "error")
    }  # fmt: skip
