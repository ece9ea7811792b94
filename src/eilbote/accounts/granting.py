"""Nobody gives what they do not have: the rules by which roles and permissions are handed on.

* A role or a key is given only by somebody who may do everything that it allows.
* Somebody is changed, locked out or helped to a new password only by one who may do everything they may, and who belongs to the host or to
  the same organization.
* What only the host may do is given to nobody of an organization, whoever asks.
* A key that may send in some names alone lets nobody send in others: it makes, changes and renews no such key, and invites no such people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.accounts.organization import HOST
from eilbote.accounts.role import GRANTS, HOST_ONLY, Permission, Role
from eilbote.errors import ForbiddenError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.accounts.principal import Principal
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


def check_senders(given: Sequence[str], *, by: Principal, field: str = "senders") -> None:
    """Refuse a key that might send in names in which whoever gives it may not.

    Args:
        given: Addresses and domains it may send from; any when empty.
        by: Who gives it.
        field: What an error names.

    Raises:
        ForbiddenError: ``by`` may send in fewer names.
    """
    if not by.senders:
        return
    own = {each.lower().removeprefix("@") for each in by.senders}
    wider = [each for each in given if own.isdisjoint({each.lower().removeprefix("@"), _domain(each)})]
    if wider or not given:
        raise ForbiddenError(
            f"{by.name or 'nobody'} cannot let others send in names in which they may not",
            field=field,
            cause=f"It allows {wider[0] if wider else 'any sender'}, and they may send from {', '.join(by.senders[:5])}",
            remedy="Give some of these, or ask somebody who may send in any name",
        )


def _domain(sender: str) -> str:
    return sender.lower().rpartition("@")[2]


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
    _check_people(role, by=by, field="role")


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
    _check_people(user.role, by=by, field="id")


def _check_people(role: Role, *, by: Principal, field: str) -> None:
    # people may send in any name, where their role lets them send at all
    if Permission.MESSAGES_SUBMIT in GRANTS[role]:
        check_senders((), by=by, field=field)
