"""The parts of the server: what switches them on, and what nothing could work with."""

from collections.abc import Callable

import pytest

from eilbote import Secret, SettingsError
from eilbote.config.sections import (
    BounceSettings,
    MailboxSettings,
    MetricsSettings,
    OidcSettings,
    RelaySettings,
    ServerSettings,
    SuppressionSettings,
)
from eilbote.config.setting_bounds import ListenAddress


def test_without_a_word_only_the_server_listens_and_only_here() -> None:
    assert [str(each) for each in ServerSettings().addresses] == ["127.0.0.1:8025"]
    assert all(each.is_loopback for each in ServerSettings().addresses)
    assert not RelaySettings().is_on
    assert not MailboxSettings().is_on
    assert not OidcSettings().is_on


def test_addresses_are_given_with_blanks_or_commas() -> None:
    server = ServerSettings(listen="localhost:0, [::1]:8025 192.0.2.1:80")

    assert server.addresses == (
        ListenAddress(host="127.0.0.1", port=0),
        ListenAddress(host="::1", port=8025),
        ListenAddress(host="192.0.2.1", port=80),
    )
    assert [str(each) for each in server.addresses] == ["127.0.0.1:0", "[::1]:8025", "192.0.2.1:80"]
    assert [each.is_loopback for each in server.addresses] == [True, True, False]


@pytest.mark.parametrize(
    "text",
    [
        "8025",
        ":8025",
        "127.0.0.1",
        "::1:8025",
        "[127.0.0.1]:1",
        "1.2.3.4.5:1",
        "host:25",
        "127.0.0.1:65536",
        "[::1]:x",
        "127.0.0.1:８０",  # digits, and none of ASCII
    ],
)
def test_what_is_no_address_with_a_port_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="is no address with a port") as told:
        ServerSettings(listen=f"127.0.0.1:1 {text}")

    assert told.value.field == "server.listen"
    assert told.value.remedy == "Give one such as 127.0.0.1:8025 or [::1]:8025"


@pytest.mark.parametrize(
    "field,make",
    [
        ("server.listen", lambda: ServerSettings(listen=" , ")),
        ("server.trusted_proxies", lambda: ServerSettings(trusted_proxies="proxy")),
        ("server.drain_seconds", lambda: ServerSettings(drain_seconds=-1)),
        ("server.grace_seconds", lambda: ServerSettings(grace_seconds=-1)),
        ("server.largest_request", lambda: ServerSettings(largest_request=1000)),
        ("server.most_connections", lambda: ServerSettings(most_connections=0)),
        ("relay.listen", lambda: RelaySettings(listen="25")),
        ("relay.tls_certificate", lambda: RelaySettings(listen_tls="127.0.0.1:465")),
        ("relay.tls_certificate", lambda: RelaySettings(tls_key="key.pem")),
        ("relay.host_name", lambda: RelaySettings(host_name="mail example")),
        ("relay.largest_message", lambda: RelaySettings(largest_message=0)),
        ("relay.most_recipients", lambda: RelaySettings(most_recipients=99)),  # RFC 5321 4.5.3.1.8
        ("relay.most_sessions", lambda: RelaySettings(most_sessions=0)),
        ("relay.idle_seconds", lambda: RelaySettings(idle_seconds=1)),
        ("bounces.address", lambda: BounceSettings(address="bounces")),
        ("bounces.address", lambda: BounceSettings(address="Bounces <bounces@example.org>")),
        ("bounces.address", lambda: BounceSettings(address="bounces+x@example.org")),
        ("mailbox.host", lambda: MailboxSettings(host="imap://example.org")),
        ("mailbox.port", lambda: MailboxSettings(port=0)),
        ("mailbox.security", lambda: MailboxSettings(security="ssl")),
        ("mailbox.user", lambda: MailboxSettings(host="imap.example.org")),
        ("mailbox.password", lambda: MailboxSettings(host="imap.example.org", user="x")),
        ("mailbox.poll_seconds", lambda: MailboxSettings(poll_seconds=1)),
        ("mailbox.folder", lambda: mailbox(folder="")),
        ("mailbox.folder", lambda: mailbox(finished_folder="INBOX")),
        ("oidc.issuer", lambda: OidcSettings(issuer="login.example.org", client_id="x")),
        ("oidc.issuer", lambda: OidcSettings(issuer="http://login.example.org", client_id="x")),
        ("oidc.issuer", lambda: OidcSettings(issuer="https://login.example.org/?a=b", client_id="x")),
        ("oidc.issuer", lambda: OidcSettings(issuer="https://[::1", client_id="x")),
        ("oidc.client_id", lambda: OidcSettings(issuer="https://login.example.org")),
        ("oidc.scopes", lambda: OidcSettings(issuer="https://login.example.org", client_id="x", scopes="openid")),
        ("metrics.allow", lambda: MetricsSettings(allow="everybody")),
        ("suppression.days", lambda: SuppressionSettings(days=-1)),
    ],
)  # fmt: skip
def test_what_nothing_could_work_with_is_refused_with_a_remedy(
    field: str, make: Callable[[], object]
) -> None:
    with pytest.raises(SettingsError) as told:
        make()

    assert told.value.field == field
    assert told.value.remedy


def test_what_is_complete_is_on() -> None:
    assert RelaySettings(listen="127.0.0.1:2525").is_on
    assert RelaySettings(listen_tls="127.0.0.1:4650", tls_certificate="both.pem").is_on
    assert mailbox().is_on
    assert OidcSettings(issuer="http://127.0.0.1:9000", client_id="eilbote").is_on
    assert BounceSettings(address="bounces@example.org").address == "bounces@example.org"


def test_passwords_are_not_shown() -> None:
    assert "sesame" not in repr(mailbox())


def mailbox(**settings: str) -> MailboxSettings:
    return MailboxSettings(
        host="imap.example.org",
        user="x",
        password=Secret("sesame"),
        **settings,  # type: ignore[arg-type]
    )
