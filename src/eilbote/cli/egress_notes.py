"""Says at once when no mail can go through a connection because its organization may not reach such an address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.connections.host import is_address, is_loopback

if TYPE_CHECKING:
    from eilbote.net.egress import EgressPolicy

_THIS_MACHINE = "127.0.0.1"


def egress_warnings(host: str, policy: EgressPolicy) -> tuple[str, ...]:
    """Say why nothing may be connected to; names are looked up when mail is sent, and nobody is asked here.

    Args:
        host: The server of an organization's own connection.
        policy: What organizations may reach.
    """
    if is_address(host):
        objection = policy.objection(host)
    else:
        objection = policy.objection(_THIS_MACHINE) if is_loopback(host) else None
    if objection is None:
        return ()
    allowed = host if is_address(host) else _THIS_MACHINE
    warning = (
        f"no mail can go through it: organizations may not connect to {host}, which is {objection}. "
        "Name a server on the public Internet, or let organizations reach this one: "
        f"egress.allow in eilbote.toml, or EILBOTE_EGRESS__ALLOW={allowed}"
    )
    return (warning,)
