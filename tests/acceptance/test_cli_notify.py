"""Notifications from the command line: wishes, events, who was told, and every mistake with what to do about it."""

from __future__ import annotations

import json
import os
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from tests.acceptance.in_process import Program
from tests.mail_catcher import MailCatcher


@pytest.fixture
def eilbote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    for name in [name for name in os.environ if name.startswith(("EILBOTE", "EMAIL_", "SYSTEM_"))]:
        monkeypatch.delenv(name)
    return Program(tmp_path, monkeypatch)


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_from_a_wish_to_a_message_and_back(eilbote: Program, mail_catcher: MailCatcher) -> None:
    host = f"uri={mail_catcher.uri}"
    assert eilbote.run("settings", "set", host, "from=eilbote@example.org").code == 0
    kept = eilbote.run(
        *("notify", "subscribe", "anna@example.org", "max@example.org", "--event", "backup.*"),
        *("--severity", "warning", "--language", "de", "--quiet", "", "--time-zone", "Europe/Berlin"),
    )
    assert (kept.code, kept.err) == (0, "")
    assert kept.data | {"id": ""} == {
        "id": "",
        "organization": "",
        "everywhere": False,
        "event": "backup.*",
        "severity": "warning",
        "when": "",
        "to": ["anna@example.org", "max@example.org"],
        "left": [],
        "replaces": "",
        "cadence": "immediately",
        "at": "07:00",
        "time_zone": "Europe/Berlin",
        "quiet": "",
        "muted_until": None,
        "language": "de",
        "escalation": [],
    }

    eilbote.write("backup.log", "tape 7\nis full")
    raised = eilbote.run(
        *("notify", "raise", "backup.failed", "--severity", "error", "--summary", "Backup of db1"),
        *("--detail", "@backup.log", "--set", "machine=db1", "--about", "db1"),
    )
    assert (raised.code, raised.data["told"], raised.data["is_new"]) == (0, 2, True), raised.err
    again = eilbote.run("notify", "raise", "backup.failed", "--about", "db1", "--no-json")
    assert again.out.strip() == raised.data["id"]
    assert "counted, 2 times by now" in again.err
    assert eilbote.run("courier", "--once", "--log", "quiet").code == 0

    (first, second) = mail_catcher.envelopes
    subjects = [
        message_from_bytes(bytes(each.content or b""), policy=default)["Subject"] for each in (first, second)
    ]
    assert subjects == ["Fehler: Backup of db1"] * 2
    assert eilbote.run("notify", "events", "--event", "job.*").out == ""
    (listed,) = lines(eilbote.run("notify", "events").out)
    assert (listed["title"], listed["count"], listed["data"]) == ("Backup of db1", 2, {"machine": "db1"})
    shown = eilbote.run("notify", "events", str(raised.data["id"])).data
    people = shown["people"]
    assert isinstance(people, list)
    assert [one["recipient"] for one in people] == ["anna@example.org", "max@example.org"]
    assert eilbote.run("outbox", "show", people[0]["entry"]).code == 0
    text = eilbote.run("notify", "events", str(raised.data["id"]), "--no-json").out
    assert "told by the message" in text
    assert "tape 7 is full" in text


def test_a_wish_is_changed_listed_and_forgotten(eilbote: Program) -> None:
    kept = eilbote.run("notify", "subscribe", "anna@example.org", "--no-json")
    id_ = kept.out.strip()
    assert "the endpoint system is not configured" in kept.err
    changed = eilbote.run("notify", "subscribe", "--change", id_, "--mute", "3d", "--cadence", "daily")
    assert changed.data["muted_until"]
    assert changed.data["to"] == ["anna@example.org"]
    unmuted = eilbote.run("notify", "subscribe", "--change", id_, "--mute", "")
    assert unmuted.data["muted_until"] is None
    eilbote.run("notify", "subscribe", "eva@example.org", "--org", "acme")
    assert [one["to"] for one in lines(eilbote.run("notify", "list", "--org", "acme").out)] == [
        ["eva@example.org"]
    ]
    assert len(lines(eilbote.run("notify", "list").out)) == 2
    text = eilbote.run("notify", "list", "--org", "", "--no-json").out
    assert text.startswith(f"{id_}  anna@example.org: *, information or worse, daily at 07:00")
    assert eilbote.run("notify", "unsubscribe", id_).data == {"id": id_, "removed": True}
    assert eilbote.run("notify", "list", "--org", "").out == ""


