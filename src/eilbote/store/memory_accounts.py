"""Organizations, users, sessions, keys and the audit book in memory, for tests and for programs that keep nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from eilbote.accounts.audit import BEGINNING, AuditRecord, chained
from eilbote.accounts.session import LinkPurpose
from eilbote.accounts.user import UserState
from eilbote.store.account_faults import (
    address_key,
    address_taken,
    subject_taken,
)
from eilbote.store.lost_race import check_race

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eilbote.accounts.api_key import ApiKey
    from eilbote.accounts.audit import AuditFilter, Deed
    from eilbote.accounts.organization import Organization
    from eilbote.accounts.session import OneTimeLink, Session
    from eilbote.accounts.user import User
    from eilbote.model.moment import Moment


class MemoryAccounts:
    """An :class:`~eilbote.accounts.store.AccountStore` that keeps everything in this process, and nothing longer."""

    def __init__(self) -> None:
        self._organizations: dict[str, Organization] = {}
        self._users: dict[str, User] = {}
        self._sessions: dict[str, Session] = {}
        self._links: dict[str, OneTimeLink] = {}
        self._keys: dict[str, ApiKey] = {}
        self._book: list[AuditRecord] = []

    async def close(self) -> None:
        """Do nothing: what is here stays."""

    # -- organizations -----------------------------------------------------------------------------------------

    async def organizations(self, *, limit: int = 100, after: str = "") -> Sequence[Organization]:
        """Give organizations in the order of their names."""
        return [self._organizations[name] for name in sorted(self._organizations) if name > after][:limit]

    async def organization(self, name: str) -> Organization | None:
        """Give one."""
        return self._organizations.get(name)

    async def keep_organization(self, organization: Organization) -> Organization:
        """Keep one."""
        known = self._organizations.get(organization.name)
        check_race(
            "organization",
            organization.name,
            read=organization.revision,
            found=known.revision if known else 0,
            key="name",
        )
        kept = replace(organization, revision=organization.revision + 1)
        self._organizations[kept.name] = kept
        return kept

    async def drop_organization(self, name: str) -> bool:
        """Forget one with its users, their sessions and links, and its keys."""
        if self._organizations.pop(name, None) is None:
            return False
        for user in [one.id for one in self._users.values() if one.organization == name]:
            self._forget(user)
        self._keys = {id_: key for id_, key in self._keys.items() if key.organization != name}
        return True

    # -- users -------------------------------------------------------------------------------------------------

    async def users(
        self, organization: str | None = None, *, limit: int = 100, after: str = ""
    ) -> Sequence[User]:
        """Give users in the order of their ids."""
        return [
            user
            for id_, user in sorted(self._users.items())
            if id_ > after and organization in {None, user.organization}
        ][:limit]

    async def user(self, id: str) -> User | None:  # noqa: A002 - its own word
        """Give one."""
        return self._users.get(id)

    async def user_at(self, address: str) -> User | None:
        """Give the one with an address, in any letter case."""
        key = address_key(address)
        return next((one for one in self._users.values() if address_key(one.address) == key), None)

    async def user_of_subject(self, subject: str) -> User | None:
        """Give the one whom an OpenID provider knows by a subject."""
        return next((one for one in self._users.values() if subject and one.subject == subject), None)

    async def keep_user(self, user: User) -> User:
        """Keep one."""
        known = self._users.get(user.id)
        check_race("user", user.id, read=user.revision, found=known.revision if known else 0)
        if (other := await self.user_at(user.address)) is not None and other.id != user.id:
            raise address_taken(user.address)
        if (other := await self.user_of_subject(user.subject)) is not None and other.id != user.id:
            raise subject_taken()
        kept = replace(user, revision=user.revision + 1)
        self._users[kept.id] = kept
        return kept

    async def drop_user(self, id: str) -> bool:  # noqa: A002 - its own word
        """Forget one with their sessions and links."""
        return self._forget(id)

    async def count_users(self, organization: str | None = None) -> int:
        """Count them."""
        return sum(organization in {None, user.organization} for user in self._users.values())

    async def invited(
        self, organization: str | None = None, *, limit: int = 100, after: str = ""
    ) -> Sequence[tuple[User, OneTimeLink | None]]:
        """Give users who have not come yet, each with the link of the invitation."""
        links = {one.user: one for one in self._links.values() if one.purpose is LinkPurpose.INVITATION}
        return [
            (user, links.get(user.id))
            for user in await self.users(organization, limit=len(self._users), after=after)
            if user.state is UserState.INVITED
        ][:limit]

    def _forget(self, user: str) -> bool:
        self._sessions = {digest: one for digest, one in self._sessions.items() if one.user != user}
        self._links = {digest: one for digest, one in self._links.items() if one.user != user}
        return self._users.pop(user, None) is not None

    # -- sessions and links ------------------------------------------------------------------------------------

    async def session(self, digest: str) -> Session | None:
        """Give one, expired or not."""
        return self._sessions.get(digest)

    async def sessions(self, user: str) -> Sequence[Session]:
        """Give all of somebody, the latest first."""
        mine = [one for one in self._sessions.values() if one.user == user]
        return sorted(mine, key=lambda one: (one.created, one.digest), reverse=True)

    async def keep_session(self, session: Session) -> None:
        """Keep one, in place of what was kept under its digest."""
        self._sessions[session.digest] = session

    async def session_seen(self, digest: str, *, at: Moment) -> None:
        """Note when a session was used, unless it was ended meanwhile."""
        if (known := self._sessions.get(digest)) is not None:
            self._sessions[digest] = replace(known, seen=at)

    async def drop_session(self, digest: str) -> bool:
        """Forget one."""
        return self._sessions.pop(digest, None) is not None

    async def drop_sessions(self, user: str, *, but: str = "") -> int:
        """Forget all of somebody, but for one digest."""
        gone = [digest for digest, one in self._sessions.items() if one.user == user and digest != but]
        for digest in gone:
            del self._sessions[digest]
        return len(gone)

    async def keep_link(self, link: OneTimeLink) -> None:
        """Keep a link in place of others for the same."""
        self._links = {
            digest: one
            for digest, one in self._links.items()
            if (one.purpose, one.user) != (link.purpose, link.user)
        }
        self._links[link.digest] = link

    async def link(self, digest: str) -> OneTimeLink | None:
        """Look at a link."""
        return self._links.get(digest)

    async def link_of(self, user: str, purpose: LinkPurpose) -> OneTimeLink | None:
        """Look at the link of somebody for a purpose."""
        found = (one for one in self._links.values() if (one.user, one.purpose) == (user, purpose))
        return next(found, None)

    async def take_link(self, digest: str) -> OneTimeLink | None:
        """Give a link and forget it."""
        return self._links.pop(digest, None)

    async def drop_links(self, user: str) -> int:
        """Forget all of somebody."""
        gone = [digest for digest, one in self._links.items() if one.user == user]
        for digest in gone:
            del self._links[digest]
        return len(gone)

    # -- API keys ----------------------------------------------------------------------------------------------

    async def keys(
        self, organization: str | None = None, *, limit: int = 100, after: str = ""
    ) -> Sequence[ApiKey]:
        """Give keys in the order of their ids."""
        return [
            key
            for id_, key in sorted(self._keys.items())
            if id_ > after and organization in {None, key.organization}
        ][:limit]

    async def key(self, id: str) -> ApiKey | None:  # noqa: A002 - its own word
        """Give one."""
        return self._keys.get(id)

    async def keep_key(self, key: ApiKey) -> ApiKey:
        """Keep one."""
        known = self._keys.get(key.id)
        check_race("API key", key.id, read=key.revision, found=known.revision if known else 0)
        kept = replace(key, revision=key.revision + 1)
        self._keys[kept.id] = kept
        return kept

    async def key_used(self, id: str, *, at: Moment) -> None:  # noqa: A002 - its own word
        """Note when a key was used, without a new revision."""
        if (known := self._keys.get(id)) is not None:
            self._keys[id] = replace(known, used=at)

    async def drop_key(self, id: str) -> bool:  # noqa: A002 - its own word
        """Forget one."""
        return self._keys.pop(id, None) is not None

    # -- the book ----------------------------------------------------------------------------------------------

    async def write(self, deeds: Sequence[Deed]) -> Sequence[AuditRecord]:
        """Write deeds into the book, each behind the latest record."""
        written: list[AuditRecord] = []
        for said in deeds:
            deed = replace(said, before=_as_kept(said.before), after=_as_kept(said.after))
            sequence = len(self._book) + len(written) + 1
            last = (written or self._book)[-1].hash if sequence > 1 else BEGINNING
            written.append(AuditRecord(sequence=sequence, deed=deed, hash=chained(last, sequence, deed)))
        self._book += written
        return written

    async def records(
        self, which: AuditFilter, *, limit: int = 100, after: int | None = None
    ) -> Sequence[AuditRecord]:
        """Give records, the latest first, behind one of them."""
        return [
            record
            for record in reversed(self._book)
            if (after is None or record.sequence < after) and _is_meant(record.deed, which)
        ][:limit]

    async def records_from(self, sequence: int, *, limit: int) -> Sequence[AuditRecord]:
        """Give records in order from a sequence on."""
        return [record for record in self._book if record.sequence >= sequence][:limit]

    async def book_end(self) -> tuple[int, str] | None:
        """Give sequence and hash of the latest record; ``None`` before the first."""
        return (self._book[-1].sequence, self._book[-1].hash) if self._book else None

    # -- upkeep ------------------------------------------------------------------------------------------------

    async def prune(self, *, now: Moment) -> int:
        """Forget sessions and links that have expired, or were begun while their user went."""
        before = len(self._sessions) + len(self._links)
        self._sessions = {
            digest: one
            for digest, one in self._sessions.items()
            if one.expires > now and one.user in self._users
        }
        self._links = {
            digest: one
            for digest, one in self._links.items()
            if one.expires > now and (not one.user or one.user in self._users)
        }
        return before - len(self._sessions) - len(self._links)


def _as_kept(data: Mapping[str, object]) -> Mapping[str, object]:
    """Give data as a database gives it back."""
    return cast("dict[str, object]", json.loads(json.dumps(dict(data))))


def _is_meant(deed: Deed, which: AuditFilter) -> bool:
    return (
        which.organization in {None, deed.organization}
        and (
            deed.action.endswith(which.action)
            if which.action.startswith(".")
            else deed.action.startswith(which.action)
        )
        and (
            deed.thing.startswith(which.thing)
            if which.thing.endswith(":")
            else which.thing in {"", deed.thing}
        )
        and which.who in {"", deed.who}
        and (which.since is None or deed.at >= which.since)
        and (which.before is None or deed.at < which.before)
    )
