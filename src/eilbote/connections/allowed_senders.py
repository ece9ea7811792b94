"""Who may write in whose name through a connection: the From addresses that its administrator allows.

A server often takes any From from whoever has signed in. Where authors choose their own, an administrator says which ones: whole
addresses, or domains as ``@example.org``. Domains are compared without regard to case, and so are local parts, because no server
of today tells ``Shop@`` and ``shop@`` apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, cast

from eilbote.errors import AddressError, DraftError, SettingsError
from eilbote.model.address import parse_mailbox
from eilbote.model.kinds import shown

if TYPE_CHECKING:
    from eilbote.model.address import Mailbox

_WITH_KEY: Final = "may not send with this API key"
_THROUGH: Final = "may not send through this connection"
_MOST = 1000
_MOST_SHOWN = 5


def read_allowed_senders(value: object, *, field: str = "allowed_senders") -> tuple[str, ...]:
    """Give the addresses and domains, each in one form; none means that every From may be used.

    Args:
        value: A text with commas, semicolons or blanks between them, or a list.
        field: Where it stands, for errors.

    Raises:
        SettingsError: One is neither an address nor a domain.
    """
    match value:
        case None:
            return ()
        case str():
            words: list[object] = list(value.replace(",", " ").replace(";", " ").split())
        case list() | tuple() | set() | frozenset():
            words = list(cast("Iterable[object]", value))
        case _:
            raise _unusable(value, field)
    if len(words) > _MOST:
        raise SettingsError(
            f"{len(words):,} senders are allowed", field=field, remedy="Name domains, such as @example.org"
        )
    return tuple(dict.fromkeys(_read(word, field) for word in words))


def check_sender(
    sender: Mailbox, allowed: tuple[str, ...], *, field: str = "from", by_key: bool = False
) -> None:
    """Refuse a From that may not be used.

    Args:
        sender: Who is named.
        allowed: Who may be; empty for all.
        field: Where the sender stands, for errors.
        by_key: Whether an API key says who may be, and not a connection: another setting has to be changed then.

    Raises:
        DraftError: It is not among those that are allowed; nothing was sent.
    """
    address = sender.addr_spec.lower()
    domain = address.rpartition("@")[2]
    if not allowed or address in allowed or f"@{domain}" in allowed:
        return
    if any(each.lower().removeprefix("@") in {address, domain} for each in allowed):
        return  # keys name a domain without the @, and an address as it was written
    named = ", ".join(allowed[:_MOST_SHOWN])
    more = "" if len(allowed) <= _MOST_SHOWN else f" and {len(allowed) - _MOST_SHOWN} more"
    if by_key:
        raise DraftError(
            f"{sender.addr_spec} {_WITH_KEY}",
            field=field,
            cause=f"It was made for {named}{more}",
            remedy="Write in the name of one of these, or ask whoever looks after the keys for one with other senders",
        )
    raise DraftError(
        f"{sender.addr_spec} {_THROUGH}",
        field=field,
        cause=f"Its administrator allows {named}{more}",
        remedy="Write in the name of one of these, or ask the administrator to change 'allowed_senders' of the connection",
    )


def is_sender_refusal(error: DraftError) -> bool:
    """Tell whether :func:`check_sender` has refused somebody, and not something in the message."""
    return error.what.endswith((_WITH_KEY, _THROUGH))


def _read(word: object, field: str) -> str:
    if not isinstance(word, str):
        raise _unusable(word, field)
    text = word.strip()
    try:
        mailbox = parse_mailbox(f"x{text}" if text.startswith("@") else text, field=field)
    except AddressError:
        raise _unusable(word, field) from None
    return f"@{mailbox.domain}".lower() if text.startswith("@") else mailbox.addr_spec.lower()


def _unusable(value: object, field: str) -> SettingsError:
    return SettingsError(
        f"{shown(value)} is neither an address nor a domain",
        field=field,
        remedy="Give addresses such as shop@example.org, and domains such as @example.org, with commas between them",
    )