def test_who_cannot_be_told_yet_is_told_so(eilbote: Program) -> None:
    eilbote.run("notify", "subscribe", "anna@example.org")
    raised = eilbote.run("notify", "raise", "a.b")
    assert raised.code == 0
    assert raised.data["told"] == 1
    assert "'system' is not configured yet" in str(raised.data["waiting"])
    assert "it is tried again" in raised.err


def test_what_eilbote_knows_is_listed_without_an_outbox(eilbote: Program) -> None:
    listed = lines(eilbote.run("notify", "events", "--known").out)
    assert {
        name: value
        for one in listed
        if one["event"] == "flow.failed"
        for name, value in one.items()
        if name != "title"
    } == {"event": "flow.failed", "severity": "error", "personal": False}
    assert not (eilbote.folder / "data").exists()


@pytest.mark.parametrize(
    "arguments,code,told",
    [
        (["subscribe"], 2, "Give an address"),
        (["subscribe", "nobody"], 3, "ADDRESS"),
        (["subscribe", "a@example.org", "--event", "flow failed"], 3, "--event"),
        (["subscribe", "a@example.org", "--severity", "loud"], 2, "--severity"),
        (["subscribe", "a@example.org", "--at", "7"], 3, "--at"),
        (["subscribe", "a@example.org", "--time-zone", "Mars/Olympus"], 3, "--time-zone"),
        (["subscribe", "a@example.org", "--quiet", "22:00"], 3, "--quiet"),
        (["subscribe", "a@example.org", "--language", "klingon"], 3, "--language"),
        (["subscribe", "a@example.org", "--mute", "soon"], 2, "--mute"),
        (["subscribe", "a@example.org", "--everywhere", "--org", "acme"], 3, "--everywhere"),
        (["subscribe", "--change", "nobody", "--language", "de"], 3, "eilbote notify list"),
        (["unsubscribe", "nobody"], 3, "eilbote notify list"),
        (["raise", "Not a name"], 3, "EVENT"),
        (["raise", "account.invitation"], 3, "--to"),
        (["raise", "a.b", "--to", "nobody"], 3, "--to"),
        (["raise", "a.b", "--data", "{"], 3, "--data"),
        (["raise", "a.b", "--data", "missing.json"], 3, "--data"),
        (["raise", "a.b", "--set", "=x"], 2, "--set"),
        (["raise", "a.b", "--detail", "@missing"], 3, "--detail"),
        (["raise", "a.b", "--about", "x" * 400], 3, "--about"),
        (["events", "nobody"], 3, "eilbote notify events"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_its_remedy(
    eilbote: Program, arguments: list[str], code: int, told: str
) -> None:
    ended = eilbote.run("notify", *arguments)
    assert ended.code == code, ended.err
    assert told in ended.err
    assert "Traceback" not in ended.err


def test_an_odd_pattern_is_pointed_at_with_what_is_like_it(eilbote: Program) -> None:
    ended = eilbote.run("notify", "subscribe", "anna@example.org", "--event", "flow..failed", "--no-json")
    assert ended.code == 3
    told = " ".join(ended.err.split())
    assert "where --event, character 6 flow..failed ^" in told
    assert "The known kinds nearest to it are flow.failed" in told
    assert eilbote.run("notify", "subscribe", "anna@example.org", "--event", "flow.failed").code == 0


def test_nobody_is_asked_to_look_after_an_invitation(eilbote: Program) -> None:
    made = eilbote.run("organization", "create", "acme")
    assert made.code == 0
    first = eilbote.run("notify", "raise", "job.failed", "--severity", "error").data["id"]
    for name in ("anna", "ben", "eva"):
        said = eilbote.run(
            *("user", "create", f"{name}@example.org", "--org", "acme", "--role", "viewer"),
            EILBOTE_PUBLIC_URL="https://eilbote.example.org",
        )
        assert said.code == 0, said.err
    everything = [each["event"] for each in lines(eilbote.run("notify", "events").out)]
    assert everything.count("account.invitation") == 3
    for limit in ("1", "50"):  # those that are left out do not count
        waiting = lines(eilbote.run("notify", "events", "--unacknowledged", "--limit", limit).out)
        assert [each["id"] for each in waiting] == [first]
