"""How recipients are named who are meant by their accounts: ``role:operator``, ``user:ID``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from eilbote.accounts.role import Role
from eilbote.errors import AddressError, SettingsError
from eilbote.model.address import Mailbox, parse_address_list

if TYPE_CHECKING:
    from collections.abc import Sequence

ROLE: Final = "role:"
USER: Final = "user:"
SYSTEM_ADMINISTRATORS: Final = f"{ROLE}{Role.SYSTEM_ADMINISTRATOR.value}"
_ACCOUNT: Final = re.compile(r"(?:role|user):\S{1,100}")
_MOST_PEOPLE: Final = 100
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def is_account(text: str) -> bool:
    """Tell whether a recipient is meant by role or account, and not by an address."""
    return _ACCOUNT.fullmatch(text.strip()) is not None


def read_account(text: str, *, field: str = "to") -> str:
    """Read ``role:operator`` or ``user:ID``.

    Raises:
        SettingsError: There is no such role, or it cannot be the id of an account.
    """
    kind, _, name = text.strip().partition(":")
    if kind == "role":
        if name not in {role.value for role in Role}:
            raise SettingsError(
                f"{name[:60]!r} is no role",
                field=field,
                remedy=f"Roles are {', '.join(f'role:{role.value}' for role in Role)}",
            )
    elif _ID.fullmatch(name) is None:
        raise SettingsError(
            f"{name[:60]!r} cannot be the id of a user",
            field=field,
            remedy="`eilbote user list` tells the ids",
        )
    return f"{kind}:{name}"


def read_recipients(value: object, *, field: str) -> tuple[str, ...]:
    """Read who is to be told: addresses, roles and accounts, in one text or several.

    Raises:
        SettingsError: There is no such role, or it cannot be the id of an account.
        AddressError: One is no address, or they are too many.
    """
    accounts, addresses = _parted(value)
    people = (
        *(read_account(each, field=field) for each in accounts),
        *read_addresses(addresses, field=field),
    )
    found = tuple(dict.fromkeys(people))
    if len(found) > _MOST_PEOPLE:
        raise AddressError(
            f"there are {len(found)} recipients", field=field, remedy=f"Give at most {_MOST_PEOPLE}"
        )
    return found


def read_addresses(value: str | Sequence[str], *, field: str) -> tuple[str, ...]:
    """Read addresses, also in one text.

    Raises:
        AddressError: One is none.
    """
    found = parse_address_list(value, field=field)
    return tuple(each.addr_spec for each in found if isinstance(each, Mailbox))


def _parted(value: object) -> tuple[list[str], str | list[str]]:
    """Part roles and accounts from addresses; a name in an address may hold a comma, they hold none."""
    if isinstance(value, str):
        parts = value.split(",")
        return (
            [each for each in parts if is_account(each)],
            ",".join(each for each in parts if not is_account(each)),
        )
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in cast("list[object]", value)):
        texts = cast("list[str]", value)
        return [each for each in texts if is_account(each)], [each for each in texts if not is_account(each)]
    return [], cast("str", value)  # refused by whoever reads addresses
