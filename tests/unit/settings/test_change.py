"""Changing what a scope says: all of it or nothing, and no stored secret goes where it was not entered for."""

from dataclasses import replace

import pytest

from eilbote import ConfigurationError, ProviderNotFoundError, SettingsError
from eilbote.model.secret import Secret
from eilbote.settings.change import Change, Changed, apply_change
from eilbote.settings.inheritance import Layer, Level, layer_of
from eilbote.settings.scope import ScopeSettings

EMPTY = ScopeSettings()
OFFICE = ScopeSettings(
    plain={"host": "mail.example.org", "security": "starttls", "user": "orders"},
    secrets={"password": Secret("planted-word")},
    version=3,
)
ACME = ScopeSettings(organization="acme")


def change(scope: ScopeSettings, *above: Layer, **values: object) -> Changed:
    return apply_change(Change(set=values), scope, above)


def test_a_uri_says_host_port_protection_user_and_password() -> None:
    found = change(EMPTY, uri="smtps://orders:pw@mail.example.org?from=Orders%20%3Co@example.org%3E")

    assert found.settings.plain == {
        "host": "mail.example.org",
        "port": 465,
        "security": "tls",
        "user": "orders",
        "default_from": "o@example.org",
        "from_name": "Orders",
    }
    assert found.settings.secrets == {"password": Secret("pw")}
    assert found.is_new
    assert found.warnings == ()


def test_a_uri_says_the_whole_destination_anew() -> None:
    before = ScopeSettings(plain={"service": "Gmail", "verify": False, "timeout": 5.0})
    found = change(before, uri="smtps://mail.example.org").settings.plain

    assert found == {"host": "mail.example.org", "port": 465, "security": "tls", "timeout": 5.0}


def test_the_words_of_the_products_are_understood() -> None:
    found = change(
        EMPTY,
        smtpHost="mail.example.org",
        smtpPort="587",
        enableSecureConnection="true",
        smtpUsername="orders",
        smtpPassword="pw",
        fromDisplayName="Orders",
        defaultFromAddress="o@example.org",
    )

    assert found.effective.connection("x").port == 587


def test_setting_a_password_alone_keeps_the_rest() -> None:
    found = change(OFFICE, password="new")

    assert found.settings == replace(OFFICE, secrets={"password": Secret("new")})


@pytest.mark.parametrize("wanted", [Change(set={"from": ""}), Change(unset=frozenset({"default_from"}))])
def test_a_name_goes_with_its_address(wanted: Change) -> None:
    """Left alone it makes no connection, and the next message finds that out."""
    before = change(EMPTY, host="mail.example.org", **{"from": "Orders <o@example.org>"}).settings

    found = apply_change(wanted, before, ())

    assert found.settings.plain == {"host": "mail.example.org"}
    assert found.warnings == ()
    assert found.effective.connection("settings").default_from is None


def test_a_name_stays_where_another_level_says_an_address() -> None:
    host = layer_of(change(EMPTY, host="mail.example.org", default_from="o@example.org").settings)
    before = change(ACME, host, **{"from": "Acme <a@acme.example>"}).settings

    assert change(before, host, **{"from": ""}).settings.plain == {"from_name": "Acme"}


def test_a_name_cannot_be_set_while_its_address_is_taken_back() -> None:
    before = change(EMPTY, host="mail.example.org", **{"from": "Orders <o@example.org>"}).settings

    with pytest.raises(SettingsError) as told:
        change(before, **{"from": "", "from_name": "Others"})
    assert told.value.field == "default_from"


def test_setting_what_is_set_is_nothing_new() -> None:
    assert not change(OFFICE, host="mail.example.org").is_new


@pytest.mark.parametrize(
    "values",
    [
        {"host": "collect.example.net"},
        {"port": 2525},
        {"security": "tls"},
        {"user": "another"},
        {"verify": "no"},
        {"server_name": "collect.example.net"},
        {"ca_file": "/etc/own-ca.pem"},
        {"host": ""},
        {"uri": "smtp://orders@collect.example.net"},
        {"allow_clear_authentication": "yes"},
    ],
    ids=str,
)
def test_a_stored_password_goes_to_no_other_destination(values: dict[str, object]) -> None:
    """Whoever may change the host of a form with a masked password could otherwise have it sent to himself."""
    with pytest.raises(SettingsError) as told:
        change(OFFICE, **values)

    assert told.value.field == "password"
    assert "SMTP password" in (told.value.remedy or "")
    assert "planted" not in str(told.value)


def test_the_destination_may_change_when_the_password_is_entered_again() -> None:
    found = change(OFFICE, host="mail2.example.org", password="again")

    assert found.settings.plain["host"] == "mail2.example.org"


def test_the_destination_may_change_when_the_password_is_taken_back() -> None:
    found = apply_change(
        Change(set={"host": "mail2.example.org"}, unset=frozenset({"password", "user"})), OFFICE, ()
    )

    assert found.settings.secrets == {}


def test_naming_the_usual_port_changes_no_destination() -> None:
    assert change(OFFICE, port=587).settings.plain["port"] == 587


@pytest.mark.parametrize("field", ["timeout", "default_from", "max_sessions"])
def test_what_is_no_destination_may_change(field: str) -> None:
    value = "a@example.org" if field == "default_from" else 5

    assert change(OFFICE, **{field: value}).settings.secrets == OFFICE.secrets


def test_default_and_custom_again_keeps_everything() -> None:
    off = apply_change(Change(custom=False), OFFICE, ()).settings
    on = apply_change(Change(custom=True), off, ()).settings

    assert off == replace(OFFICE, custom=False)
    assert on == OFFICE


