"""The gate for addresses: every way to write, hide or translate an address inside a network is refused."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eilbote.net.egress import EgressPolicy

PUBLIC_ONLY = EgressPolicy()

FORBIDDEN = {
    # IPv4: IANA's special-purpose registry, multicast, reserved, and what clouds tell their guests
    "0.0.0.0": "this host",  # noqa: S104 - nothing is bound here
    "0.255.255.255": "this host",
    "10.0.0.1": "private",
    "10.255.255.255": "private",
    "100.64.0.1": "shared",
    "100.127.255.254": "shared",
    "100.100.100.200": "shared",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "168.63.129.16": "cloud",
    "169.254.169.254": "link-local",
    "169.254.170.2": "link-local",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.192": "protocols",
    "192.0.2.1": "documentation",
    "192.31.196.1": "AS112",
    "192.52.193.1": "multicast tunnels",
    "192.88.99.1": "6to4",
    "192.168.0.1": "private",
    "192.175.48.1": "AS112",
    "198.18.0.1": "benchmarks",
    "198.19.255.255": "benchmarks",
    "198.51.100.7": "documentation",
    "203.0.113.7": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.255": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    # IPv6: what is not global unicast
    "::": "global unicast",
    "::1": "global unicast",
    "::127.0.0.1": "global unicast",  # IPv4-compatible
    "::8.8.8.8": "global unicast",
    "::ffff:127.0.0.1": "global unicast",  # IPv4-mapped
    "::ffff:8.8.8.8": "global unicast",
    "::ffff:0:127.0.0.1": "global unicast",  # SIIT
    "64:ff9b:1::7f00:1": "global unicast",  # local-use NAT64
    "100::1": "global unicast",  # discard
    "100:0:0:1::1": "global unicast",
    "4000::1": "global unicast",
    "5f00::1": "global unicast",  # segment routing
    "fc00::1": "global unicast",
    "fd00:ec2::254": "global unicast",  # metadata over IPv6
    "fe80::1": "global unicast",
    "fe80::1%eth0": "interface",
    "2600::1%eth0": "interface",
    "febf::1": "global unicast",
    "fec0::1": "global unicast",
    "ff02::1": "global unicast",
    "ff0e::1": "global unicast",
    # NAT64 that leads inside
    "64:ff9b::7f00:1": "translated",
    "64:ff9b::10.0.0.1": "translated",
    "64:ff9b::169.254.169.254": "translated",
    # inside 2000::/3 and yet not public
    "2001::1": "Teredo",
    "2001:0:7f00:1::": "Teredo",
    "2001:2::1": "protocols",
    "2001:10::1": "protocols",
    "2001:20::1": "protocols",
    "2001:db8::1": "documentation",
    "2002:7f00:1::": "6to4",
    "2002:a00:1::1": "6to4",
    "2620:4f:8000::1": "AS112",
    "3fff::1": "documentation",
    "2600::5efe:127.0.0.1": "ISATAP",
    "2600::200:5efe:10.0.0.1": "ISATAP",
}
ALLOWED = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "193.0.0.1"]
ALLOWED += ["2606:4700:4700::1111", "2a00:1450::1", "64:ff9b::8.8.8.8", "2620:4f:8001::1"]


@pytest.mark.parametrize("address,reason", FORBIDDEN.items())
def test_special_addresses_are_refused_with_their_reason(address: str, reason: str) -> None:
    assert reason in (PUBLIC_ONLY.objection(address) or "allowed")


@pytest.mark.parametrize("address", ALLOWED)
def test_public_addresses_are_allowed(address: str) -> None:
    assert PUBLIC_ONLY.objection(address) is None


def test_an_operator_may_allow_a_relay_inside() -> None:
    policy = EgressPolicy(allow=(ip_network("10.1.0.0/16"),))

    assert policy.objection("10.1.2.3") is None
    assert policy.objection("10.2.0.1") is not None


def test_what_an_operator_denies_stays_denied() -> None:
    policy = EgressPolicy(allow=(ip_network("0.0.0.0/0"),), deny=(ip_network("10.0.0.0/8"),))

    assert policy.objection("10.1.2.3") == "refused by the operator"
    assert policy.objection("127.0.0.1") is None


@given(st.ip_addresses(v=4))
def test_nothing_that_the_standard_library_calls_special_passes(address: object) -> None:
    """Our table holds at least all that ``ipaddress`` knows; 192.0.0.9 and .10 are anycast of protocols."""
    allowed = PUBLIC_ONLY.objection(str(address)) is None

    assert not (allowed and (address.is_private or address.is_multicast or address.is_reserved))  # type: ignore[attr-defined]


@given(st.ip_addresses(v=6))
def test_only_global_unicast_and_translated_public_addresses_pass(address: object) -> None:
    if PUBLIC_ONLY.objection(str(address)) is None:
        assert address in ip_network("2000::/3") or address in ip_network("64:ff9b::/96")
        assert not address.is_private  # type: ignore[attr-defined]


def test_a_refused_network_is_refused_in_translation_as_well() -> None:
    """Where DNS64 is, every IPv4 server has a second address."""
    policy = EgressPolicy(deny=(ip_network("8.8.8.0/24"),))
    assert policy.objection("64:ff9b::808:808") == "refused by the operator"
    assert policy.objection("64:ff9b::808:909") is None
