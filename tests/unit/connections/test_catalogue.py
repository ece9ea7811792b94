"""The catalogue is complete, unambiguous, and found under every name it promises."""

from collections import Counter

import pytest

from eilbote.connections.catalogue import find, keys, lookup_service, service_of_address, services
from eilbote.connections.connection import Connection
from eilbote.connections.host import read_host
from eilbote.connections.login import PASSWORD_MECHANISMS
from eilbote.errors import ProviderNotFoundError
from eilbote.model.tls import Security


def test_it_holds_88_services_under_150_keys() -> None:
    assert len(services()) == 88
    assert len({service.name for service in services()}) == 88
    assert len(keys()) == 150
    assert sum(len(service.aliases) for service in services()) == 31
    assert sum(len(service.domains) for service in services()) == 41


def test_no_key_means_two_services() -> None:
    owners: dict[str, set[str]] = {}
    for service in services():
        for name in (service.name, *service.aliases, *service.domains):
            key = "".join(letter for letter in name.lower() if letter.isalnum() or letter in ".-")
            owners.setdefault(key, set()).add(service.name)
    assert {key: names for key, names in owners.items() if len(names) > 1} == {}


def test_ports_are_those_of_the_published_list() -> None:
    assert Counter(service.port for service in services()) == {465: 52, 587: 25, 25: 6, 2525: 4, 1025: 1}


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
def test_every_service_makes_a_connection(service) -> None:  # noqa: ANN001 - parametrized
    connection = Connection.from_service(
        service.name, user=service.user or "anna@example.org", password="secret"
    )

    assert connection.host == service.host == read_host(service.host)
    assert connection.port == service.port
    assert connection.security is service.security
    assert connection.service == service.name
    assert connection.mechanism == service.mechanism
    assert service.mechanism is None or service.mechanism in PASSWORD_MECHANISMS
    assert all(domain == domain.lower() and "." in domain for domain in service.domains)


def test_no_service_elsewhere_is_spoken_to_in_clear() -> None:
    """Where the public list says nothing about encryption, STARTTLS is required: clear text is never a guess."""
    for service in services():
        expected = {465: Security.TLS}.get(service.port, Security.STARTTLS)
        assert service.security is (Security.NONE if service.is_local else expected), service.name


def test_only_the_catcher_on_this_machine_is_local() -> None:
    assert [service.name for service in services() if service.is_local] == ["Maildev"]


@pytest.mark.parametrize(
    "text,name",
    [
        ("Gmail", "Gmail"),
        ("gmail", "Gmail"),
        ("GOOGLE  mail!", "Gmail"),
        ("googlemail.com", "Gmail"),
        ("anna@gmail.com", "Gmail"),
        ("Outlook", "Hotmail"),
        ("outlook365", "Outlook365"),
        ("Brevo", "SendinBlue"),
        ("ses-eu-west-1", "SES-EU-WEST-1"),
        ("qiye.aliyun", "qiye.aliyun"),
        ("Seznam Email", "Seznam"),
        ("126", "126"),
    ],
)
def test_look_up_by_name_alias_domain_or_address(text: str, name: str) -> None:
    assert lookup_service(text).name == name


@pytest.mark.parametrize(
    "text,alike",
    [
        ("Gmial", "Gmail"),
        ("outlok365", "Outlook365"),
        ("send grid mail", "SendGrid"),
        ("quux", ""),
        ("", ""),
        ("é", ""),
    ],
)
def test_an_unknown_service_is_named_with_its_likes(text: str, alike: str) -> None:
    with pytest.raises(ProviderNotFoundError) as caught:
        lookup_service(text)

    assert caught.value.field == "service"
    assert repr(text) in caught.value.what
    assert caught.value.remedy is not None
    assert (f"Did you mean {alike}" in caught.value.remedy) is bool(alike)


def test_a_very_long_name_is_refused_quickly() -> None:
    assert find("x" * 1_000_000) is None
    with pytest.raises(ProviderNotFoundError):
        lookup_service("gmail" * 20_000)


@pytest.mark.parametrize(
    "address,name",
    [
        ("anna@gmail.com", "Gmail"),
        ("Anna@GMX.de", "GMX"),
        ("anna@pec.aruba.it", "Aruba"),
        ("anna@example.org", None),
        ("anna@126", None),
        ("anna@notgmail.com", None),
        ("gmail.com", "Gmail"),
    ],
)
def test_guessing_by_address_goes_by_domain_only(address: str, name: str | None) -> None:
    service = service_of_address(address)
    assert (service.name if service else None) == name


def test_what_is_known_about_some_services() -> None:
    gmail = lookup_service("Gmail")
    assert gmail.app_password
    assert gmail.from_must_equal_user
    assert gmail.limits is not None
    assert gmail.limits.recipients_per_message == 100
    assert lookup_service("Hotmail").oauth2_only
    assert lookup_service("SendGrid").user == "apikey"
    assert lookup_service("Zoho").mechanism == "LOGIN"
    assert {service.name for service in services() if service.unconfirmed} == {
        "DebugMail",
        "DynectEmail",
        "OpenMailBox",
        "Tutanota",
    }


def test_every_limit_has_a_source() -> None:
    for service in services():
        if service.limits is not None:
            assert service.limits.source, service.name
