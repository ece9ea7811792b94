"""API keys: made, rotated without a gap, and called back at once."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from eilbote.accounts.api_key import ApiKey, digest_of_secret, key_text
from eilbote.accounts.granting import check_permissions, check_senders
from eilbote.accounts.organization import HOST
from eilbote.engine.accounts.fields import read_text
from eilbote.engine.accounts.organizations import no_organization
from eilbote.engine.accounts.senders import read_senders
from eilbote.engine.revisions import check_revision
from eilbote.errors import ConflictError, NotFoundError, SettingsError
from eilbote.model.moment import later, moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.accounts.principal import Principal
    from eilbote.accounts.role import Permission
    from eilbote.accounts.store import AccountStore
    from eilbote.engine.accounts.known_keys import KnownKeys
    from eilbote.model.clock import Clock
    from eilbote.model.moment import Moment

_LETTERS: Final = string.ascii_letters + string.digits
_ID_LENGTH: Final = 10
_SECRET_OCTETS: Final = 32
OVERLAP_SECONDS: Final = 24 * 3600
"""How long the former secret is taken beside the new one, unless somebody says otherwise."""
LONGEST_OVERLAP_SECONDS: Final = 30 * 24 * 3600


class KeyFields(TypedDict, total=False):
    """What can be changed about a key; see :class:`~eilbote.accounts.api_key.ApiKey`."""

    name: str
    permissions: frozenset[Permission]
    senders: Sequence[str]
    expires: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key with its text, which is shown once.

    Attributes:
        key: The key.
        text: What its owner keeps.
    """

    key: ApiKey
    text: str = field(repr=False)


