"""Accounts from the command line: people, organizations, keys, and the book in which all of it stands."""

from __future__ import annotations

import csv
import io
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


def test_people(eilbote: Program) -> None:
    root = eilbote.run("user", "create", "root@example.org", "--role", "system_administrator", "--no-json")
    assert root.code == 0
    assert root.out.startswith("http://127.0.0.1:8025/invitation/")
    assert "nobody else" in root.err
    assert eilbote.run("user", "create", "x@acme.example", "--org", "acme").code == 3
    assert eilbote.run("organization", "create", "acme", "--title", "Acme GmbH").code == 0
    made = eilbote.run("user", "create", "anna@acme.example", "--org", "acme", "--role", "author")
    assert (made.data["role"], made.data["state"], made.data["organization"]) == ("author", "invited", "acme")
    wrong = eilbote.run("user", "create", "b@acme.example", "--org", "acme", "--role", "system_administrator")
    assert (wrong.code, "--role" in wrong.err) == (3, True)
    assert eilbote.run("user", "create", "ANNA@acme.example", "--org", "acme").code == 1
    listed = lines(eilbote.run("user", "list").out)
    assert {each["address"] for each in listed} == {"root@example.org", "anna@acme.example"}
    (own,) = lines(eilbote.run("user", "list", "--org", "acme").out)
    assert own["address"] == "anna@acme.example"
    shown = eilbote.run("user", "show", "Anna@acme.example").data
    assert (shown["id"], shown["sessions"]) == (own["id"], [])
    again = eilbote.run("user", "reset", str(own["id"])).data
    assert "/invitation/" in again["link"]
    changed = eilbote.run("user", "change", "anna@acme.example", "--name", "Anna", "--language", "de")
    assert (changed.data["name"], changed.data["language"]) == ("Anna", "de")
    assert eilbote.run("user", "disable", "anna@acme.example").data["state"] == "disabled"
    assert eilbote.run("user", "enable", "anna@acme.example").data["state"] == "invited"
    assert eilbote.run("user", "delete", "anna@acme.example").code == 0
    gone = eilbote.run("user", "show", "anna@acme.example")
    assert (gone.code, "USER" in gone.err) == (3, True)


def test_invitations(eilbote: Program) -> None:
    """Listed while they are open, sent again, and taken back; not those of people who have come."""
    assert eilbote.run("organization", "create", "acme").code == 0
    made = eilbote.run("user", "create", "anna@acme.example", "--org", "acme", "--role", "author")
    (listed,) = lines(eilbote.run("user", "invitations").out)
    assert (listed["address"], listed["role"], listed["status"]) == ("anna@acme.example", "author", "open")
    assert str(made.data["link"]).rpartition("/")[2] not in str(listed)
    assert eilbote.run("user", "invitations", "--org", "globex").out == ""
    shown = eilbote.run("user", "invitations", "--no-json").out
    assert "anna@acme.example: author of acme, the link is good until" in shown
    assert eilbote.run("user", "revoke", "anna@acme.example").data == {"id": listed["user"], "revoked": True}
    assert eilbote.run("user", "invitations").out == ""
    assert eilbote.run("user", "show", "anna@acme.example").code == 3
    assert eilbote.run("user", "revoke", "anna@acme.example").code == 3
    (deed, *_) = lines(eilbote.run("audit", "list", "--action", "user.revoke").out)
    assert deed["action"] == "user.revoke_invitation"
    assert eilbote.run("user", "create", "bert@acme.example", "--org", "acme").code == 0
    assert eilbote.run("user", "disable", "bert@acme.example").code == 0
    assert eilbote.run("user", "revoke", "bert@acme.example").code == 1


def test_a_link_is_mailed_where_people_reach_the_server(eilbote: Program) -> None:
    public = {"EILBOTE_PUBLIC_URL": "https://eilbote.example.org"}
    made = eilbote.run("user", "create", "root@example.org", **public)
    assert (made.code, made.data["link"]) == (0, "")
    assert "waits" in made.err  # nothing says yet where the server's own mail is to go
    assert "'system' is not configured" in made.err
    assert "user reset root@example.org --link" in made.err
    (event,) = lines(eilbote.run("notify", "events").out)
    assert event["event"] == "account.invitation"
    assert "invitation/" not in json.dumps(event)
    shown = eilbote.run("user", "reset", "root@example.org", "--link", **public)
    assert shown.data["link"].startswith("https://eilbote.example.org/invitation/")
    assert "waits" not in shown.err
    public["EMAIL_NOTIFICATION_SMTP_HOST"] = "mail.example.org"
    sent = eilbote.run("user", "create", "anna@example.org", "--no-json", **public)
    assert (sent.code, "A link is on its way" in sent.err, "waits" in sent.err) == (0, True, False)


