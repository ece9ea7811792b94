"""Snapshots from the command line: made, looked at, restored elsewhere; and what still uses a connection."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from tests.acceptance.in_process import Program

FLOW = """\
name: ready
nodes:
  - id: mail
    kind: send_smtp_email
    connection: office
    from: orders@example.org
    to: anna@example.org
    subject: It is ready
"""
SECRET = "pl4nted-p4ssword"


@pytest.fixture
def eilbote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    for name in [name for name in os.environ if name.startswith(("EILBOTE", "EMAIL", "SMTP"))]:
        monkeypatch.delenv(name)
    program = Program(tmp_path, monkeypatch)
    program.write("password", f"{SECRET}\n")
    program.write("passphrase", "four words nobody says\n")
    program.write("ready.yaml", FLOW)
    added = program.run(
        *("connection", "add", "office", "smtps://orders@mail.example.org", "--password-file", "password")
    )
    assert added.code == 0, added.err
    assert program.run("flow", "publish", "ready.yaml").code == 0
    return program


def test_a_snapshot_is_made_for_its_owner_alone_and_over_nothing(eilbote: Program) -> None:
    made = eilbote.run("snapshot", "create", "a.snapshot", "--no-json")
    assert made.code == 0, made.err
    assert "a.snapshot: 1 flow, 1 connection" in made.out
    assert "secrets are left out" in made.err
    file = eilbote.folder / "a.snapshot"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SECRET.encode() not in file.read_bytes()
    before = file.read_bytes()
    again = eilbote.run("snapshot", "create", "a.snapshot")
    assert (again.code, file.read_bytes()) == (3, before)
    assert "is there already" in again.err


def test_it_is_restored_elsewhere_with_its_secrets(eilbote: Program) -> None:
    made = eilbote.run("snapshot", "create", "a.snapshot", "--passphrase-file", "passphrase")
    assert made.code == 0, made.err
    assert (made.data["has_secrets"], made.data["tokens_dropped"]) == (True, 0)
    assert SECRET.encode() not in (eilbote.folder / "a.snapshot").read_bytes()
    shown = eilbote.run("snapshot", "show", "a.snapshot", "--passphrase-file", "passphrase")
    assert shown.code == 0, shown.err
    assert shown.data["connections"][0]["secrets"] == ["password"]
    assert SECRET not in shown.out

    there = ("--data-dir", "there", "--passphrase-file", "passphrase")
    planned = eilbote.run("snapshot", "restore", "a.snapshot", "--dry-run", *there)
    assert {each["done"] for each in planned.data["items"]} == {"add"}
    assert not (eilbote.folder / "there").exists()
    restored = eilbote.run("snapshot", "restore", "a.snapshot", *there)
    assert restored.data["items"] == planned.data["items"]
    show = eilbote.run("connection", "show", "office", "--data-dir", "there")
    assert (show.data["enabled"], show.data["host"]) == (True, "mail.example.org")
    assert eilbote.run("flow", "export", "ready", "--data-dir", "there").out == FLOW


def test_what_is_missing_is_told_with_the_command_that_enters_it(eilbote: Program) -> None:
    eilbote.run("snapshot", "create", "a.snapshot")
    restored = eilbote.run("snapshot", "restore", "a.snapshot", "--data-dir", "there", "--no-json")
    assert restored.code == 0, restored.err
    assert "added  connection    office" in restored.out
    assert (
        "the connection office is disabled until its password is entered: "
        "`eilbote connection update office --secret password=FILE`, then `eilbote connection enable office`"
    ) in restored.err
    for told in ("update office --secret password=password", "enable office"):
        ran = eilbote.run("connection", *told.split(), "--data-dir", "there")
        assert ran.code == 0, ran.err
    assert eilbote.run("connection", "show", "office", "--data-dir", "there").data["enabled"]


def test_what_is_skipped_is_told(eilbote: Program) -> None:
    eilbote.run("snapshot", "create", "a.snapshot")
    eilbote.run("connection", "update", "office", "timeout=7")
    skipped = eilbote.run("snapshot", "restore", "a.snapshot", "--no-json")
    assert skipped.code == 0, skipped.err
    assert "skipped   connection    office" in skipped.out
    assert "--replace takes the snapshot's" in skipped.err
    replaced = eilbote.run("snapshot", "restore", "a.snapshot", "--replace", "--no-json")
    assert "replaced  connection    office  (its secrets stay" in replaced.out


def test_what_is_wrong_is_told_and_changes_nothing(eilbote: Program) -> None:
    eilbote.run("snapshot", "create", "a.snapshot", "--passphrase-file", "passphrase")
    whole = (eilbote.folder / "a.snapshot").read_bytes()
    (eilbote.folder / "cut.snapshot").write_bytes(whole[:-1])
    os.mkfifo(eilbote.folder / "pipe.snapshot")
    eilbote.write("wrong", "another four words\n")
    eilbote.write("short", "short\n")
    for arguments, code, told in (
        (("show", "cut.snapshot"), 3, "cut off"),
        (("show", "nothing.snapshot"), 3, "cannot be read"),
        (("show", "pipe.snapshot"), 3, "It is no file"),
        (("show", "password"), 3, "no snapshot"),
        (("show", "a.snapshot", "--passphrase-file", "wrong"), 3, "do not open with this passphrase"),
        (("restore", "cut.snapshot", "--data-dir", "there"), 3, "cut off"),
        (("restore", "a.snapshot", "--passphrase-file", "wrong"), 3, "do not open with this passphrase"),
        (("create", "b.snapshot", "--passphrase-file", "short"), 3, "fewer than 12 characters"),
        (("create", "b.snapshot", "--flows", "reddy"), 3, "there is no flow 'reddy'"),
        (("create", "no/b.snapshot"), 3, "cannot be written"),
        (("create", "b.snapshot", "--ask-passphrase"), 2, "nobody to ask"),
        (("show", "a.snapshot", "--ask-passphrase", "--passphrase-file", "wrong"), 2, "given twice"),
    ):
        refused = eilbote.run("snapshot", *arguments)
        assert refused.code == code, (arguments, refused.err)
        assert told in refused.err, (arguments, refused.err)
        assert not refused.err.count("another four words")
    assert not (eilbote.folder / "b.snapshot").exists()


# -- who uses a connection -----------------------------------------------------------------------------------------


def test_a_connection_tells_which_flows_name_it(eilbote: Program) -> None:
    eilbote.write("draft.yaml", FLOW.replace("name: ready", "name: later").replace("office", "OFFICE"))
    eilbote.run("flow", "save", "draft.yaml", "--org", "acme")
    uses = ["ready (version 1)", "acme/later (draft)"]
    shown = eilbote.run("connection", "show", "office")
    assert sorted(shown.data["flows"]) == sorted(uses)
    assert "used by" in eilbote.run("connection", "show", "office", "--no-json").out
    listed = eilbote.run("connection", "list", "--no-json")
    assert "ready (version 1)" in listed.out
    other = eilbote.run("connection", "add", "other", "smtps://other.example.org")
    assert other.code == 0
    assert eilbote.run("connection", "show", "other").data["flows"] == []


def test_a_connection_that_a_flow_names_is_not_removed_by_accident(eilbote: Program) -> None:
    refused = eilbote.run("connection", "remove", "office")
    assert refused.code == 1
    assert "1 flow names office" in refused.err
    assert "ready (version 1)" in refused.err
    forced = eilbote.run("connection", "remove", "office", "--force")
    assert (forced.code, forced.data["flows"]) == (0, ["ready (version 1)"])


def test_a_flow_that_names_another_connection_now_keeps_none(eilbote: Program) -> None:
    eilbote.write("ready.yaml", FLOW.replace("office", "elsewhere"))
    assert eilbote.run("flow", "publish", "ready.yaml").code == 0
    assert eilbote.run("connection", "remove", "office").code == 0
