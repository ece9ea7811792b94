"""What the program was told: shown with its origins, and checked as a whole, every problem with its variable or field."""

from pathlib import Path

from tests.acceptance.in_process import run


def test_every_setting_is_shown_with_where_it_comes_from(tmp_path: Path) -> None:
    url = "postgresql://eilbote:planted@127.0.0.1/mail?password=planted"
    shown = run(
        "config",
        "show",
        "--data-dir",
        str(tmp_path),
        EILBOTE_DATABASE_URL=url,
        EILBOTE_EGRESS__ALLOW="10.0.0.0/8",
    )

    assert shown.code == 0
    assert shown.data["data_dir"] == {"value": str(tmp_path), "origin": "argument data_dir"}
    assert shown.data["egress.allow"] == {"value": "10.0.0.0/8", "origin": "EILBOTE_EGRESS__ALLOW"}
    assert shown.data["database_url"]["value"] == "postgresql://eilbote:********@127.0.0.1/mail?********"
    assert "planted" not in shown.out + shown.err


def test_for_people_it_is_a_table(tmp_path: Path) -> None:
    shown = run("config", "show", "--origin", "--no-json", "--data-dir", str(tmp_path))

    lines = {line.split()[0]: line.split()[1:] for line in shown.out.splitlines()}
    assert lines["busy_seconds"] == ["5", "default"]
    assert lines["egress.deny"] == ["default"]


def test_all_is_well_with_nothing_and_nothing_is_made(tmp_path: Path) -> None:
    checked = run("config", "check", "--data-dir", str(tmp_path / "data"))

    assert checked.code == 0
    assert checked.data["ok"]
    assert checked.data["checked"] == ["program", "environment", "keys", "connections", "settings"]
    assert checked.data["warnings"] == [
        {"part": "endpoint notification", "text": "It is not configured yet: nothing is sent through it."}
    ]
    assert not (tmp_path / "data").exists()


def test_every_problem_is_told_and_not_the_first_alone(tmp_path: Path) -> None:
    checked = run(
        *("config", "check", "--data-dir", str(tmp_path)),
        EMAIL_NOTIFICATION_SMTP_HOST="mail.example.org",
        EMAIL_NOTIFICATION_SMTP_PORT="smtp",
        EILBOTE_CONNECTION_BACKUP="smtp://user:planted@",
        EILBOTE_CONNECTION_OFFICE="smtp://relay.example.org?starttls=never",
        SYSTEM_SMTP_PASSWORD_FILE="/no/such/file",
    )

    assert checked.code == 3
    problems = {each["part"]: each["field"] for each in checked.data["problems"]}
    assert problems["environment"] in {"EMAIL_NOTIFICATION_SMTP_PORT", "SYSTEM_SMTP_PASSWORD_FILE"}
    assert [each["field"] for each in checked.data["problems"]][:2] == [
        "EMAIL_NOTIFICATION_SMTP_PORT",
        "SYSTEM_SMTP_PASSWORD_FILE",
    ]
    assert problems["connection backup"].startswith("EILBOTE_CONNECTION_BACKUP")
    assert any(each["part"] == "connection office" for each in checked.data["warnings"])
    assert all(each["remedy"] for each in checked.data["problems"])
    assert "planted" not in checked.out + checked.err


def test_a_setting_of_the_program_that_cannot_be_read_is_told_beside_the_environment(tmp_path: Path) -> None:
    checked = run(
        *("config", "check", "--no-json", "--data-dir", str(tmp_path)),
        EILBOTE_EGRESS__ALLOW="everywhere",
        EILBOTE_SECRETS_DIR="/no/such/folder",
    )

    assert checked.code == 3
    assert "problem  program, EILBOTE_EGRESS__ALLOW" in checked.out
    assert "problem  environment, EILBOTE_SECRETS_DIR" in checked.out
    assert "2 problems" in checked.out


def test_a_lost_key_is_told_by_its_name(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("planted")
    data_dir = tmp_path / "data"
    kept = run(
        *("settings", "set", "uri=smtps://u@mail.example.org", "--password-file", str(password)),
        *("--data-dir", str(data_dir)),
    )
    assert kept.code == 0, kept.err
    keys = data_dir / "secret.keys"
    key_id = next(line.split()[0] for line in keys.read_text().splitlines() if not line.startswith("#"))
    keys.rename(tmp_path / "away.keys")

    checked = run("config", "check", "--data-dir", str(data_dir))
    assert checked.code == 3
    assert [each["part"] for each in checked.data["problems"]] == ["keys"]
    assert key_id in checked.data["problems"][0]["what"]

    again = run(
        "config", "check", "--data-dir", str(data_dir), EILBOTE_SECRET_KEYS_FILE=str(tmp_path / "away.keys")
    )
    assert again.code == 0, again.out
