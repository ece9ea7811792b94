"""Nobody gives what they do not have: the rules by which roles and permissions are handed on.

* A role or a key is given only by somebody who may do everything that it allows.
* Somebody is changed, locked out or helped to a new password only by one who may do everything they may, and who belongs to the host or to
  the same organization.
* What only the host may do is given to nobody of an organization, whoever asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.accounts.organization import HOST
from eilbote.accounts.role import GRANTS, HOST_ONLY, Role
from eilbote.errors import ForbiddenError, SettingsError

if TYPE_CHECKING:
    from eilbote.accounts.principal import Principal
    from eilbote.accounts.role import Permission
    from eilbote.accounts.user import User


def check_permissions(
    given: frozenset[Permission], *, by: Principal, organization: str, field: str = "permissions"
) -> None:
    """Refuse permissions that somebody cannot give.

    Args:
        given: What is to be allowed.
        by: Who gives it.
        organization: To somebody or something of which organization.
        field: What an error names.

    Raises:
        SettingsError: Nobody of an organization can have one of them.
        ForbiddenError: ``by`` does not have one of them, or has nothing to say there.
    """
    if organization != HOST and given & HOST_ONLY:
        raise SettingsError(
            f"{min(given & HOST_ONLY).value} is for the host alone",
            field=field,
            remedy="Leave it out; only people and keys of the host can have it",
        )
    missing = given - by.permissions
    if missing or not by.can_act_for(organization):
        raise ForbiddenError(
            f"{by.name or 'nobody'} cannot give what they do not have",
            field=field,
            cause=f"It allows {min(missing).value}, and they may not do that" if missing else None,
            remedy="Ask somebody who may do all of it, or give less",
        )


def check_role(role: Role, *, by: Principal, organization: str) -> None:
    """Refuse a role that somebody cannot give.

    Raises:
        SettingsError: It is none for people of an organization.
        ForbiddenError: It allows what ``by`` may not do.
    """
    if role is Role.SYSTEM_ADMINISTRATOR and organization != HOST:
        raise SettingsError(
            "system administrators belong to the host",
            field="role",
            remedy=f"Give {Role.ORGANIZATION_ADMINISTRATOR.value}, who may do everything in an organization",
        )
    allowed = GRANTS[role] if organization == HOST else GRANTS[role] - HOST_ONLY
    check_permissions(allowed, by=by, organization=organization, field="role")


def check_over(user: User, *, by: Principal) -> None:
    """Refuse a change to somebody who may do more than the one who changes them.

    Raises:
        ForbiddenError: They do.
    """
    if not by.can_act_for(user.organization) or GRANTS[user.role] - by.permissions:
        raise ForbiddenError(
            f"{by.name or 'nobody'} cannot change somebody who may do more",
            field="id",
            remedy="Ask somebody with the same role or a higher one",
        )
