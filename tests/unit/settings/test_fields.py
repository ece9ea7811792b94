"""The fields of settings are those of a connection, and are found under every name in use."""

import pytest

from eilbote import SettingsError
from eilbote.connections.field_names import NAMES, SECRET_NAMES
from eilbote.settings.fields import BRAND, CREDENTIALS, DESTINATION, FIELDS, field_named
from eilbote.settings.precedence import TAKES_OFF, lock_against


def test_every_field_of_a_connection_can_be_set_but_its_name() -> None:
    assert set(NAMES) - {"name"} == set(FIELDS) - BRAND


@pytest.mark.parametrize(
    "written,name",
    [
        ("SMTP Host", "host"),
        ("smtpDomain", "domain"),
        ("Default from display name", "from_name"),
        ("enableSecureConnection", "secure_connection"),
        ("tlsOption", "security"),
        ("url", "uri"),
        ("SMTP_USERNAME", "user"),
    ],
)
def test_a_field_is_found_under_the_words_of_the_products(written: str, name: str) -> None:
    assert field_named(written).name == name


def test_a_misspelt_field_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError) as told:
        field_named("hosst")

    assert told.value.remedy == "The nearest is 'host'"


@pytest.mark.parametrize("written", ["qqqqq", "zzzzz"])
def test_for_a_field_that_resembles_none_no_other_is_suggested(written: str) -> None:
    with pytest.raises(SettingsError) as told:
        field_named(written)

    assert told.value.remedy == "See docs/reference/configuration.md for their names"


def test_a_uri_in_place_of_a_name_is_not_shown() -> None:
    with pytest.raises(SettingsError) as told:
        field_named("smtps://u:planted@mail.example.org?from")

    assert "planted" not in str(told.value)
    assert told.value.remedy == "Write uri= before it"


def test_every_secret_is_a_credential_or_holds_one() -> None:
    secret = {name for name, each in FIELDS.items() if each.is_secret}

    assert secret == SECRET_NAMES | {"uri"}
    assert secret - CREDENTIALS == {"uri"}


def test_whatever_says_where_mail_goes_takes_off_every_credential() -> None:
    assert all(TAKES_OFF[name] >= CREDENTIALS for name in DESTINATION)
    assert all(TAKES_OFF[name] >= CREDENTIALS - {name} for name in ("access_url", "client_id", "user"))


def test_a_lock_on_proof_does_not_fix_the_server() -> None:
    assert lock_against("host", {"verify"}) is None
    assert lock_against("ignore_tls_errors", {"verify"}) == "verify"
    assert lock_against("host", {"password"}) == "password"
