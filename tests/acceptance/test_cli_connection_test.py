"""The test of a connection as people and programs see it: other ports, addresses, senders, one object of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

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
    ended = run("connection", "test", server.uri, "--verify", "anna@y.example, b@y.example", "--no-json")
    assert ended.code == 0, ended.err
    assert ended.out.count(" verify ") == 2
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
        *("connection", "test", server.uri, "--mail-from", "b@x.example"),
        *("--send-to", "anna@y.example, B <b@y.example>"),
        "--json",
    )
    assert ended.data["steps"][-1]["name"] == "message"
    assert ended.data["steps"][-1]["seen"].startswith("250")
    assert ended.data["sent"]["accepted"] == ["anna@y.example", "b@y.example"]


def test_json_is_one_object_whatever_happens() -> None:
    ended = run("connection", "test", "smtp://127.0.0.1:1?starttls=never", "--suggest", "--json")
    assert len(ended.out.splitlines()) == 1
    assert set(json.loads(ended.out)) == {
        *("server", "protocol", "ok", "steps", "tls_version", "extensions", "warnings", "reachable", "sent", "error")
    }  # fmt: skip


def test_a_sender_is_looked_up_as_it_is_kept_when_asked(tmp_path: Path) -> None:
    """Of a provider's own domain all is known without a name server, so this needs none."""
    place = ("--data-dir", str(tmp_path / "data"))
    borrowed = "gmail.com is Gmail's own domain, and mail.example.org is another provider's server"
    added = run(
        "connection", "add", "office", "smtp://mail.example.org", "from=a@gmail.com", "--check-sender", *place
    )
    assert added.code == 0, added.err
    assert borrowed in added.data["warnings"][0]
    unasked = run("connection", "update", "office", "fromName=Anna", *place)
    asked = run("connection", "update", "office", "fromName=Bea", "--check-sender", *place)
    assert (unasked.data["warnings"], len(asked.data["warnings"])) == ([], 1)
    kept = run(
        "settings", "set", "uri=smtp://mail.example.org", "default_from=a@gmail.com", "--check-sender", *place
    )
    assert kept.code == 0, kept.err
    assert any(borrowed in warning for warning in kept.data["warnings"])


def test_a_connection_that_is_kept_is_tested_by_its_name(server: CatcherThread, tmp_path: Path) -> None:
    place = ("--data-dir", str(tmp_path / "data"))
    for owner in ((), ("--org", "acme")):
        added = run("connection", "add", "office", server.uri, "from=a@x.example", *owner, *place)
        assert added.code == 0, added.err
    ended = run("connection", "test", "office", "--send-to", "anna@y.example", *place)
    assert ended.code == 0, ended.err
    assert [step["name"] for step in ended.data["steps"]] == ["dns", "connect", "greeting", "ehlo", "message"]
    missing = run("connection", "test", "acme/offfice", *place)
    assert (missing.code, missing.data["error"]["code"]) == (3, "connection_not_found")

    # An organization's own server may not be inside the operator's network, also not for a test.
    inside = run("connection", "test", "acme/office", "--suggest", *place)
    assert [step["name"] for step in inside.data["steps"]] == ["dns"]
    assert inside.data["reachable"] == []
    assert len(server.messages) == 1
