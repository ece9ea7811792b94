"""Which addresses may be connected to: the one gate against being used to reach inside a network.

Python's ``ipaddress`` calls a good part of the special space public, so the table is our own: the IANA
special-purpose registries (RFC 6890), multicast, the IPv6 forms that carry an IPv4 address inside, and two
addresses at which clouds answer their guests. Of IPv6 only global unicast, 2000::/3, is public at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

Network: TypeAlias = "IPv4Network | IPv6Network"

_SPECIAL_V4 = (
    (IPv4Network("0.0.0.0/8"), "this host (RFC 1122)"),
    (IPv4Network("10.0.0.0/8"), "private (RFC 1918)"),
    (IPv4Network("100.64.0.0/10"), "shared behind carrier NAT (RFC 6598)"),
    (IPv4Network("127.0.0.0/8"), "loopback (RFC 1122)"),
    (IPv4Network("168.63.129.16/32"), "a cloud's service for its own guests"),
    (IPv4Network("169.254.0.0/16"), "link-local (RFC 3927)"),
    (IPv4Network("172.16.0.0/12"), "private (RFC 1918)"),
    (IPv4Network("192.0.0.0/24"), "for protocols (RFC 6890)"),
    (IPv4Network("192.0.2.0/24"), "for documentation (RFC 5737)"),
    (IPv4Network("192.31.196.0/24"), "the AS112 service (RFC 7535)"),
    (IPv4Network("192.52.193.0/24"), "for multicast tunnels (RFC 7450)"),
    (IPv4Network("192.88.99.0/24"), "a former 6to4 relay (RFC 7526)"),
    (IPv4Network("192.168.0.0/16"), "private (RFC 1918)"),
    (IPv4Network("192.175.48.0/24"), "the AS112 service (RFC 7534)"),
    (IPv4Network("198.18.0.0/15"), "for benchmarks (RFC 2544)"),
    (IPv4Network("198.51.100.0/24"), "for documentation (RFC 5737)"),
    (IPv4Network("203.0.113.0/24"), "for documentation (RFC 5737)"),
    (IPv4Network("224.0.0.0/4"), "multicast (RFC 5771)"),
    (IPv4Network("240.0.0.0/4"), "reserved or broadcast (RFC 1112)"),
)
_SPECIAL_V6 = (
    (IPv6Network("2001::/23"), "for protocols and tunnels such as Teredo (RFC 2928)"),
    (IPv6Network("2001:db8::/32"), "for documentation (RFC 3849)"),
    (IPv6Network("2002::/16"), "6to4, which carries an IPv4 address (RFC 3056)"),
    (IPv6Network("2620:4f:8000::/48"), "the AS112 service (RFC 7534)"),
    (IPv6Network("3fff::/20"), "for documentation (RFC 9637)"),
)
_GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
# In a network that speaks IPv6 only, DNS64 gives public IPv4 servers under this prefix (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # the middle of the interface identifier (RFC 5214)


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressPolicy:
    """What may be connected to; without exceptions only the public Internet.

    Attributes:
        allow: Networks allowed although they are special, for instance the one of an internal relay.
        deny: Networks refused although they are public; wins over ``allow``.
    """

    allow: tuple[Network, ...] = ()
    deny: tuple[Network, ...] = ()

    def objection(self, address: str) -> str | None:
        """Say why the address may not be connected to, or give ``None`` when it may.

        Args:
            address: An IP address as the resolver gave it, possibly with an IPv6 zone.
        """
        parsed = ip_address(address)
        if _within(parsed, self.deny) or (parsed in _NAT64 and _within(_translated(parsed), self.deny)):
            return "refused by the operator"
        if _within(parsed, self.allow):
            return None
        return special_purpose(parsed)


def special_purpose(address: IPv4Address | IPv6Address) -> str | None:
    """Say what keeps an address from being public, or give ``None`` when it is."""
    if isinstance(address, IPv4Address):
        return next((reason for network, reason in _SPECIAL_V4 if address in network), None)
    if address.scope_id is not None:
        return "bound to one network interface (RFC 4007)"
    if address in _NAT64:
        reason = special_purpose(_translated(address))
        return None if reason is None else f"a translated address (RFC 6052) that is {reason}"
    if address not in _GLOBAL_UNICAST_V6:
        return "not a global unicast address (RFC 4291)"
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return "an ISATAP tunnel, which carries an IPv4 address (RFC 5214)"
    return next((reason for network, reason in _SPECIAL_V6 if address in network), None)


def _translated(address: IPv4Address | IPv6Address) -> IPv4Address:
    """Give the IPv4 address that a translated one leads to (RFC 6052 §2.1)."""
    return IPv4Address(int(address) & 0xFFFF_FFFF)


def _within(address: IPv4Address | IPv6Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