class Keys:
    """Keeps keys.

    Args:
        store: Where they are kept.
        known: Keys that were right a moment ago.
        clock: Tells the time.
    """

    def __init__(self, store: AccountStore, *, known: KnownKeys, clock: Clock) -> None:
        self._store = store
        self._known = known
        self._clock = clock

    async def page(
        self, organization: str | None = None, *, limit: int = 100, after: str = ""
    ) -> Sequence[ApiKey]:
        """Give keys in the order of their ids, behind one of them; of all organizations when ``None``.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        return await self._store.keys(organization, limit=limit, after=after)

    async def get(self, id: str) -> ApiKey:  # noqa: A002 - its own word
        """Give one.

        Raises:
            NotFoundError: There is none of that id.
            OutboxUnavailableError: The database does not answer.
        """
        found = await self._store.key(id) if id.isascii() and id.isprintable() else None
        if found is None:
            raise no_key(id)
        return found

    async def create(
        self,
        name: str,
        *,
        organization: str,
        permissions: frozenset[Permission],
        by: Principal,
        senders: Sequence[str] = (),
        expires: Moment | None = None,
    ) -> NewKey:
        """Make one.

        Args:
            name: What it is for.
            organization: On whose behalf it acts; empty for the host.
            permissions: What it may do.
            by: Who makes it.
            senders: Addresses or domains it may send from; any when empty.
            expires: Not after.

        Raises:
            NotFoundError: There is no such organization.
            ForbiddenError: It would allow what ``by`` may not do.
            SettingsError: A field cannot be used.
            OutboxUnavailableError: The database does not answer.
        """
        if not by.can_act_for(organization) or (
            organization != HOST and await self._store.organization(organization) is None
        ):
            raise no_organization(organization)
        now = moment_of(self._clock.now())
        secret = secrets.token_urlsafe(_SECRET_OCTETS)
        key = ApiKey(
            id="".join(secrets.choice(_LETTERS) for _ in range(_ID_LENGTH)),
            organization=organization,
            name="",
            permissions=frozenset(),
            digest=digest_of_secret(secret),
            created_by=by.name,
            created=now,
        )
        fields = KeyFields(name=name, permissions=permissions, senders=senders, expires=expires)
        key = _changed(key, fields, by=by, now=now)
        return NewKey(key=await self._store.keep_key(key), text=key_text(key.id, secret))

    async def change(
        self, key: ApiKey, *, by: Principal, revision: int | None = None, **fields: Unpack[KeyFields]
    ) -> ApiKey:
        """Change one; from now on it may do what it says now.

        Raises:
            ForbiddenError: It allows, or would allow, what ``by`` may not do.
            SettingsError: A field cannot be used.
            ConflictError: It was revoked, or somebody has changed it meanwhile.
            OutboxUnavailableError: The database does not answer.
        """
        check_permissions(key.permissions, by=by, organization=key.organization)
        check_senders(key.senders, by=by)
        check_revision(revision, key.revision, what=f"the API key {key.id!r}")
        _check_usable(key)
        kept = await self._store.keep_key(_changed(key, fields, by=by, now=moment_of(self._clock.now())))
        self._known.forget(key.id)
        return kept

    async def rotate(self, key: ApiKey, *, by: Principal, overlap_seconds: float = OVERLAP_SECONDS) -> NewKey:
        """Give it another secret; the former one is taken for some time beside it, so that nothing stands still.

        Raises:
            ForbiddenError: It allows what ``by`` may not do, who would hold its secret.
            SettingsError: The time is too long.
            ConflictError: It was revoked, or somebody has changed it meanwhile.
            OutboxUnavailableError: The database does not answer.
        """
        check_permissions(key.permissions, by=by, organization=key.organization)
        check_senders(key.senders, by=by)
        _check_usable(key)
        if not 0 <= overlap_seconds <= LONGEST_OVERLAP_SECONDS:
            raise SettingsError(
                "the former secret cannot be taken for so long",
                field="overlap_seconds",
                remedy=f"Give 0 to {LONGEST_OVERLAP_SECONDS} seconds",
            )
        secret = secrets.token_urlsafe(_SECRET_OCTETS)
        rotated = replace(
            key,
            digest=digest_of_secret(secret),
            former_digest=key.digest if overlap_seconds else b"",
            former_until=later(moment_of(self._clock.now()), overlap_seconds) if overlap_seconds else None,
        )
        kept = await self._store.keep_key(rotated)
        self._known.forget(key.id)
        return NewKey(key=kept, text=key_text(key.id, secret))

    async def revoke(self, key: ApiKey) -> ApiKey:
        """Call one back; it is refused at once, and stays in the list. Who may write keys may revoke any of them.

        Raises:
            ConflictError: Somebody has changed it meanwhile.
            OutboxUnavailableError: The database does not answer.
        """
        if key.is_revoked:
            return key
        kept = await self._store.keep_key(replace(key, is_revoked=True, former_digest=b"", former_until=None))
        self._known.forget(key.id)
        return kept

    async def delete(self, key: ApiKey) -> None:
        """Forget one; it is refused at once.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        await self._store.drop_key(key.id)
        self._known.forget(key.id)


def no_key(id: str) -> NotFoundError:  # noqa: A002 - its own word
    """Give the error for a key that does not exist, or concerns others."""
    return NotFoundError(
        f"there is no API key {id[:60]!r}", field="id", remedy="`eilbote api-key list` tells which there are"
    )


def _changed(key: ApiKey, fields: KeyFields, *, by: Principal, now: Moment) -> ApiKey:
    permissions = fields.get("permissions", key.permissions)
    check_permissions(permissions, by=by, organization=key.organization)
    name = read_text(fields.get("name", key.name), field="name")
    if not name:
        raise SettingsError("the key has no name", field="name", remedy="Say what it is for")
    expires = fields.get("expires", key.expires)
    if "expires" in fields and expires is not None and expires <= now:
        raise SettingsError(
            "this time is over", field="expires", remedy="Give a later one, or revoke the key"
        )
    senders = read_senders(fields.get("senders", key.senders))
    check_senders(senders, by=by)
    return replace(
        key,
        name=name,
        permissions=permissions,
        senders=senders,
        expires=expires,
    )


def _check_usable(key: ApiKey) -> None:
    if key.is_revoked:
        raise ConflictError(
            f"the key {key.id} was revoked", field="id", remedy="Make another one; this one stays refused"
        )
