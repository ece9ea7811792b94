"""What a change of a stored connection takes back, keeps and refuses."""

from dataclasses import replace

import pytest

from eilbote import ConfigurationError, Secret, SettingsError
from eilbote.connections.change import ChangedConnection, replaced, with_fields
from eilbote.connections.stored import StoredConnection
from eilbote.model.credentials import AccessToken, Password
from eilbote.model.moment import Moment
from eilbote.model.oauth2 import OAuth2

NOW = Moment(1_700_000_000_000)
EMPTY = StoredConnection(name="office")
BASIC = {"uri": "smtps://orders:old-secret@mail.example.org"}
TOKENS = {
    "service": "Gmail",
    "user": "anna@gmail.com",
    "clientId": "app",
    "clientSecret": "old-client-secret",
    "refreshToken": "old-refresh-secret",
    "accessToken": "old-access-secret",
    "expiryDate": 1_700_000_100_000,
}


def kept(fields: dict[str, object], *, organization: str = "") -> StoredConnection:
    made = replaced(replace(EMPTY, organization=organization), fields, now=NOW)
    return replace(made.stored, version=1)


def change(stored: StoredConnection, fields: dict[str, object]) -> ChangedConnection:
    return with_fields(stored, fields, now=NOW)


# -- how it is kept --------------------------------------------------------------------------------------------


def test_a_uri_is_taken_apart_and_its_password_is_a_secret() -> None:
    stored = kept(
        {"uri": "smtp://orders:old-secret@mail.example.org:2525?from=Orders%20%3Ca@b.org%3E&pool=2"}
    )

    assert stored.plain == {
        "host": "mail.example.org",
        "port": 2525,
        "secure": False,
        "user": "orders",
        "default_from": "a@b.org",
        "from_name": "Orders",
        "max_sessions": "2",
    }
    assert stored.secrets == {"password": Secret("old-secret")}
    assert "old-secret" not in repr(stored)


@pytest.mark.parametrize(
    "uri",
    [
        "smtps://orders:secret@mail.example.org",
        "smtp://orders:secret@mail.example.org",
        "smtp://orders:secret@mail.example.org:465",
        "smtp://mail.example.org?starttls=never",
        "smtp://127.0.0.1",
        "smtp://localhost:2525?starttls=required&verify=no",
        "smtps://[2001:db8::25]:4465?min-tls=1.3&auth=PLAIN",
        "smtps://u%20x:p%40w@mail.example.org?from=a@example.org&name=client.example.org&window=3&clear-auth=yes",
        "smtp://mail.example.org?per-minute=5&per-day=9&retry-first=5&retry-factor=3&retry-cap=60&retry-lifetime=600",
    ],
)
def test_what_is_made_of_a_stored_uri_is_what_the_uri_means(uri: str) -> None:
    from eilbote import Connection

    assert kept({"uri": uri}).connection() == Connection.from_uri(uri, name="office")


def test_a_duration_counts_from_when_it_is_kept_and_that_is_said() -> None:
    made = replaced(EMPTY, TOKENS | {"expiryDate": 3599}, now=NOW)

    assert made.stored.plain["expiry_date"] == NOW + 3_599_000
    assert any("duration" in each for each in made.warnings)


@pytest.mark.parametrize(
    "expiry,words",
    [(1_600_000_000_000, "ended at 2020-09-13 12:26 UTC"), (1_900_000_000_000, "more than a year ahead")],
)
def test_an_end_that_is_hardly_meant_is_pointed_at(expiry: int, words: str) -> None:
    fields = {"host": "mail.example.org", "user": "a@example.org", "accessToken": "a", "expiryDate": expiry}

    assert any(words in each for each in replaced(EMPTY, fields, now=NOW).warnings)


def test_the_name_in_a_file_is_not_a_field() -> None:
    assert "name" not in kept(BASIC | {"name": "My office"}).plain


