"""Mail settings from the command line: shown with their origins, changed all or nothing, tested, and never a secret shown."""

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.acceptance.in_process import run
from tests.acceptance.program import Run

from eilbote.testing import catching

PLANTED = "Plänted: s3cret/+"


@pytest.fixture
def data_dir(tmp_path: Path) -> str:
    return str(tmp_path / "data")


@pytest.fixture
def password(tmp_path: Path) -> str:
    file = tmp_path / "password.txt"
    file.write_text(f"{PLANTED}\n")
    return str(file)


def kept(data_dir: str, *arguments: str, stdin: str = "", **changes: str) -> Run:
    ended = run("settings", "set", *arguments, "--data-dir", data_dir, stdin=stdin, **changes)
    assert ended.code == 0, ended.err
    check_nothing_is_shown(ended)
    return ended


def shown(data_dir: str, *arguments: str, **changes: str) -> Run:
    ended = run("settings", "show", *arguments, "--data-dir", data_dir, **changes)
    check_nothing_is_shown(ended)
    return ended


def check_nothing_is_shown(ended: Run) -> None:
    for form in (
        PLANTED,
        quote(PLANTED),
        quote(PLANTED, safe=""),
        base64.b64encode(PLANTED.encode()).decode(),
    ):
        assert form not in ended.out + ended.err
        assert json.dumps(form)[1:-1] not in ended.out + ended.err


def test_at_first_there_is_one_empty_endpoint_and_everybody_says_how_to_fill_it(data_dir: str) -> None:
    found = shown(data_dir)
    assert (found.code, found.data["endpoint"], found.data["configured"]) == (0, "notification", False)
    assert not Path(data_dir).exists(), "looking makes nothing"

    tested = run("settings", "test", "--data-dir", data_dir)
    assert tested.code == 3
    assert "the endpoint 'notification' is not configured yet" in tested.told
    assert "eilbote settings set uri=" in tested.told


def test_from_the_host_to_an_organization_and_back(data_dir: str, password: str) -> None:
    kept(data_dir, "uri=smtps://orders@mail.example.org", "--password-file", password)
    kept(data_dir, "--org", "acme", "from=Acme <acme@example.org>")

    fields = shown(data_dir, "--org", "acme").data["fields"]
    assert (fields["host"]["value"], fields["host"]["level"], fields["host"]["inherited"]) == (
        "mail.example.org",
        "host",
        True,
    )
    assert fields["password"] == {
        "value": None,
        "has_secret": True,
        "level": "host",
        "place": "host",
        "inherited": True,
        "locked": False,
    }
    assert (fields["from_name"]["value"], fields["from_name"]["place"]) == ("Acme", "acme")

    told = kept(data_dir, "--org", "acme", "host=own.example.net")
    assert "SMTP password (host) does not come along" in told.err
    own = shown(data_dir, "--org", "acme", "--origin", "--no-json")
    assert "password" not in own.out
    assert "own.example.net" in own.out

    kept(data_dir, "--org", "acme", "--default")
    assert shown(data_dir, "--org", "acme").data["fields"]["host"]["value"] == "mail.example.org"
    kept(data_dir, "--org", "acme", "--custom")
    assert shown(data_dir, "--org", "acme").data["fields"]["host"]["value"] == "own.example.net"


def test_an_organization_hears_at_once_that_its_server_may_not_be_reached(data_dir: str) -> None:
    kept(data_dir, "uri=smtp://127.0.0.1:2525")  # the host's may lead anywhere
    assert "no mail can go" not in kept(data_dir, "--org", "acme", "from=acme@example.org").err
    told = kept(data_dir, "--org", "acme", "host=10.2.3.4", "security=none")
    assert "no mail can go through it: organizations may not connect to 10.2.3.4" in told.err


def test_an_organization_of_which_nothing_is_known_is_not_the_host(data_dir: str) -> None:
    kept(data_dir, "uri=smtp://127.0.0.1:2525")
    for command in ("test", "show"):
        ended = run("settings", command, "--org", "nowhere", "--data-dir", data_dir)
        assert ended.code == 3
        assert "there is no organization 'nowhere'" in ended.told
        assert "127.0.0.1" not in ended.told
    assert run("organization", "create", "acme", EILBOTE_DATA_DIR=data_dir).code == 0
    assert shown(data_dir, "--org", "acme").data["fields"]["host"]["value"] == "127.0.0.1"


