"""What variables, mounted secrets and values files say about the endpoints, and that changes are noticed."""

import base64
import os
from pathlib import Path
from urllib.parse import quote

import pytest

from eilbote import ConfigurationError, SettingsError
from eilbote.config.mail_environment import MailEnvironment
from eilbote.settings.endpoints import Endpoint
from eilbote.settings.inheritance import EffectiveSettings, effective
from eilbote.settings.origins import where_said
from eilbote.testing.manual_clock import ManualClock

OAUTH2 = {
    "EMAIL_NOTIFICATION_SMTP_FROM": "reports@example.com",
    "EMAIL_NOTIFICATION_SMTP_AUTH_TYPE": "oauth2",
    "EMAIL_NOTIFICATION_SMTP_EMAIL_SERVICE_TYPE": "Outlook365",
    "EMAIL_NOTIFICATION_SMTP_OAUTH2_TOKEN_ACCESS_URL": (
        "https://login.microsoftonline.com/common/oauth2/v2.0/token"
    ),
    "EMAIL_NOTIFICATION_SMTP_OAUTH2_EXPIRY_DATE_UNIX_TIMESTAMP": "1681382246000",
    "EMAIL_NOTIFICATION_SMTP_TLS_REQUIRED": "tls",
}
BASIC = {
    "EMAIL_NOTIFICATION_SMTP_FROM": "reports@example.com",
    "EMAIL_NOTIFICATION_SMTP_AUTH_TYPE": "einfach",
    "EMAIL_NOTIFICATION_SMTP_HOST": "mail.example.com",
    "EMAIL_NOTIFICATION_SMTP_PORT": "443",
    "EMAIL_NOTIFICATION_SMTP_TLS_REQUIRED": "tls",
}
SECRETS = {
    "smtp-email-basic-username": "reports\n",
    "smtp-email-basic-password": "planted-password\n",
    "smtp-email-oauth2-user": "reports@example.com",
    "smtp-email-oauth2-client-id": "an-id",
    "smtp-email-oauth2-client-secret": "planted-client-secret",
    "smtp-email-oauth2-access-token": "planted-access-token",
    "smtp-email-oauth2-refresh-token": "planted-refresh-token",
}
NOTIFICATION, SYSTEM = Endpoint


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    folder = tmp_path / "creds"
    folder.mkdir()
    for name, value in SECRETS.items():
        (folder / name).write_text(value)
    return folder


def holds(environ: dict[str, str], endpoint: Endpoint = NOTIFICATION) -> EffectiveSettings:
    return effective([MailEnvironment(environ, clock=ManualClock()).layer(endpoint)])


def notes(environ: dict[str, str]) -> str:
    return " ".join(MailEnvironment(environ, clock=ManualClock()).said(NOTIFICATION).notes)


def test_the_oauth2_variables_with_a_mounted_secret(mounted: Path) -> None:
    connection = holds({**OAUTH2, "EILBOTE_SECRETS_DIR": str(mounted)}).connection("notification")

    assert (connection.host, connection.port, connection.security) == ("smtp.office365.com", 587, "starttls")
    assert connection.credentials.user == "reports@example.com"  # type: ignore[union-attr]
    assert any("security 'tls' is not used" in each for each in connection.warnings)


def test_the_basic_variables_with_the_same_secret(mounted: Path) -> None:
    environ = {**BASIC, "EILBOTE_SECRETS_DIR": str(mounted)}
    found = holds(environ)
    connection = found.connection("notification")

    assert (connection.host, connection.port, connection.security) == ("mail.example.com", 443, "tls")
    assert connection.credentials.user == "reports"  # type: ignore[union-attr]
    assert any("mean 465" in each for each in connection.warnings)
    assert found.values["password"].place == f"smtp-email-basic-password in {mounted}"
    assert "smtp-email-oauth2-refresh-token" in notes(environ)


def test_the_port_that_manuals_get_wrong_is_encrypted_from_the_start_and_explained() -> None:
    environ = {
        name: value for name, value in BASIC.items() if not name.endswith(("AUTH_TYPE", "TLS_REQUIRED"))
    }
    found = holds(environ)

    assert found.values["security"].place == "the default of EMAIL_NOTIFICATION_SMTP_TLS_REQUIRED"
    assert any("mean 465" in each for each in found.connection("x").warnings)
    assert "security" not in holds({**environ, "EMAIL_NOTIFICATION_SMTP_PORT": "587"}).values


def test_the_names_that_were_taken_away_still_work() -> None:
    found = holds(
        {
            **BASIC,
            "EMAIL_NOTIFICATION_SMTP_USERNAME": "reports",
            "EMAIL_NOTIFICATION_SMTP_PASSWORD": "planted",
        }
    )

    assert found.connection("x").credentials.user == "reports"  # type: ignore[union-attr]
    assert found.values["password"].place == "EMAIL_NOTIFICATION_SMTP_PASSWORD"


def test_a_values_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(
        "env:\n  EMAIL_NOTIFICATION_SMTP_HOST: mail.example.com\n"
        "smtpEmailNotificationCredentials: {authType: basic, basic: {username: reports, password: planted}}\n"
    )
    found = holds({"EILBOTE_HELM_VALUES": str(file)})

    assert found.connection("x").host == "mail.example.com"
    assert found.values["user"].place == f"smtpEmailNotificationCredentials.basic.username in {file}"


