"""A values file of an installation that exists already says its mail settings as it is."""

import pytest

from eilbote import SettingsError
from eilbote.config.helm_values import Tree, find_in_values
from eilbote.config.values_file import read_values
from eilbote.config.vendor_names import Login
from eilbote.settings.endpoints import Endpoint

ENGLISH = """\
cognigyEnv:
  EMAIL_NOTIFICATION_SMTP_FROM: "reports@example.com"
  EMAIL_NOTIFICATION_SMTP_AUTH_TYPE: "oauth2"
  EMAIL_NOTIFICATION_SMTP_OAUTH2_EXPIRY_DATE_UNIX_TIMESTAMP: "1681382246000"
smtpEmailNotificationCredentials:
 authType: "oauth2"
 oauth2:
  user: "reports@example.com"
  clientId: "id"
  clientSecret: "planted-client-secret"
  refreshToken: "planted-refresh"
  accessToken: "planted-access"
 basic:
  username: ""
  password: ""
"""
GERMAN = """\
smtpEmailNotificationCredentials:
  authType: "einfach"
  Grundlegend:
    Benutzername: reports@example.com
    Passwort: 0123
  OAuth2:
    Benutzer: null
    clientId: ~
"""


def found(
    text: str, endpoint: Endpoint = Endpoint.NOTIFICATION
) -> dict[tuple[str, Login], tuple[object, str]]:
    tree = read_values(text.encode(), name="values.yaml", kind=".yaml")
    heard: dict[tuple[str, Login], tuple[object, str]] = {}
    for each in find_in_values(tree, file="values.yaml").findings[endpoint]:
        heard.setdefault((each.field, each.login), (each.value, each.place))
    return heard


def test_the_object_and_the_variables_are_found_with_their_places() -> None:
    assert found(ENGLISH) == {
        ("default_from", Login.NONE): (
            "reports@example.com",
            "cognigyEnv.EMAIL_NOTIFICATION_SMTP_FROM in values.yaml",
        ),
        ("auth_type", Login.NONE): ("oauth2", "smtpEmailNotificationCredentials.authType in values.yaml"),
        ("expiry_date", Login.OAUTH2): (
            "1681382246000",
            "cognigyEnv.EMAIL_NOTIFICATION_SMTP_OAUTH2_EXPIRY_DATE_UNIX_TIMESTAMP in values.yaml",
        ),
        ("user", Login.OAUTH2): (
            "reports@example.com",
            "smtpEmailNotificationCredentials.oauth2.user in values.yaml",
        ),
        ("client_id", Login.OAUTH2): (
            "id",
            "smtpEmailNotificationCredentials.oauth2.clientId in values.yaml",
        ),
        ("client_secret", Login.OAUTH2): (
            "planted-client-secret",
            "smtpEmailNotificationCredentials.oauth2.clientSecret in values.yaml",
        ),
        ("refresh_token", Login.OAUTH2): (
            "planted-refresh",
            "smtpEmailNotificationCredentials.oauth2.refreshToken in values.yaml",
        ),
        ("access_token", Login.OAUTH2): (
            "planted-access",
            "smtpEmailNotificationCredentials.oauth2.accessToken in values.yaml",
        ),
    }


def test_translated_keys_are_understood_and_a_password_of_digits_stays_as_it_was_written() -> None:
    assert {key: value for key, (value, _) in found(GERMAN).items()} == {
        ("auth_type", Login.NONE): "einfach",
        ("user", Login.BASIC): "reports@example.com",
        ("password", Login.BASIC): "0123",
    }


def test_a_list_of_names_and_values_is_understood() -> None:
    text = "env:\n- name: EMAIL_NOTIFICATION_SMTP_HOST\n  value: mail.example.org\n"

    assert [value for value, _ in found(text).values()] == ["mail.example.org"]


def test_the_mails_about_accounts_have_settings_of_their_own() -> None:
    text = """\
    env: {SYSTEM_SMTP_HOST: mail.example.org, SYSTEM_SMTP_CONNECTION_TYPE: starttls}
    smtpPassword: planted
    smtpOAuth2: {auth: {clientId: id, refreshToken: planted-2}}
    """
    assert {key: value for key, (value, _) in found(text, Endpoint.SYSTEM).items()} == {
        ("host", Login.NONE): "mail.example.org",
        ("security", Login.NONE): "starttls",
        ("password", Login.BASIC): "planted",
        ("client_id", Login.OAUTH2): "id",
        ("refresh_token", Login.OAUTH2): "planted-2",
    }
    assert found(text) == {}


def test_a_secret_of_the_cluster_is_pointed_at() -> None:
    tree: Tree = {"smtpEmailNotificationCredentials": {"existingSecret": "our-creds"}}

    assert "EILBOTE_SECRETS_DIR" in find_in_values(tree, file="values.yaml").notes[0]


def test_a_misspelt_key_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError) as told:
        found("smtpEmailNotificationCredentials: {basic: {usernam: planted}}")

    assert told.value.field == "smtpEmailNotificationCredentials.basic.usernam in values.yaml"
    assert told.value.remedy == "Did you mean 'username'?"
    assert "planted" not in str(told.value)


@pytest.mark.parametrize("key", ["host", "typeOfAuth"])
def test_a_key_that_resembles_none_is_refused_with_what_stands_there(key: str) -> None:
    with pytest.raises(SettingsError) as told:
        found(f"smtpEmailNotificationCredentials: {{{key}: planted}}")

    assert told.value.remedy is not None
    assert "authType" in told.value.remedy
    assert "EMAIL_NOTIFICATION_SMTP_HOST" in told.value.remedy
    assert "planted" not in str(told.value)


def test_two_values_for_one_field_are_refused() -> None:
    with pytest.raises(SettingsError, match="twice"):
        found("a: {EMAIL_NOTIFICATION_SMTP_HOST: x}\nb: {EMAIL_NOTIFICATION_SMTP_HOST: y}")


def test_other_things_in_the_file_are_left_alone() -> None:
    assert not find_in_values({"smtp": {"host": "x"}, "list": [1, [2, {"a": None}]]}, file="values.yaml")


def test_a_file_that_says_laugh_a_billion_times_is_walked_once() -> None:
    lines = ['a0: &a0 {EMAIL_NOTIFICATION_SMTP_HOST: "x"}']
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]

    assert len(found("\n".join(lines))) == 1


@pytest.mark.parametrize(
    "octets,kind,cause",
    [
        (b"a: [planted", ".yaml", "It is not YAML, in line"),
        (b'{"a": planted}', ".json", "It is not JSON, in line 1"),
        (b"a = planted", ".toml", "It is not TOML at line 1"),
        (b"\xff planted", ".yaml", "It is not UTF-8"),
        (b"- planted", ".yaml", "It holds no table"),
        (b"b: !!python/object:os.system planted", ".yaml", ""),
        (b"x" * 2_000_000, ".yaml", "It is larger than"),
        (b"[" * 100_000, ".json", "It is nested too deeply"),
        (b"[" * 100_000, ".yaml", "It is not YAML"),
    ],
    ids=range(9),
)
def test_what_cannot_be_read_is_refused_without_showing_it(octets: bytes, kind: str, cause: str) -> None:
    if not cause:
        assert read_values(octets, name="values", kind=kind)["b"] == "planted"
        return
    with pytest.raises(SettingsError) as told:
        read_values(octets, name="values", kind=kind)

    assert cause in (told.value.cause or "")
    assert "planted" not in str(told.value)
