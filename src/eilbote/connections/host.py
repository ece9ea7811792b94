"""The name or address of a server, as people write it into a field (RFC 1123 §2.1, RFC 5890, RFC 6761)."""

from __future__ import annotations

import ipaddress
import re

from eilbote.errors import AddressError, SettingsError
from eilbote.model.domain_name import domain_to_ascii
from eilbote.model.kinds import check_kind, shown

_ZONE = re.compile(r"[A-Za-z0-9_.-]{1,16}")  # an interface, for link-local addresses (RFC 4007 §11)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)


def read_host(text: str, *, field: str = "host") -> str:
    """Give a host as the network needs it: a lower-case A-label name, or an IP address without brackets.

    Surrounding blanks and one final dot are taken off.

    Raises:
        SettingsError: It is empty, holds a scheme, a port, a user or a path, or is no name and no address.
    """
    check_kind(text, (str,), field=field, fault=SettingsError)
    host = text.strip(" \t")
    if not host:
        raise SettingsError(
            "the host is missing",
            field=field,
            remedy="Give the server's name or IP address: mail.example.com",
        )
    _refuse_more_than_a_host(host, field)
    if host.startswith("[") and host.endswith("]"):
        return _read_address(host[1:-1], text, field)
    if host.count(":") > 1:
        return _read_address(host, text, field)
    return _read_name(host.removesuffix("."), text, field)


def is_loopback(host: str) -> bool:
    """Tell whether a host, as :func:`read_host` gives it, is this machine (RFC 1122 §3.2.1.3, RFC 6761 §6.3)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or (mapped is not None and mapped.is_loopback)


def is_address(host: str) -> bool:
    """Tell whether a host is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def read_ehlo_name(text: str, *, field: str = "ehlo_name") -> str:
    """Give what to call this machine in EHLO: a name, or an address in its literal form (RFC 5321 §4.1.3).

    Raises:
        SettingsError: It is neither.
    """
    check_kind(text, (str,), field=field, fault=SettingsError)
    name = text.strip()
    bracketed = name.startswith("[") and name.endswith("]")
    if bracketed:
        name = name[6:-1] if name.lower().startswith("[ipv6:") else name[1:-1]
    host = read_host(name, field=field)
    if is_address(host):
        return f"[IPv6:{host.partition('%')[0]}]" if ":" in host else f"[{host}]"
    if bracketed:
        raise SettingsError(
            f"{shown(text)} is not an address literal",
            field=field,
            remedy="Write an address in brackets, [192.0.2.7], or a name without them",
        )
    return host


def _refuse_more_than_a_host(host: str, field: str) -> None:
    """Name the remedy for what is often pasted into a host field."""
    if match := _SCHEME.fullmatch(host):
        rest = re.split(r"[/?#]", match[2].rpartition("@")[2], maxsplit=1)[0]
        raise SettingsError(
            f"a host has no scheme, and this one begins with '{match[1]}://'",
            field=field,
            position=0,
            remedy=f"Write only the name here{_for_example(rest)}, or give the whole text as the URI",
        )
    if (at := host.find("@")) >= 0:
        raise SettingsError(
            "a host has no '@'",
            field=field,
            position=at,
            remedy="Write the user name in its own field, and only the server's name here",
        )
    if any(character in host for character in "/?#\\"):
        raise SettingsError(
            "a host has no path", field=field, remedy="Write only the server's name: mail.example.com"
        )
    name, colon, port = host.rpartition(":")
    if colon and ":" not in name and "[" not in name:
        raise SettingsError(
            "a host has no port",
            field=field,
            position=len(name),
            remedy=f"Write '{name}' here and {port!r} in the port",
        )


def _for_example(rest: str) -> str:
    return f", '{rest}'" if rest and rest.isprintable() else ""


def _read_address(literal: str, text: str, field: str) -> str:
    address, percent, zone = literal.partition("%")
    try:
        if percent and not _ZONE.fullmatch(zone):
            raise ValueError(zone)
        return ipaddress.IPv6Address(address).compressed + percent + zone
    except ValueError:
        raise SettingsError(
            f"{shown(text)} is not an IPv6 address", field=field, remedy="Write it like 2001:db8::25"
        ) from None


def _read_name(name: str, text: str, field: str) -> str:
    name = name.lower()
    if name.rpartition(".")[2].isdecimal():
        # Some resolvers read 127.1 or 0177.0.0.1 as addresses; nobody means those in a mail setting.
        try:
            return str(ipaddress.IPv4Address(name))
        except ValueError:
            raise SettingsError(
                f"{shown(text)} is not an IPv4 address", field=field, remedy="Write it like 192.0.2.25"
            ) from None
    try:
        return domain_to_ascii(name)
    except AddressError as fault:
        raise SettingsError(
            f"{shown(text)} is not a host name",
            field=field,
            cause=fault.what,
            remedy="Give the server's name or IP address: mail.example.com",
        ) from None