def test_while_it_is_switched_off_the_password_goes_nowhere_else_either() -> None:
    off = apply_change(Change(custom=False), OFFICE, ()).settings

    with pytest.raises(SettingsError):
        change(off, host="collect.example.net")


def test_values_that_do_not_hold_are_said_to() -> None:
    off = replace(OFFICE, custom=False)

    assert "switched to default" in " ".join(change(off, timeout=5).warnings)


def test_a_locked_field_is_refused_with_who_locked_it() -> None:
    above = layer_of(replace(OFFICE, locked=frozenset({"host"})))

    with pytest.raises(SettingsError) as told:
        change(ACME, above, host="own.example.net")

    assert str(told.value) == (
        "host: SMTP host is locked by the host. "
        "Leave it as it is, or have it unlocked: `eilbote settings set --unlock host`."
    )


def test_what_would_take_a_locked_field_off_is_refused_as_well() -> None:
    above = layer_of(replace(OFFICE, locked=frozenset({"host"})))

    with pytest.raises(SettingsError) as told:
        change(ACME, above, service="Gmail")

    assert (told.value.field, told.value.cause) == ("service", "Email service would take it off")


def test_an_organization_cannot_lock() -> None:
    with pytest.raises(SettingsError, match="nobody below it"):
        apply_change(Change(lock=frozenset({"host"})), ACME, ())


def test_locking_and_unlocking_at_the_host() -> None:
    locked = apply_change(Change(lock=frozenset({"SMTP host"})), OFFICE, ()).settings

    assert locked.locked == {"host"}
    assert apply_change(Change(unlock=frozenset({"host"})), locked, ()).settings == OFFICE


def test_an_organization_names_no_files_of_this_machine() -> None:
    with pytest.raises(SettingsError, match="files of this machine"):
        change(ACME, uri="smtps://own.example.net?ca=/etc/passwd")


@pytest.mark.parametrize(
    "values,field",
    [
        ({"host": "smtp://x"}, "host"),
        ({"port": "99999"}, "port"),
        ({"security": "ssl"}, "security"),
        ({"default_from": "nobody"}, "default_from"),
        ({"timeout": "soon"}, "timeout"),
        ({"authType": "kerberos"}, "auth_type"),
        ({"host": "mail.example.org", "user": "u"}, "password"),
        ({"enableSecureConnection": "maybe"}, "secure_connection"),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_refused_with_its_field(values: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        change(EMPTY, **values)

    assert told.value.field == field


def test_milliseconds_are_told_from_seconds() -> None:
    with pytest.raises(SettingsError) as told:
        change(EMPTY, timeout="180000")

    assert told.value.remedy == "Give seconds: 180,000 milliseconds are 180"


def test_an_unknown_service_is_refused() -> None:
    with pytest.raises(ProviderNotFoundError):
        change(EMPTY, service="no such thing")


def test_one_field_under_two_names_is_refused() -> None:
    with pytest.raises(SettingsError, match="given twice"):
        change(EMPTY, host="a.example", smtpHost="b.example")


def test_another_word_for_the_protection_replaces_the_one_before() -> None:
    found = change(OFFICE, password="pw", enableSecureConnection="yes").settings.plain

    assert "security" not in found
    assert found["secure_connection"] is True


def test_one_field_cannot_be_set_and_taken_back() -> None:
    with pytest.raises(SettingsError, match="at once"):
        apply_change(Change(set={"host": "x.example"}, unset=frozenset({"host"})), EMPTY, ())


def test_without_a_server_it_is_kept_and_said_that_nothing_is_sent() -> None:
    assert change(EMPTY, timeout=5).warnings == ("Nothing is sent until a host, a service or a URI is set.",)


def test_what_does_not_come_along_is_said() -> None:
    environment = Layer(
        level=Level.ENVIRONMENT,
        plain={"host": "mail.example.org", "user": "u"},
        secrets={"password": Secret("p")},
        places={"password": "smtp-email-basic-password", "user": "EMAIL_NOTIFICATION_SMTP_USERNAME"},
    )
    found = change(EMPTY, environment, port=2525)

    assert found.warnings[:2] == (
        "SMTP password (smtp-email-basic-password) does not come along, because SMTP port is set here.",
        "SMTP user name (EMAIL_NOTIFICATION_SMTP_USERNAME) does not come along, because SMTP port is set here.",
    )


def test_the_documented_mistake_about_the_port_is_explained() -> None:
    found = change(EMPTY, host="mail.example.org", port=443, security="tls", user="u", password="p")

    assert any("443" in each and "465" in each for each in found.warnings)


def test_taking_back_is_never_refused_for_what_is_left() -> None:
    found = apply_change(Change(unset=frozenset({"password"})), OFFICE, ())

    assert found.settings.secrets == {}
    assert "What is left makes no connection" in found.warnings[-1]


def test_a_fault_of_another_level_names_that_level() -> None:
    environment = Layer(
        level=Level.ENVIRONMENT,
        plain={"host": "mail.example.org", "user": "u"},
        places={"user": "EMAIL_NOTIFICATION_SMTP_USERNAME", "host": "EMAIL_NOTIFICATION_SMTP_HOST"},
    )
    with pytest.raises(SettingsError) as told:
        change(EMPTY, environment, timeout=5)

    assert told.value.field == "password"


@pytest.mark.parametrize(
    "url", ["https://u:geheim@id.example/token", "http://id.example/token", "id.example"]
)
def test_an_access_url_is_checked_when_it_is_said(url: str) -> None:
    """Before a host was set nothing looked at it, and a password in it was kept for everybody to read."""
    with pytest.raises(SettingsError) as refused:
        apply_change(Change(set={"accessUrl": url}), ScopeSettings(), ())
    assert refused.value.field == "access_url"
    assert "geheim" not in str(refused.value)
