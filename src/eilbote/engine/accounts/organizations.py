"""Organizations: made, changed, switched off and forgotten by the host."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from eilbote.accounts.organization import (
    Organization,
    Quota,
    is_organization_name,
    organization_name,
)
from eilbote.engine.accounts.fields import (
    each_user,
    read_language,
    read_text,
    read_zone,
)
from eilbote.engine.revisions import check_revision
from eilbote.errors import ConflictError, NotFoundError, SettingsError
from eilbote.model.moment import moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.accounts.store import AccountStore
    from eilbote.engine.accounts.known_keys import KnownKeys
    from eilbote.model.clock import Clock

_MOST: Final = 2**53 - 1  # what every program reads from JSON without losing a digit (RFC 8259 section 6)


class OrganizationFields(TypedDict, total=False):
    """What can be said about an organization; see :class:`~eilbote.accounts.organization.Organization`."""

    title: str
    language: str
    time_zone: str
    is_enabled: bool
    quota: Quota


class Organizations:
    """Keeps organizations.

    Args:
        store: Where they are kept.
        known: Keys that were right a moment ago.
        clock: Tells the time.
    """

    def __init__(self, store: AccountStore, *, known: KnownKeys, clock: Clock) -> None:
        self._store = store
        self._known = known
        self._clock = clock

    async def page(self, *, limit: int = 100, after: str = "") -> Sequence[Organization]:
        """Give organizations in the order of their names, behind one of them.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self._store.organizations(limit=limit, after=after)

    async def get(self, name: str) -> Organization:
        """Give one.

        Raises:
            NotFoundError: There is none of that name.
            OutboxUnavailableError: The database does not answer.
        """
        found = await self._store.organization(name) if name.isprintable() else None
        if found is None:
            raise no_organization(name, field="name")
        return found

    async def create(self, name: str, **fields: Unpack[OrganizationFields]) -> Organization:
        """Make one.

        Raises:
            SettingsError: A field cannot be used.
            ConflictError: The name is taken.
            OutboxUnavailableError: The database does not answer.
        """
        now = moment_of(self._clock.now())
        made = Organization(name=organization_name(name), created=now, changed=now)
        return await self._store.keep_organization(_changed(made, fields))

    async def change(
        self, name: str, *, revision: int | None = None, **fields: Unpack[OrganizationFields]
    ) -> Organization:
        """Change one. Who is switched off is signed out, and its keys are refused from now on; its mail goes on.

        Args:
            name: Which.
            revision: Which one was seen; whichever there is when ``None``.
            **fields: What is to be other than it is.

        Raises:
            NotFoundError: There is none of that name.
            SettingsError: A field cannot be used.
            ConflictError: Somebody has changed it meanwhile.
            OutboxUnavailableError: The database does not answer.
        """
        known = await self.get(name)
        check_revision(revision, known.revision, what=f"the organization {known.name!r}")
        now = moment_of(self._clock.now())
        kept = await self._store.keep_organization(replace(_changed(known, fields), changed=now))
        self._known.forget()
        if known.is_enabled and not kept.is_enabled:
            async for user in each_user(self._store, name):
                await self._store.drop_sessions(user.id)
        return kept

    async def delete(self, name: str) -> None:
        """Forget one with its people and keys; what is written about it in the audit book stays, and so do its messages.

        Raises:
            NotFoundError: There is none of that name.
            ConflictError: It is not switched off yet.
            OutboxUnavailableError: The database does not answer.
        """
        known = await self.get(name)
        if known.is_enabled:
            raise ConflictError(
                f"the organization {name} is in use",
                field="name",
                cause="Its people and keys are forgotten with it",
                remedy="Switch it off first, and see whether anybody misses it",
            )
        await self._store.drop_organization(name)
        self._known.forget()


def no_organization(name: str, *, field: str = "organization") -> NotFoundError:
    """Give the error for an organization that does not exist, or concerns others: the same words for both."""
    is_name = is_organization_name(name)
    return NotFoundError(
        f"there is no organization {name[:60]!r}",
        field=field,
        cause=None if is_name else "An organization is named by small letters, digits and hyphens",
        remedy="Give the name of one, as it stands in addresses, and not its title",
    )


def _changed(known: Organization, fields: OrganizationFields) -> Organization:
    quota = fields.get("quota", known.quota)
    for name in ("messages_per_hour", "messages_per_day", "waiting"):
        value: int = getattr(quota, name)
        if not 0 <= value <= _MOST:
            raise SettingsError(
                f"{value} cannot be a quota", field=f"quota.{name}", remedy="Give a number; 0 means no limit"
            )
    return replace(
        known,
        title=read_text(fields.get("title", known.title), field="title"),
        language=read_language(fields.get("language", known.language), field="language") or "en",
        time_zone=read_zone(fields.get("time_zone", known.time_zone), field="time_zone") or "UTC",
        is_enabled=fields.get("is_enabled", known.is_enabled),
        quota=quota,
    )
