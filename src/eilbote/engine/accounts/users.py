"""People: seen, changed, locked out and forgotten; never more powerful than the one who changes them, and never all administrators at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict, Unpack

from eilbote.accounts.granting import check_over, check_role
from eilbote.accounts.organization import HOST
from eilbote.accounts.role import Role, read_role
from eilbote.accounts.user import UserState
from eilbote.engine.accounts.fields import (
    each_user,
    read_address,
    read_language,
    read_text,
    read_zone,
)
from eilbote.engine.revisions import check_revision
from eilbote.errors import ConflictError, NotFoundError
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.accounts.principal import Principal
    from eilbote.accounts.store import AccountStore
    from eilbote.accounts.user import User
    from eilbote.model.clock import Clock


class UserFields(TypedDict, total=False):
    """What can be changed about somebody; see :class:`~eilbote.accounts.user.User`."""

    address: str
    name: str
    role: str
    language: str
    time_zone: str
    is_enabled: bool


class OwnFields(TypedDict, total=False):
    """What people change about themselves."""

    name: str
    language: str
    time_zone: str


class Users:
    """Keeps people.

    Args:
        store: Where they are kept.
        clock: Tells the time.
    """

    def __init__(self, store: AccountStore, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        # two administrators who lock each other out at the same moment must not both succeed
        self._changing = asyncio.Lock()

    async def page(
        self, organization: str | None = None, *, limit: int = 100, after: str = ""
    ) -> Sequence[User]:
        """Give people in the order of their ids, behind one of them; of all organizations when ``None``.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self._store.users(organization, limit=limit, after=after)

    async def get(self, id: str) -> User:  # noqa: A002 - its own word
        """Give somebody.

        Raises:
            NotFoundError: There is nobody of that id.
            OutboxUnavailableError: The database does not answer.
        """
        found = await self._store.user(id) if id.isascii() and id.isprintable() else None
        if found is None:
            raise no_user(id)
        return found

    async def at(self, address: str) -> User:
        """Give whoever has an address, in any letter case.

        Raises:
            NotFoundError: Nobody has.
            OutboxUnavailableError: The database does not answer.
        """
        found = await self._store.user_at(address.strip()) if address.isprintable() else None
        if found is None:
            raise no_user(address)
        return found

    async def change(
        self, user: User, *, by: Principal, revision: int | None = None, **fields: Unpack[UserFields]
    ) -> User:
        """Change somebody. A new role, a new address, and being locked out end their sessions; the latter two their links as well.

        Args:
            user: Whom.
            by: Who does it.
            revision: Which one was seen; whichever there is when ``None``.
            **fields: What is to be other than it is.

        Raises:
            ForbiddenError: They may do more than ``by``, or would.
            SettingsError: A field cannot be used.
            ConflictError: Nobody would be left to administer the host, the address is taken, or somebody has changed them meanwhile.
            OutboxUnavailableError: The database does not answer.
        """
        check_over(user, by=by)
        check_revision(revision, user.revision, what=f"the user {user.id!r}")
        wanted = _own(user, fields)
        if "address" in fields:
            wanted = replace(wanted, address=read_address(fields["address"]))
        if "role" in fields:
            wanted = replace(wanted, role=read_role(fields["role"], is_host=user.organization == HOST))
        if wanted.role is not user.role:
            check_role(wanted.role, by=by, organization=user.organization)
        if "is_enabled" in fields:
            wanted = replace(wanted, state=_state(user, is_enabled=fields["is_enabled"]))
        async with self._changing:
            if _is_administrator(user) and not _is_administrator(wanted):
                await self._check_not_last(user)
            kept = await self._store.keep_user(replace(wanted, changed=moment_of(self._clock.now())))
            before = (user.role, user.address, user.state is UserState.DISABLED)
            if before != (kept.role, kept.address, kept.state is UserState.DISABLED):
                await self._store.drop_sessions(kept.id)
            if before[1:] != (kept.address, kept.state is UserState.DISABLED):
                # They lie in the mailbox of somebody else now, or of somebody who is not to come in.
                await self._store.drop_links(kept.id)
        return kept

    async def change_own(self, user: User, **fields: Unpack[OwnFields]) -> User:
        """Change what people may change about themselves.

        Raises:
            SettingsError: A field cannot be used.
            ConflictError: Somebody has changed them meanwhile.
            OutboxUnavailableError: The database does not answer.
        """
        return await self._store.keep_user(replace(_own(user, fields), changed=moment_of(self._clock.now())))

    async def delete(self, user: User, *, by: Principal) -> None:
        """Forget somebody, with their sessions; what they did stays in the audit book.

        Raises:
            ForbiddenError: They may do more than ``by``.
            ConflictError: Nobody would be left to administer the host.
            OutboxUnavailableError: The database does not answer.
        """
        check_over(user, by=by)
        async with self._changing:
            if _is_administrator(user):
                await self._check_not_last(user)
            await self._store.drop_user(user.id)

    async def sign_out(self, user: User, *, by: Principal) -> int:
        """End every session of somebody; gives their number.

        Raises:
            ForbiddenError: They may do more than ``by``.
            OutboxUnavailableError: The database does not answer.
        """
        check_over(user, by=by)
        return await self._store.drop_sessions(user.id)

    async def has_administrator(self) -> bool:
        """Tell whether there is anybody who administers the host.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        async for user in each_user(self._store, HOST):
            if _is_administrator(user):
                return True
        return False

    async def _check_not_last(self, user: User) -> None:
        async for other in each_user(self._store, HOST):
            if other.id != user.id and _is_administrator(other):
                return
        raise ConflictError(
            f"{user.address} is the last system administrator",
            field="id",
            cause="Nobody would be left who can let people in",
            remedy="Make somebody else a system administrator first, and see them sign in",
        )


def no_user(id: str) -> NotFoundError:  # noqa: A002 - its own word
    """Give the error for somebody who does not exist, or concerns others."""
    return NotFoundError(
        f"there is no user {id[:60]!r}", field="id", remedy="`eilbote user list` tells who there is"
    )


def _own(user: User, fields: OwnFields | UserFields) -> User:
    return replace(
        user,
        name=read_text(fields.get("name", user.name), field="name"),
        language=read_language(fields.get("language", user.language), field="language"),
        time_zone=read_zone(fields.get("time_zone", user.time_zone), field="time_zone"),
    )


def _state(user: User, *, is_enabled: bool) -> UserState:
    if not is_enabled:
        return UserState.DISABLED
    if user.state is not UserState.DISABLED:
        return user.state
    return UserState.ACTIVE if user.password or user.subject else UserState.INVITED


def _is_administrator(user: User) -> bool:
    return (
        user.organization == HOST
        and user.role is Role.SYSTEM_ADMINISTRATOR
        and user.state is UserState.ACTIVE
    )
