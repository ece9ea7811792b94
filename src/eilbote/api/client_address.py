"""Whence a request came: the address of its connection, or what a trusted proxy says of the one before it.

Each proxy adds to the end of ``X-Forwarded-For`` from where it was asked. So the list is read from its end, as long as those who speak are trusted;
whatever a client has written into it stands before that, and is not looked at.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ipaddress import IPv4Address

    from starlette.requests import Request

    from eilbote.net.egress import Network

_MOST_PROXIES: Final = 20


def client_address(request: Request, trusted: Sequence[Network]) -> str:
    """Give it; empty when there is none, as over a socket of this machine.

    Args:
        request: The request.
        trusted: Networks of proxies whose word is believed.
    """
    address = request.client.host if request.client else ""
    if not trusted or not _is_within(address, trusted):
        return address
    said = [part.strip() for value in request.headers.getlist("x-forwarded-for") for part in value.split(",")]
    for each in reversed(said[-_MOST_PROXIES:]):
        found = _read(each)
        if found is None:
            break  # whoever wrote that is not to be believed further
        address = str(found)
        if not _is_within(address, trusted):
            break
    return address


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address; some proxies write its port behind it."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_within(text: str, networks: Sequence[Network]) -> bool:
    address = _read(text)
    return address is not None and any(
        address.version == network.version and address in network for network in networks
    )
