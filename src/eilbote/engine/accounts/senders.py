"""Which senders a key may use: addresses and domains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eilbote.errors import AddressError, SettingsError
from eilbote.model.address import parse_mailbox

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST: Final = 100
_ANYBODY: Final = "anybody@"


def read_senders(texts: Sequence[str], *, field: str = "senders") -> tuple[str, ...]:
    """Read addresses and domains: ``orders@example.org`` or ``example.org``; gives each in its one form, once.

    Raises:
        SettingsError: One is neither, or there are too many.
    """
    if len(texts) > _MOST:
        raise SettingsError(
            f"there are more than {_MOST} senders", field=field, remedy="Name their domains instead"
        )
    found: dict[str, None] = {}
    for index, text in enumerate(texts):
        said = text.strip().removeprefix("@")
        is_address = "@" in said
        try:
            mailbox = parse_mailbox(said if is_address else _ANYBODY + said, field=field)
        except AddressError as fault:
            raise SettingsError(
                f"{text[:60]!r} is neither an address nor a domain",
                field=f"{field}[{index}]",
                cause=fault.what,
                remedy="Give an address such as orders@example.org, or a domain such as example.org",
            ) from None
        found[mailbox.addr_spec if is_address else mailbox.domain] = None
    return tuple(found)