def test_our_own_variables_say_every_field_and_go_first() -> None:
    environ = {
        **BASIC,
        "EILBOTE_NOTIFICATION__HOST": "own.example.com",
        "EILBOTE_NOTIFICATION__TIMEOUT": "7",
    }
    found = holds(environ)

    assert found.values["host"].value == "own.example.com"
    assert found.values["timeout"].place == "EILBOTE_NOTIFICATION__TIMEOUT"
    assert "EMAIL_NOTIFICATION_SMTP_HOST is not used: EILBOTE_NOTIFICATION__HOST" in notes(environ)


def test_a_uri_is_taken_apart() -> None:
    found = holds({"EILBOTE_NOTIFICATION__URI": "smtps://reports:planted@mail.example.com"})

    assert found.values["host"].place == "EILBOTE_NOTIFICATION__URI"
    assert found.values["password"].has_secret


def test_mails_about_accounts_have_variables_of_their_own() -> None:
    environ = {
        "SYSTEM_SMTP_HOST": "mail.example.com",
        "SYSTEM_SMTP_PORT": "587",
        "SYSTEM_SMTP_USERNAME": "system",
        "SYSTEM_SMTP_PASSWORD": "planted",
        "SYSTEM_SMTP_FROM": "system@example.com",
        "SYSTEM_SMTP_CONNECTION_TYPE": "starttls",
    }

    assert holds(environ, SYSTEM).connection("system").security == "starttls"
    assert holds(environ).is_empty


def test_what_stands_there_before_anybody_has_filled_it_in_says_nothing() -> None:
    assert holds({"SYSTEM_SMTP_HOST": "test", "SYSTEM_SMTP_PORT": "test"}, SYSTEM).is_empty


def test_a_blank_variable_says_nothing() -> None:
    assert holds(dict.fromkeys(BASIC, "")).is_empty


def test_a_misspelt_variable_is_pointed_at() -> None:
    assert (
        "EMAIL_NOTIFICATION_SMTP_HOTS is not used: there is no such setting; "
        "the nearest name is EMAIL_NOTIFICATION_SMTP_HOST."
    ) in notes({"EMAIL_NOTIFICATION_SMTP_HOTS": "x"})


def test_a_misspelt_key_of_a_mounted_secret_is_pointed_at(tmp_path: Path) -> None:
    (tmp_path / "smtp-email-basic-pasword").write_text("planted")

    told = notes({"EILBOTE_SECRETS_DIR": str(tmp_path)})
    assert "there is no such key; the nearest is smtp-email-basic-password." in told
    assert "planted" not in told


# -- secrets from files, read again ----------------------------------------------------------------------------


def test_a_secret_is_read_again_when_its_file_has_changed(tmp_path: Path) -> None:
    file, clock = tmp_path / "password", ManualClock()
    file.write_text("first\n")
    environment = MailEnvironment(
        {
            **BASIC,
            "EMAIL_NOTIFICATION_SMTP_USERNAME": "reports",
            "EMAIL_NOTIFICATION_SMTP_PASSWORD_FILE": str(file),
        },
        clock=clock,
    )
    before = environment.layer(NOTIFICATION)
    assert before.secrets["password"].reveal() == "first"
    assert before.place_of("password") == "EMAIL_NOTIFICATION_SMTP_PASSWORD_FILE"

    swap(file, "second")
    assert environment.layer(NOTIFICATION) is before  # looked at a moment ago
    clock.advance(1.1)
    assert environment.layer(NOTIFICATION).secrets["password"].reveal() == "second"


def test_what_was_written_again_as_it_was_is_the_same_object(tmp_path: Path) -> None:
    file, clock = tmp_path / "password", ManualClock()
    file.write_text("first")
    environment = MailEnvironment({"EMAIL_NOTIFICATION_SMTP_PASSWORD_FILE": str(file)}, clock=clock)
    before = environment.layer(NOTIFICATION)
    swap(file, "first")
    clock.advance(2)

    assert environment.layer(NOTIFICATION) is before


def test_a_key_that_appears_in_a_mounted_secret_is_noticed(tmp_path: Path) -> None:
    clock = ManualClock()
    environment = MailEnvironment({**BASIC, "EILBOTE_SECRETS_DIR": str(tmp_path)}, clock=clock)
    assert "password" not in environment.layer(NOTIFICATION).secrets
    (tmp_path / "smtp-email-basic-password").write_text("planted")
    clock.advance(2)

    assert "password" in environment.layer(NOTIFICATION).secrets


def test_a_file_that_has_gone_is_told_with_its_variable(tmp_path: Path) -> None:
    file, clock = tmp_path / "password", ManualClock()
    file.write_text("first")
    environment = MailEnvironment({"EMAIL_NOTIFICATION_SMTP_PASSWORD_FILE": str(file)}, clock=clock)
    environment.layer(NOTIFICATION)
    file.unlink()
    clock.advance(2)

    with pytest.raises(SettingsError) as told:
        environment.layer(NOTIFICATION)
    assert told.value.field == "EMAIL_NOTIFICATION_SMTP_PASSWORD_FILE"