def test_the_same_again_is_no_change() -> None:
    stored = kept(BASIC)

    assert not replaced(stored, BASIC, now=NOW).is_new
    assert not change(stored, {"port": ""}).is_new
    assert change(stored, {"timeout": 10}).is_new


# -- what a field takes back -----------------------------------------------------------------------------------


def test_a_blank_field_is_taken_back() -> None:
    stored = kept(BASIC | {"from": "a@example.org", "timeout": 10})

    assert "timeout" not in change(stored, {"timeout": ""}).stored.plain
    assert change(stored, {"timeout": None, "ehloName": "x.example.org"}).stored.plain["ehlo_name"]


def test_who_takes_the_author_back_takes_its_name_back_as_well() -> None:
    stored = kept(BASIC | {"from": "Orders <a@example.org>"})

    assert not {"default_from", "from_name"} & change(stored, {"from": ""}).stored.plain.keys()
    with pytest.raises(SettingsError, match="no address to stand before"):
        change(stored, {"from": "", "fromName": "Anna"})


def test_one_word_for_the_protection_takes_the_others_back() -> None:
    stored = kept({"host": "127.0.0.1", "enableSecureConnection": True, "port": 2525})

    changed = change(stored, {"tlsOption": "none"})

    assert changed.connection.security == "none"
    assert "secure_connection" not in changed.stored.plain


def test_a_service_takes_the_server_back_and_a_host_the_service() -> None:
    stored = kept({"host": "mail.example.org", "port": 2525, "tlsOption": "starttls"})

    at_service = change(stored, {"service": "SendGrid", "user": "apikey", "password": "p"}).stored
    at_host = change(replace(at_service, version=2), {"host": "other.example.org", "password": "p"}).stored

    assert {"host", "port", "security"}.isdisjoint(at_service.plain)
    assert at_host.plain["host"] == "other.example.org"
    assert "service" not in at_host.plain


def test_tokens_take_the_password_back_and_a_password_the_tokens() -> None:
    with_tokens = change(
        kept(BASIC), {k: v for k, v in TOKENS.items() if k != "service"} | {"user": "orders"}
    )
    back = change(replace(with_tokens.stored, version=2), {"password": "new"})

    assert isinstance(with_tokens.connection.credentials, OAuth2)
    assert "password" not in with_tokens.stored.secrets
    assert isinstance(back.connection.credentials, Password)
    assert back.stored.secrets == {"password": Secret("new")}


def test_a_new_consent_takes_the_old_access_token_back() -> None:
    changed = change(kept(TOKENS), {"refreshToken": "new"}).stored

    assert changed.secrets.keys() == {"client_secret", "refresh_token"}
    assert "expiry_date" not in changed.plain


def test_a_new_access_token_takes_the_end_of_the_old_one_back() -> None:
    fields = {
        "host": "mail.example.org",
        "user": "a@example.org",
        "accessToken": "a",
        "expiryDate": NOW + 5000,
    }

    changed = change(kept(fields), {"accessToken": "b"})

    assert changed.connection.credentials == AccessToken(user="a@example.org", token=Secret("b"))


# -- secrets go nowhere else -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {"host": "evil.example.org"},
        {"port": 2525},
        {"tlsOption": "starttls"},
        {"verify": "no"},
        {"ignoreTlsErrors": True},
        {"caFile": "/etc/ca.pem"},
        {"serverName": "evil.example.org"},
        {"user": "other"},
        {"domain": "OFFICE"},
        {"allowClearAuthentication": True},
        {"uri": "smtps://evil.example.org"},
        {"uri": "smtps://other@mail.example.org"},
        {"service": "Gmail", "user": "orders"},
        {"minimumTlsVersion": "1.3"},
    ],
    ids=str,
)
def test_a_stored_password_is_not_sent_elsewhere(fields: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="stored password") as caught:
        change(kept(BASIC), fields)

    assert caught.value.field == "password"
    assert "Enter password again" in (caught.value.remedy or "")
    assert "old-secret" not in str(caught.value)
    assert change(kept(BASIC), fields | {"password": "new"}).stored.secrets == {"password": Secret("new")}


