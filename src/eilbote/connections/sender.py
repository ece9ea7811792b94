"""The default author of a connection's messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.connections.integrator_errors import invalid_default_from
from eilbote.errors import AddressError, SettingsError

if TYPE_CHECKING:
    from eilbote.model.address import Mailbox


def read_default_from(address: str | Mailbox | None, display_name: str = "") -> Mailbox | None:
    """Give the mailbox of an address and a display name, or ``None`` when both are blank.

    Raises:
        SettingsError: The address is not one, the name stands alone, or the address brings another name.
    """
    from eilbote.model.address import parse_mailbox

    name = display_name.strip()
    if address is None or (isinstance(address, str) and not address.strip()):
        if name:
            raise SettingsError(
                "the display name has no address to stand before",
                field="default_from",
                remedy="Give the default From address, or clear its display name",
            )
        return None
    try:
        mailbox = parse_mailbox(address, field="default_from")
        if not name or name == mailbox.display_name:
            return mailbox
        if mailbox.display_name:
            raise SettingsError(
                f"the default From address brings the display name {mailbox.display_name!r}, and another one is given",
                field="from_name",
                remedy="Give the display name in one place only",
            )
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return parse_mailbox(f'"{quoted}" <{mailbox.addr_spec}>', field="default_from")
    except AddressError as fault:
        raise invalid_default_from(fault) from fault
