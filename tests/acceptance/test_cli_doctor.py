"""``eilbote doctor``: what it says of a new machine, of a server that works, and of one that is ill."""

import os
from contextlib import closing
from pathlib import Path

from tests.acceptance.in_process import run


def test_of_a_new_machine_it_warns_and_nothing_is_made(tmp_path: Path) -> None:
    told = run("doctor", "--offline", "--data-dir", str(tmp_path / "data"))

    assert told.code == 0
    assert told.data["ok"]
    assert {each["about"]: each["verdict"] for each in told.data["found"]}["database"] == "warning"
    assert not (tmp_path / "data").exists()


def test_mail_that_nobody_delivers_is_a_problem_and_a_rest_is_one(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    run(
        "send",
        "--queue",
        "-f",
        "a@example.org",
        "-t",
        "b@example.org",
        "--text",
        "x",
        "--via",
        "smtp://127.0.0.1:1",
        *data,
    )

    told = run("doctor", "--offline", *data)

    assert told.code == 1
    problems = {each["about"]: each["remedy"] for each in told.data["found"] if each["verdict"] == "problem"}
    assert problems["courier"] == "Start 'eilbote serve', or 'eilbote courier'"
    verdicts = {each["about"]: each["verdict"] for each in told.data["found"]}
    assert verdicts["database"] == verdicts["keys"] == verdicts["data folder"] == verdicts["clock"] == "ok"


def test_a_setting_that_cannot_be_read_is_told_and_ends_the_examination(tmp_path: Path) -> None:
    told = run("doctor", "--no-json", "--data-dir", str(tmp_path), EILBOTE_SERVER__LISTEN="everywhere")

    assert told.code == 1
    assert "problem  settings: EILBOTE_SERVER__LISTEN: 'everywhere' is no address with a port" in told.out
    assert "1 problem, 0 warnings" in told.out


def test_a_database_of_a_newer_eilbote_is_left_alone_with_a_word(tmp_path: Path) -> None:
    import sqlite3

    data = ("--data-dir", str(tmp_path / "data"))
    run(
        "send",
        "--queue",
        "-f",
        "a@example.org",
        "-t",
        "b@example.org",
        "--text",
        "x",
        "--via",
        "smtp://127.0.0.1:1",
        *data,
    )
    with closing(sqlite3.connect(tmp_path / "data" / "eilbote.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'v9999'")

    told = run("doctor", "--offline", *data)

    assert told.code == 1
    (problem,) = [each for each in told.data["found"] if each["about"] == "database"]
    assert "newer" in problem["text"] + problem["remedy"]


def test_what_answers_at_the_public_address_has_to_be_eilbote(tmp_path: Path) -> None:
    told = run("doctor", "--data-dir", str(tmp_path), EILBOTE_PUBLIC_URL="http://127.0.0.1:1")

    assert told.code == 1
    assert {each["about"]: each["verdict"] for each in told.data["found"]}["public address"] == "problem"


def test_a_server_that_cannot_send_is_told_and_so_is_a_copy_that_is_old(tmp_path: Path) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    assert run("organization", "create", "acme", *data).code == 0
    verdicts = {each["about"]: each["verdict"] for each in run("doctor", "--offline", *data).data["found"]}
    assert (verdicts["connections"], verdicts["backup"]) == ("warning", "warning")

    assert run("connection", "add", "office", "smtps://mail.example.org", *data).code == 0
    assert run("db", "backup", str(tmp_path / "copy"), *data).code == 0
    verdicts = {each["about"]: each["verdict"] for each in run("doctor", "--offline", *data).data["found"]}
    assert (verdicts["connections"], verdicts["backup"]) == ("ok", "ok")

    (note,) = (tmp_path / "data").glob("last-backup")
    os.utime(note, (0, 0))
    told = {each["about"]: each["text"] for each in run("doctor", "--offline", *data).data["found"]}
    assert "1970-01-01" in told["backup"]


def test_that_no_mail_leaves_is_told(tmp_path: Path) -> None:
    data = ("--offline", "--no-json", "--data-dir", str(tmp_path))
    assert "capture:" not in run("doctor", *data).out
    captured = run("doctor", *data, EILBOTE_CAPTURE__ENABLED="true")
    assert captured.code == 0
    assert "warning  capture: Mail is captured:" in captured.out
    assert "EILBOTE_CAPTURE__ENABLED" in captured.out
    released = run(
        "doctor", *data, EILBOTE_CAPTURE__ENABLED="true", EILBOTE_CAPTURE__RELEASE="anna@example.org"
    )
    assert "unless somebody has it sent after all to anna@example.org" in released.out
