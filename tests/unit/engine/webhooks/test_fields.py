"""What can be said about a webhook."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from eilbote.engine.webhooks.fields import read_description, read_events, read_everywhere, read_hook_url
from eilbote.errors import SettingsError
from eilbote.net.egress import EgressPolicy, Network

INSIDE: tuple[Network, ...] = (IPv4Network("10.0.0.0/8"),)


@pytest.mark.parametrize(
    "given", [["*"], ["message.*"], ["message.accepted", "notification.flow.failed"], [" Message.Failed "]]
)
def test_kinds_that_can_be_wanted(given: list[str]) -> None:
    assert read_events(given)


@pytest.mark.parametrize(
    "given", ["notification.*", "notification.account.*", "notification.invoice.overdue", "connection.*"]
)
def test_events_of_somebody_s_own_may_have_any_name(given: str) -> None:
    assert read_events([given]) == (given,)


@pytest.mark.parametrize(
    "given, nearest",
    [
        ("message.delivered", "message.deferred"),
        ("messages.*", "message.*"),
        ("mesage.accepted", "message.accepted"),
        ("connection.pause", "connection.paused"),
        ("flow.failed", "notification.flow.failed"),
        ("notification.connection.pausd", "notification.connection.paused"),
        ("zzz", "message.*"),
    ],
)
def test_a_kind_that_is_never_told_is_refused_with_the_nearest(given: str, nearest: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_events(["message.*", given])
    assert refused.value.field == "events[1]"
    assert nearest in str(refused.value.remedy)


@pytest.mark.parametrize(
    "given",
    [
        [],
        [""],
        ["message.*.x"],
        ["mess age"],
        ["message."],
        ["**"],
        ["m*"],
        ["ä"],
        ["\x00"],
        ["x"] * 0,
        [f"k{n}" for n in range(51)],
        ["a" * 121],
    ],
)
def test_kinds_that_cannot(given: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        read_events(given)
    assert str(caught.value.field).startswith("events")
    assert caught.value.remedy


def test_an_organization_names_only_ports_at_which_it_may_ask() -> None:
    ports = frozenset({443, 8443})
    for url in ("https://example.org/hook", "https://example.org:8443/"):
        assert read_hook_url(url, organization="acme", egress=EgressPolicy(), ports=ports) == url
    with pytest.raises(SettingsError, match=r"egress\.ports") as caught:
        read_hook_url("https://example.org:22/", organization="acme", egress=EgressPolicy(), ports=ports)
    assert caught.value.field == "url"
    assert read_hook_url("https://example.org:22/", organization="", egress=EgressPolicy(), ports=ports)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://[::1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/",
        "http://localhost.example/",
    ],
)
def test_an_organization_cannot_name_what_is_inside(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_hook_url(url, organization="acme", egress=EgressPolicy())
    assert caught.value.field == "url"


def test_the_operator_can_allow_what_is_inside_and_the_host_needs_no_leave() -> None:
    assert read_hook_url("https://10.1.2.3/", organization="acme", egress=EgressPolicy(allow=INSIDE))
    assert read_hook_url("https://10.1.2.3/", organization="", egress=EgressPolicy())
    assert read_hook_url("http://127.0.0.1:8080/x", organization="", egress=EgressPolicy())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.org",
        "https://u:p@example.org/",
        "javascript:1",
        "https://",
        "https://a b/",
        "x" * 3000,
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        read_hook_url(url, organization="", egress=EgressPolicy())


def test_an_organization_hears_of_itself_alone() -> None:
    assert read_everywhere(True, "") is True
    with pytest.raises(SettingsError):
        read_everywhere(True, "acme")


@pytest.mark.parametrize("text", ["a\nb", "\x00", "\ud800", "x" * 501])
def test_descriptions_are_one_line(text: str) -> None:
    with pytest.raises(SettingsError):
        read_description(text)
