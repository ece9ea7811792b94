"""What commands change of connections, mail settings and subscriptions stands in the audit book, without secrets, and only what has changed."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.in_process import run

SECRET = "s3cret!-of-the-server"


@pytest.fixture
def data_dir(tmp_path: Path) -> str:
    return str(tmp_path / "data")


@pytest.fixture
def password(tmp_path: Path) -> str:
    file = tmp_path / "password.txt"
    file.write_text(f"{SECRET}\n")
    return str(file)


def done(data_dir: str, *arguments: str) -> None:
    ended = run(*arguments, "--data-dir", data_dir)
    assert ended.code == 0, ended.err


def book(data_dir: str) -> list[tuple[str, str, str, Any, Any]]:
    """Give action, thing, organization, before and after of each record, the oldest first."""
    ended = run("audit", "list", "--json", "--data-dir", data_dir)
    assert ended.code == 0, ended.err
    assert SECRET not in ended.told
    records = [json.loads(line) for line in ended.out.splitlines()]
    found = [
        (each["action"], each["thing"], each["organization"], each["before"], each["after"])
        for each in records
    ]
    return found[::-1]


def test_a_connection_is_in_the_book_from_its_first_to_its_last_day(data_dir: str, password: str) -> None:
    add = ("connection", "add", "office", "smtp://mail.example.org")
    done(data_dir, *add, "user=orders", "--password-file", password)
    done(data_dir, "connection", "update", "office", "from=orders@example.org")
    done(data_dir, "connection", "update", "office", "from=orders@example.org")
    done(data_dir, "connection", "disable", "office")
    done(data_dir, "connection", "enable", "office")
    done(data_dir, "connection", "enable", "office")
    done(data_dir, "connection", "remove", "office")

    made, changed, disabled, enabled, removed = book(data_dir)
    assert made[:3] == ("connection.create", "connection:office", "")
    assert made[4]["host"] == "mail.example.org"
    assert made[4]["password"] == "***"
    assert changed[:3] == ("connection.update", "connection:office", "")
    assert (list(changed[3].values()), list(changed[4].values())) == ([None], ["orders@example.org"])
    assert disabled == (
        "connection.disable", "connection:office", "", {"enabled": True}, {"enabled": False},
    )  # fmt: skip
    assert enabled[0] == "connection.enable"
    assert removed[0] == "connection.delete"
    assert removed[3]["host"] == "mail.example.org"


def test_another_password_is_in_the_book_as_stars(data_dir: str, password: str, tmp_path: Path) -> None:
    add = ("connection", "add", "acme/office", "smtp://mail.example.org", "user=orders")
    done(data_dir, *add, "--password-file", password)
    other = tmp_path / "other.txt"
    other.write_text(f"{SECRET}2\n")
    done(data_dir, "connection", "update", "acme/office", "--password-file", str(other))

    stars = {"password": "***"}
    assert book(data_dir)[1] == ("connection.update", "connection:acme/office", "acme", stars, stars)


def test_settings_are_in_the_book_with_what_they_were(data_dir: str, password: str) -> None:
    done(data_dir, "settings", "set", "uri=smtps://orders@mail.example.org", "--password-file", password)
    done(data_dir, "settings", "set", "--org", "acme", "from=acme@example.org")
    done(data_dir, "settings", "set", "--org", "acme", "from=acme@example.org")
    done(data_dir, "settings", "set", "--lock", "host")
    done(data_dir, "settings", "reset", "--yes", "--org", "acme")

    host, acme, locked, reset = book(data_dir)
    assert host[:3] == ("settings.update", "settings:host", "")
    assert "***" in host[4].values()
    assert acme[:3] == ("settings.update", "settings:acme", "acme")
    assert list(acme[4].values()) == ["acme@example.org"]
    assert locked[3:] == ({"locked": []}, {"locked": ["host"]})
    assert reset[:3] == ("settings.reset", "settings:acme", "acme")
    assert "acme@example.org" in reset[3]["settings"]


def test_subscriptions_are_in_the_book(data_dir: str) -> None:
    made = run("notify", "subscribe", "ops@example.org", "--org", "acme", "--json", "--data-dir", data_dir)
    id_ = made.data["id"]
    done(data_dir, "notify", "subscribe", "--change", id_, "--severity", "error")
    done(data_dir, "notify", "unsubscribe", id_)
    done(data_dir, "notify", "subscribe", "--change", "default-flows", "--severity", "fatal")

    created, changed, deleted, default = book(data_dir)
    assert created[:3] == ("subscription.create", f"subscription:{id_}", "acme")
    assert created[4]["to"] == ["ops@example.org"]
    assert changed[0] == "subscription.update"
    assert changed[3:] == ({"severity": "information"}, {"severity": "error"})
    assert deleted[:3] == ("subscription.delete", f"subscription:{id_}", "acme")
    assert deleted[3]["severity"] == "error"
    assert default[1:] == (
        "subscription:default-flows", "", {"severity": "error"}, {"severity": "fatal"},
    )  # fmt: skip
