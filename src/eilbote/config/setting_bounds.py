"""What numbers, networks, ports and addresses of settings may be; every refusal names the setting and what to give instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from eilbote.errors import SettingsError

if TYPE_CHECKING:
    from eilbote.net.egress import Network

LARGEST_PORT: Final = 65_535
_LISTEN: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]{2,45})\]|([0-9.]{7,15}|localhost)):([0-9]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenAddress:
    """Where a server listens.

    Attributes:
        host: An address of this machine, IPv4 or IPv6.
        port: The port; 0 takes any that is free.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine reaches it."""
        return ip_address(self.host).is_loopback


def check_range(name: str, value: float, least: float, most: float, unit: str) -> None:
    """Refuse a number beyond its bounds.

    Raises:
        SettingsError: It is.
    """
    if not least <= value <= most:
        raise SettingsError(
            f"{value:g} {unit} cannot be used",
            field=name,
            remedy=f"Give {least:,g} to {most:,.0f} {unit}",
        )


def networks(name: str, text: str) -> tuple[Network, ...]:
    """Give the networks of a list with blanks or commas between them.

    Raises:
        SettingsError: One is none.
    """
    found: list[Network] = []
    for each in text.replace(",", " ").split():
        try:
            found.append(ip_network(each))
        except ValueError as fault:
            raise SettingsError(
                f"{each!r} is not a network",
                field=name,
                cause=str(fault),
                remedy="Give networks with blanks or commas between them, such as 10.2.0.0/16 2001:db8:7::/48",
            ) from None
    return tuple(found)


def ports(name: str, text: str) -> frozenset[int]:
    """Give the ports of a list with blanks or commas between them.

    Raises:
        SettingsError: One is none.
    """
    found: set[int] = set()
    for each in text.replace(",", " ").split():
        if not (each.isascii() and each.isdecimal() and len(each) <= len(str(LARGEST_PORT))) or not (
            0 < int(each) <= LARGEST_PORT
        ):
            raise SettingsError(
                f"{each[:40]!r} is not a port",
                field=name,
                remedy=f"Give numbers from 1 to {LARGEST_PORT} with blanks or commas between them, such as 8080 8443",
            )
        found.add(int(each))
    return frozenset(found)


def listen_addresses(name: str, text: str, *, example: str) -> tuple[ListenAddress, ...]:
    """Give the addresses of a list such as ``127.0.0.1:8025 [::1]:8025``, with blanks or commas between them.

    Args:
        name: The setting, for errors.
        text: The list; ``localhost`` means 127.0.0.1.
        example: One of them, for errors.

    Raises:
        SettingsError: One is no address with a port.
    """
    return tuple(_listen(name, each, example) for each in text.replace(",", " ").split())


def _listen(name: str, text: str, example: str) -> ListenAddress:
    fault = SettingsError(
        f"{text[:60]!r} is no address with a port",
        field=name,
        remedy=f"Give one such as {example} or [::1]:{example.rpartition(':')[2]}",
    )
    found = _LISTEN.fullmatch(text)
    if found is None or int(found[3]) > LARGEST_PORT:
        raise fault
    try:
        address = ip_address("127.0.0.1" if found[2] == "localhost" else found[1] or found[2])
    except ValueError:
        raise fault from None
    if bool(found[1]) is not isinstance(address, IPv6Address):
        raise fault
    return ListenAddress(host=str(address), port=int(found[3]))
