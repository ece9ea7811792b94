"""How recipients are named who are meant by their accounts: ``role:operator``, ``user:ID``."""

from __future__ import annotations

import re
from typing import Final

from eilbote.accounts.role import Role
from eilbote.errors import SettingsError

ROLE: Final = "role:"
USER: Final = "user:"
SYSTEM_ADMINISTRATORS: Final = f"{ROLE}{Role.SYSTEM_ADMINISTRATOR.value}"
_ACCOUNT: Final = re.compile(r"(?:role|user):\S{1,100}")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def is_account(text: str) -> bool:
    """Tell whether a recipient is meant by role or account, and not by an address."""
    return _ACCOUNT.fullmatch(text.strip()) is not None


def read_account(text: str) -> str:
    """Read ``role:operator`` or ``user:ID``.

    Raises:
        SettingsError: There is no such role, or it cannot be the id of an account.
    """
    kind, _, name = text.strip().partition(":")
    if kind == "role":
        if name not in {role.value for role in Role}:
            raise SettingsError(
                f"{name[:60]!r} is no role",
                field="to",
                remedy=f"Roles are {', '.join(f'role:{role.value}' for role in Role)}",
            )
    elif _ID.fullmatch(name) is None:
        raise SettingsError(
            f"{name[:60]!r} cannot be the id of a user",
            field="to",
            remedy="`eilbote user list` tells the ids",
        )
    return f"{kind}:{name}"