def test_organizations(eilbote: Program) -> None:
    made = eilbote.run("organization", "create", "Acme", "--per-hour", "100", "--language", "de")
    assert made.data["name"] == "acme"
    assert made.data["quota"] == {"messages_per_hour": 100, "messages_per_day": 0, "waiting": 0}
    assert eilbote.run("organization", "create", "acme").code == 1
    changed = eilbote.run("organization", "update", "acme", "--waiting", "5", "--title", "Acme GmbH").data
    assert changed["quota"] == {"messages_per_hour": 100, "messages_per_day": 0, "waiting": 5}
    assert eilbote.run("organization", "list", "--no-json").out.startswith("acme (Acme GmbH): de, UTC")
    refused = eilbote.run("organization", "delete", "acme")
    assert (refused.code, "Switch it off first" in refused.err) == (1, True)
    assert eilbote.run("organization", "update", "acme", "--disable").data["is_enabled"] is False
    assert eilbote.run("organization", "delete", "acme").code == 0
    assert eilbote.run("organization", "show", "acme").code == 3


def test_keys(eilbote: Program) -> None:
    eilbote.run("organization", "create", "acme")
    made = eilbote.run(
        *("api-key", "create", "Billing", "--org", "acme", "--allow", "messages:submit"),
        *("--sender", "Acme.example", "--expires", "90d"),
    ).data
    assert made["key"].startswith(f"eb_live_{made['id']}_")
    assert made["senders"] == ["acme.example"]
    rotated = eilbote.run("api-key", "rotate", made["id"], "--overlap", "0s").data
    assert (rotated["former_until"], rotated["key"] != made["key"]) == (None, True)
    shown = eilbote.run("api-key", "list").out
    assert "eb_live_" not in shown
    assert eilbote.run("api-key", "revoke", made["id"]).data["is_revoked"] is True
    assert eilbote.run("api-key", "rotate", made["id"]).code == 1
    for arguments in (
        ("x", "--allow", "fly"),
        ("x", "--allow", "host:operate", "--org", "acme"),
        ("x", "--allow", "messages:submit", "--sender", "a b"),
        ("", "--allow", "messages:submit"),
    ):
        assert eilbote.run("api-key", "create", *arguments).code == 3, arguments
    assert eilbote.run("api-key", "create", "x", "--allow", "messages:submit", "--org", "nobody").code == 3
    assert eilbote.run("api-key", "create", "x").code == 2


def test_the_book(eilbote: Program) -> None:
    eilbote.run("organization", "create", "acme")
    made = eilbote.run("api-key", "create", "k", "--org", "acme", "--allow", "messages:submit").data
    eilbote.run("api-key", "revoke", made["id"])
    records = lines(eilbote.run("audit", "list").out)
    assert [each["action"] for each in records] == ["api_key.revoke", "api_key.create", "organization.create"]
    assert {(each["kind"], each["door"]) for each in records} == {("command", "cli")}
    assert records[0]["who"]
    assert made["key"] not in json.dumps(records)
    (one,) = lines(eilbote.run("audit", "list", "--action", "organization.").out)
    assert one["thing"] == "organization:acme"
    assert not lines(eilbote.run("audit", "list", "--before", "1h").out)
    rows = list(csv.DictReader(io.StringIO(eilbote.run("audit", "export", "--format", "csv").out)))
    assert [row["sequence"] for row in rows] == ["3", "2", "1"]
    whole = eilbote.run("audit", "verify")
    assert (whole.code, whole.data["records"], whole.data["last"]) == (0, 3, records[0]["hash"])


def test_a_book_that_somebody_has_changed_is_found_out(eilbote: Program) -> None:
    """Somebody with the database file takes the making of a key out of the book."""
    eilbote.run("organization", "create", "acme")
    for name in ("one", "two"):
        eilbote.run("api-key", "create", name, "--org", "acme", "--allow", "messages:submit")
    with closing(sqlite3.connect(eilbote.folder / "data" / "eilbote.db")) as database, database:
        for (trigger,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute(
            "UPDATE audit SET deed = replace(deed, 'api_key.create', 'nothing.much') WHERE sequence = 2"
        )
    database.close()
    broken = eilbote.run("audit", "verify")
    assert (broken.code, broken.data["is_whole"], broken.data["broken_at"]) == (1, False, 2)