@pytest.mark.parametrize(
    "fields",
    [
        {"accessUrl": "https://evil.example.org/token"},
        {"clientId": "other"},
        {"user": "other@gmail.com"},
        {"host": "evil.example.org"},
        {"service": "", "host": "evil.example.org"},
        {"tenant": "evil", "accessUrl": "https://login.microsoftonline.com/evil/oauth2/v2.0/token"},
        {"grant": "client_credentials", "accessUrl": "https://evil.example.org/token"},
    ],
    ids=str,
)
def test_stored_tokens_are_not_sent_elsewhere(fields: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="stored") as caught:
        change(kept(TOKENS), fields)

    assert "would go to another destination" in caught.value.what
    assert "old-" not in str(caught.value)


def test_of_two_secrets_both_are_entered_again() -> None:
    fields: dict[str, object] = {"accessUrl": "https://id.example.org/token", "refreshToken": "new"}

    with pytest.raises(SettingsError, match="client secret"):
        change(kept(TOKENS), fields)
    assert change(kept(TOKENS), fields | {"clientSecret": "new"}).is_new


def test_a_client_secret_that_was_not_used_is_not_set_free_by_naming_a_grant() -> None:
    fields = {
        "host": "mail.example.org",
        "user": "a",
        "accessToken": "t",
        "clientId": "a",
        "clientSecret": "old",
    }

    with pytest.raises(SettingsError, match="client secret"):
        change(kept(fields), {"grant": "client_credentials", "accessUrl": "https://evil.example.org/"})


@pytest.mark.parametrize(
    "fields",
    [
        {"from": "b@example.org"},
        {"timeout": 5},
        {"port": 465},
        {"tlsOption": "tls"},
        {"maxSessions": 1},
        {"verify": True},
    ],
    ids=str,
)
def test_what_changes_nothing_about_the_destination_keeps_the_secret(fields: dict[str, object]) -> None:
    assert change(kept(BASIC), fields).stored.secrets == {"password": Secret("old-secret")}


def test_what_cannot_be_used_any_more_sends_no_secret_anywhere() -> None:
    broken = replace(kept(BASIC), plain={"host": "mail.example.org", "user": "orders", "port": "gone"})

    with pytest.raises(SettingsError, match="stored password"):
        change(broken, {"port": 465})
    assert change(broken, {"port": 465, "password": "new"}).is_new


def test_a_replaced_connection_keeps_no_secret() -> None:
    with pytest.raises(SettingsError, match="password is missing"):
        replaced(kept(BASIC), {"uri": "smtps://orders@mail.example.org"}, now=NOW)


# -- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields,field",
    [
        ({"hots": "x"}, "hots"),
        ({"port": "many"}, "port"),
        ({"uri": "http://mail.example.org"}, "uri"),
        ({"uri": "smtps://a:b@mail.example.org", "host": "other.example.org"}, "host"),
        ({"from": "no address"}, "from"),
        ({"from": "Day <a@example.org>", "fromName": "Night"}, "fromName"),
        ({"password": 5}, "password"),
        ({"max_sessions": []}, "max_sessions"),
    ],
)
def test_a_fault_names_the_field_as_it_was_written(fields: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        change(kept(BASIC), fields)

    assert caught.value.field == field


@pytest.mark.parametrize("field", ["caFile", "clientCertificate", "clientKey", "clientKeyPassword"])
def test_an_organization_names_no_files_of_this_machine(field: str) -> None:
    with pytest.raises(SettingsError, match="files of this machine"):
        replaced(replace(EMPTY, organization="acme"), BASIC | {field: "/etc/passwd"}, now=NOW)


def test_the_server_of_an_organization_is_a_public_one() -> None:
    assert kept(BASIC, organization="acme").connection().public_only
    assert not kept(BASIC).connection().public_only