def test_a_stored_password_goes_to_no_other_server(data_dir: str, password: str) -> None:
    kept(data_dir, "uri=smtps://orders@mail.example.org", "--password-file", password)

    refused = run("settings", "set", "host=collect.example.net", "--data-dir", data_dir)
    check_nothing_is_shown(refused)
    assert refused.code == 1
    assert refused.data["error"]["field"] == "password"
    assert "another destination" in refused.told
    assert shown(data_dir).data["fields"]["host"]["value"] == "mail.example.org", "nothing of it was kept"

    kept(data_dir, "host=mail2.example.org", "--secret", "password=-", stdin=f"{PLANTED}\n")
    assert shown(data_dir).data["fields"]["host"]["value"] == "mail2.example.org"


def test_what_the_host_has_locked_stays(data_dir: str) -> None:
    kept(data_dir, "host=mail.example.org", "--lock", "host")

    refused = run("settings", "set", "--org", "acme", "service=gmail", "--data-dir", data_dir)
    assert refused.code == 1
    assert "SMTP host is locked by the host" in refused.told
    kept(data_dir, "--unlock", "host")
    kept(data_dir, "--org", "acme", "host=own.example.net")


def test_a_helm_values_file_is_taken_as_it_is(data_dir: str, tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(
        "env:\n  EMAIL_NOTIFICATION_SMTP_HOST: mail.example.com\n  EMAIL_NOTIFICATION_SMTP_TLS_REQUIRED: starttls\n"
        "smtpEmailNotificationCredentials:\n  authType: einfach\n"
        f"  Grundlegend: {{Benutzername: reports, Passwort: '{PLANTED}'}}\n",
        encoding="utf-8",
    )
    kept(data_dir, "--file", str(file))

    fields = shown(data_dir).data["fields"]
    assert (fields["host"]["value"], fields["user"]["value"], fields["auth_type"]["value"]) == (
        "mail.example.com",
        "reports",
        "basic",
    )
    assert fields["password"]["has_secret"]


def test_a_values_file_without_settings_for_notifications_is_said_to_be(
    data_dir: str, tmp_path: Path
) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(f"smtpPassword: '{PLANTED}'\n", encoding="utf-8")
    ended = run("settings", "set", "--file", str(file), "--data-dir", data_dir)

    check_nothing_is_shown(ended)
    assert ended.code == 3
    assert "EILBOTE_HELM_VALUES" in ended.told


def test_fields_come_through_stdin_under_the_words_of_the_products(data_dir: str) -> None:
    text = f"smtpHost: mail.example.com\nsmtpPort: 587\nenableSecureConnection: on\nusername: u\npassword: '{PLANTED}'\n"
    kept(data_dir, "--file", "-", stdin=text)

    found = shown(data_dir).data["fields"]
    assert (found["port"]["value"], found["security"]["place"]) == (587, "follows from secure_connection")


def test_the_environment_is_a_level_and_each_value_names_its_variable(data_dir: str, tmp_path: Path) -> None:
    mounted = tmp_path / "creds"
    mounted.mkdir()
    (mounted / "smtp-email-basic-username").write_text("reports")
    (mounted / "smtp-email-basic-password").write_text(PLANTED)
    environ = {
        "EMAIL_NOTIFICATION_SMTP_EMAIL_SERVICE_TYPE": "Outlook365",
        "EMAIL_NOTIFICATION_SMTP_TLS_REQUIRED": "tls",
        "EMAIL_NOTIFICATION_SMTP_HOTS": "x",
        "EILBOTE_SECRETS_DIR": str(mounted),
    }
    found = shown(data_dir, **environ).data

    assert found["fields"]["service"]["place"] == "EMAIL_NOTIFICATION_SMTP_EMAIL_SERVICE_TYPE"
    assert found["fields"]["port"] == {
        "value": 587,
        "has_secret": False,
        "level": "default",
        "place": "follows from Outlook365",
        "inherited": True,
        "locked": False,
    }
    warnings = " ".join(found["warnings"])
    assert "security 'tls' is not used" in warnings
    assert "the nearest name is EMAIL_NOTIFICATION_SMTP_HOST" in warnings

    broken = shown(data_dir, EMAIL_NOTIFICATION_SMTP_PORT="smtp", EMAIL_NOTIFICATION_SMTP_HOST="x.example")
    assert (broken.code, broken.data["error"]["field"]) == (1, "EMAIL_NOTIFICATION_SMTP_PORT")


def test_what_holds_is_tested_and_a_message_sent(data_dir: str, password: str) -> None:
    with catching() as catcher:
        kept(data_dir, f"uri={catcher.uri}", "from=Reports <reports@example.org>")
        tested = run("settings", "test", "--to", "anna@example.org", "--data-dir", data_dir)

        assert tested.code == 0, tested.err
        assert tested.data["ok"]
        assert catcher.next().header("From") == "Reports <reports@example.org>"

        sent = run(
            *("send", "--queue", "--connection", "notification", "--to", "anna@example.org"),
            *("--subject", "x", "--text", "y", "--data-dir", data_dir),
        )
        assert sent.code == 0, sent.err
        assert run("courier", "--once", "--log", "quiet", "--data-dir", data_dir).code == 0
        assert catcher.next().subject == "x"


@pytest.mark.parametrize(
    "arguments,code,told",
    [
        ((), 2, "nothing is to be changed"),
        (("password=Plänted: s3cret/+",), 2, "a secret stands among the arguments"),
        (("host",), 2, "has no value"),
        (("hosst=x",), 3, "The nearest is 'host'"),
        (("--secret", "password"), 2, "names no file"),
        (("--secret", "host=x"), 2, "is no secret"),
        (("--secret", "password=/no/such/file"), 3, "No such file"),
        (("--file", "/no/such/file"), 3, "No such file"),
        (("--file", "-", "--password-file", "-"), 2, "stdin cannot be two things at once"),
        (("--org", "not a name", "host=x"), 3, "cannot be a name"),
        (("port=99999",), 3, "is not a port"),
        (("--unset", "hosst"), 3, "The nearest is 'host'"),
        (("service=nothing like this",), 3, "no service is called"),
        (("uri=http://mail.example.org",), 3, "Unknown URI scheme"),
        (("--org", "acme", "--lock", "host"), 1, "nobody below it"),
        (("smtps://u:Plänted: s3cret/+@mail.example.org?from=x",), 3, "Write uri= before it"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_what_cannot_be_done_says_why_and_changes_nothing(
    data_dir: str, arguments: tuple[str, ...], code: int, told: str
) -> None:
    ended = run("settings", "set", *arguments, "--data-dir", data_dir)

    assert ended.code == code
    assert told in ended.told
    check_nothing_is_shown(ended)
    assert not Path(data_dir, "eilbote.db").exists() or not shown(data_dir).data["own"]


def test_no_secret_is_in_any_file_as_it_is(data_dir: str, password: str) -> None:
    kept(data_dir, "uri=smtps://orders@mail.example.org", "--password-file", password)

    forms = [PLANTED.encode(), quote(PLANTED).encode(), base64.b64encode(PLANTED.encode())]
    for file in Path(data_dir).rglob("*"):
        octets = file.read_bytes() if file.is_file() else b""
        assert not any(form in octets for form in forms), file


def test_damaged_settings_can_be_reset_and_leave_a_copy(tmp_path: Path) -> None:
    """A row that cannot be read could neither be shown nor changed, and there was no way out but the database."""
    assert run("settings", "set", "host=mail.example.org", EILBOTE_DATA_DIR=str(tmp_path)).code == 0
    with closing(sqlite3.connect(tmp_path / "eilbote.db")) as db, db:
        db.execute('UPDATE setting_scope SET plain = \'{"host": "mail.exam\'')
    db.close()
    assert run("settings", "show", EILBOTE_DATA_DIR=str(tmp_path)).code != 0

    ended = run("settings", "reset", EILBOTE_DATA_DIR=str(tmp_path))

    copy = tmp_path / "settings-host-1.json"
    assert (ended.code, ended.data) == (0, {"organization": None, "reset": True, "copy": str(copy)})
    assert json.loads(copy.read_text())["fields"] == '{"host": "mail.exam'
    assert copy.stat().st_mode & 0o777 == 0o600
    assert run("settings", "set", "host=mail.example.org", EILBOTE_DATA_DIR=str(tmp_path)).code == 0
    assert run("settings", "reset", "--org", "acme", EILBOTE_DATA_DIR=str(tmp_path)).data["reset"] is False
