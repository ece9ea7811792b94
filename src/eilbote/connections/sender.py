"""The default author of a connection's messages."""

from __future__ import annotations

from types import NoneType

from eilbote.connections.integrator_errors import invalid_default_from
from eilbote.errors import AddressError, SettingsError
from eilbote.model.address import Mailbox, parse_mailbox
from eilbote.model.kinds import check_kind


def read_default_from(address: str | Mailbox | None, display_name: str = "") -> Mailbox | None:
    """Give the mailbox of an address and a display name, or ``None`` when both are blank.

    Raises:
        SettingsError: The address is not one, the name stands alone, or the address brings another name.
    """
    check_kind(address, (str, Mailbox, NoneType), field="default_from", fault=SettingsError)
    check_kind(display_name, (str,), field="from_name", fault=SettingsError)
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
        return Mailbox(name, mailbox.local_part, mailbox.domain)
    except AddressError as fault:
        raise invalid_default_from(fault) from fault
