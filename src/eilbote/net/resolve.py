"""From a host's name to the addresses to try, looked up once and checked before anything is sent there.

Order as in RFC 8305 §4: the families alternate, beginning with the one the system prefers (RFC 6724).

Whoever hears that an address may not be used has named a host, and no address: what an internal name leads to is for the
operator, and goes to his log.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from eilbote.errors import ConnectError, Durability, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.net.egress import EgressPolicy

SocketAddress: TypeAlias = "tuple[str, int] | tuple[str, int, int, int]"

_LOG = logging.getLogger("eilbote.egress")

# Letters, digits, hyphens (RFC 1123 §2.1), and the underscore that container networks use.
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?", re.ASCII | re.IGNORECASE)
_NAME_OCTETS = 254  # RFC 1035 §2.3.4, with the dot of the root
# What inet_aton would take for a number: the last label is digits, or hexadecimal with its prefix.
_LOOKS_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?", re.ASCII)


class Endpoint(NamedTuple):
    """One address to connect to."""

    family: socket.AddressFamily
    sockaddr: SocketAddress

    @property
    def address(self) -> str:
        """The IP address."""
        return self.sockaddr[0]


async def resolve(host: str, port: int, *, egress: EgressPolicy | None = None) -> tuple[Endpoint, ...]:
    """Give the host's addresses in the order to try them.

    Raises:
        SettingsError: The host is not a host name or an IP address in its usual notation.
        ConnectError: The egress policy forbids one of the addresses.
        OSError: The look-up failed (``socket.gaierror``).
    """
    name = ascii_host(host)
    endpoint = _literal(name, port)
    if endpoint is not None:
        endpoints: tuple[Endpoint, ...] = (endpoint,)
    else:
        found = await asyncio.get_running_loop().getaddrinfo(
            name, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )
        endpoints = interleave(
            Endpoint(family, cast("SocketAddress", sockaddr))
            for family, _type, _protocol, _name, sockaddr in found
        )
    if egress is not None:
        _check(endpoints, host, port, egress)
    return endpoints


def ascii_host(host: str) -> str:
    """Give the host as it is looked up: A-labels for an international name, no brackets around a literal.

    Raises:
        SettingsError: It is neither a host name nor an IP address in its usual notation. Shorthand such as
            ``127.1``, ``0x7f.1`` or ``2130706433``, which the system would read as an address, is refused.
    """
    name = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not name.isascii():
        import idna

        try:
            name = idna.encode(name, uts46=True, transitional=False).decode("ascii")
        except idna.IDNAError as error:
            raise _bad_host(host, f"it is not a valid international name: {error}") from error
    if _literal(name, 0) is not None:
        return name
    if _LOOKS_NUMERIC.fullmatch(name):
        raise _bad_host(host, "it is a number, but not an IPv4 address of four decimal parts")
    if len(name) > _NAME_OCTETS or not _NAME.fullmatch(name):
        raise _bad_host(host, "a host name has letters, digits, hyphens and dots only")
    return name


def interleave(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """Let the families alternate, beginning with the first endpoint's, keeping each family's order."""
    unique = list(dict.fromkeys(endpoints))
    if not unique:
        return ()
    first = [endpoint for endpoint in unique if endpoint.family == unique[0].family]
    second = [endpoint for endpoint in unique if endpoint.family != unique[0].family]
    shorter = min(len(first), len(second))
    pairs = chain.from_iterable(zip(first, second, strict=False))
    return (*pairs, *first[shorter:], *second[shorter:])


def _literal(name: str, port: int) -> Endpoint | None:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, name)
        except (OSError, ValueError):  # ValueError: a NUL in the name
            continue
        if family is socket.AF_INET:
            return Endpoint(family, (name, port))
        return Endpoint(family, (name, port, 0, 0))
    return None


def _check(endpoints: Iterable[Endpoint], host: str, port: int, egress: EgressPolicy) -> None:
    # One forbidden answer condemns all: a name that points inside and outside at once is a trick.
    for endpoint in endpoints:
        reason = egress.objection(endpoint.address)
        if reason is not None:
            pairs = {"egress": "refused", "host": host, "address": endpoint.address, "text": reason}
            _LOG.info(
                "egress=refused host=%s address=%s text=%s",
                host,
                endpoint.address,
                json.dumps(reason),
                extra={"eilbote": pairs},
            )
            is_literal = _literal(ascii_host(host), port) is not None
            raise ConnectError(
                f"connecting to {host} is not allowed",
                field="host",
                stage="dns",
                server=f"{host}:{port}",
                durability=Durability.PERMANENT,
                cause=f"the address is {reason}"
                if is_literal
                else "it leads to an address that may not be used from here",
                remedy="Use a server on the public Internet, or ask the operator to allow this address by egress.allow",
            )


def _bad_host(host: str, cause: str) -> SettingsError:
    return SettingsError(
        f"{host[:80]!r} is not a host",
        field="host",
        cause=cause,
        remedy="Give a name such as mail.example.org, or an IP address",
    )