def swap(file: Path, text: str) -> None:
    """Put another file in its place, as a cluster does with a mounted secret."""
    other = file.with_suffix(".new")
    other.write_text(text)
    os.replace(other, file)  # noqa: PTH105 - the call that swaps


# -- faults ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "environ,variable",
    [
        ({**BASIC, "EMAIL_NOTIFICATION_SMTP_PORT": "smtp"}, "EMAIL_NOTIFICATION_SMTP_PORT"),
        ({**BASIC, "EMAIL_NOTIFICATION_SMTP_TLS_REQUIRED": "ssl"}, "EMAIL_NOTIFICATION_SMTP_TLS_REQUIRED"),
        ({**BASIC, "EMAIL_NOTIFICATION_SMTP_AUTH_TYPE": "kerberos"}, "EMAIL_NOTIFICATION_SMTP_AUTH_TYPE"),
        ({**BASIC, "EMAIL_NOTIFICATION_SMTP_HOST": "smtp://x"}, "EMAIL_NOTIFICATION_SMTP_HOST"),
        ({**BASIC, "EMAIL_NOTIFICATION_SMTP_FROM": "nobody"}, "EMAIL_NOTIFICATION_SMTP_FROM"),
        (
            {**OAUTH2, "EMAIL_NOTIFICATION_SMTP_EMAIL_SERVICE_TYPE": "Outlok"},
            "EMAIL_NOTIFICATION_SMTP_EMAIL_SERVICE_TYPE",
        ),
        (
            {**OAUTH2, "EMAIL_NOTIFICATION_SMTP_OAUTH2_EXPIRY_DATE_UNIX_TIMESTAMP": "soon"},
            "EMAIL_NOTIFICATION_SMTP_OAUTH2_EXPIRY_DATE_UNIX_TIMESTAMP",
        ),
        ({"EILBOTE_NOTIFICATION__HOSST": "x"}, "EILBOTE_NOTIFICATION__HOSST"),
        ({"EILBOTE_NOTIFICATION__HOST_FILE": "x"}, "EILBOTE_NOTIFICATION__HOST_FILE"),
        ({"EILBOTE_SECRETS_DIR": "/no/such/folder"}, "EILBOTE_SECRETS_DIR"),
        ({"EILBOTE_HELM_VALUES": "/no/such/file"}, "EILBOTE_HELM_VALUES"),
        (
            {"EMAIL_NOTIFICATION_SMTP_PASSWORD_FILE": "/no/such/file"},
            "EMAIL_NOTIFICATION_SMTP_PASSWORD_FILE",
        ),
        (
            {"EMAIL_NOTIFICATION_SMTP_PASSWORD_FILE": "x", "EMAIL_NOTIFICATION_SMTP_PASSWORD": "planted"},
            "EMAIL_NOTIFICATION_SMTP_PASSWORD_FILE",
        ),
        ({"EMAIL_NOTIFICATION_SMTP_PASSWORD_FILE": "/dev/null"}, "EMAIL_NOTIFICATION_SMTP_PASSWORD_FILE"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_fault_names_the_variable(environ: dict[str, str], variable: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        holds(environ)

    assert told.value.field == variable
    assert told.value.remedy
    assert "planted" not in str(told.value)


def test_a_login_that_is_chosen_and_not_complete_names_the_variable_that_chooses_it() -> None:
    """The error named a field of a form that nobody had before him."""
    found = holds({**BASIC, "EMAIL_NOTIFICATION_SMTP_AUTH_TYPE": "oauth2"})

    with pytest.raises(ConfigurationError, match="token is missing") as told:
        found.connection("notification")
    assert where_said(found, told.value.field) == "EMAIL_NOTIFICATION_SMTP_AUTH_TYPE"


def test_a_value_and_a_file_at_once_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("planted")
    for name in ("EMAIL_NOTIFICATION_SMTP_PASSWORD", "EILBOTE_NOTIFICATION__PASSWORD"):
        with pytest.raises(SettingsError, match="is set as well") as told:
            holds({f"{name}_FILE": str(file), name: "planted"})
        assert told.value.field == f"{name}_FILE"


def test_two_ways_of_signing_in_without_a_selection_are_refused(mounted: Path) -> None:
    with pytest.raises(SettingsError) as told:
        holds({"EILBOTE_SECRETS_DIR": str(mounted)})

    assert told.value.field == "EMAIL_NOTIFICATION_SMTP_AUTH_TYPE"


def test_no_secret_is_ever_shown(mounted: Path) -> None:
    environment = MailEnvironment({**BASIC, "EILBOTE_SECRETS_DIR": str(mounted)}, clock=ManualClock())
    said = environment.said(NOTIFICATION)
    told = repr(said) + repr(environment) + repr(effective([said.layer])) + " ".join(said.notes)

    for secret in SECRETS.values():
        for form in (secret, base64.b64encode(secret.encode()).decode(), quote(secret)):
            assert "planted" not in form or form not in told
    assert "planted" not in told
