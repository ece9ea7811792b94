"""What one scope, the host or an organization, says about its e-mail, and the port behind which that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from eilbote.model.moment import Moment
    from eilbote.model.secret import Secret

SettingValue: TypeAlias = str | int | float | bool
"""What a setting holds that is no secret."""
HOST = ""
"""The scope of the host; every other scope is an organization."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeSettings:
    """Everything one scope has said.

    Attributes:
        organization: Which; :data:`HOST` for the host.
        custom: Whether these values hold. When switched off the scope adopts what stands above it, and the values stay
            for the day it is switched on again.
        plain: Values by the names of their fields (:mod:`eilbote.settings.fields`).
        secrets: Those nobody may see, the same way.
        locked: Fields that scopes below may not override.
        changed: When something was changed last.
        version: Counts the changes; who changes it says which version was seen.
    """

    organization: str = HOST
    custom: bool = True
    plain: Mapping[str, SettingValue] = field(default_factory=lambda: MappingProxyType({}))
    secrets: Mapping[str, Secret] = field(default_factory=lambda: MappingProxyType({}))
    locked: frozenset[str] = frozenset()
    changed: Moment | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What a scope has said, as it is stored and whether or not it can be read.

    Attributes:
        organization: Which scope; :data:`HOST` for the host.
        custom: Whether the values held.
        plain: The values; JSON where nothing has damaged it.
        locked: The locked fields, the same way.
        secrets: The names of its secrets, and nothing of what they hold.
    """

    organization: str
    custom: bool
    plain: str
    locked: str
    secrets: tuple[str, ...] = ()


class SettingsStore(Protocol):
    """Keeps what scopes say, their secrets encrypted."""

    async def read(self, organization: str = HOST) -> ScopeSettings:
        """Give what a scope has said; nothing, with version 0, when it never said anything.

        Raises:
            SecretKeyError: A secret cannot be decrypted.
            OutboxUnavailableError: The database does not answer.
        """
        ...

    async def write(self, settings: ScopeSettings, *, now: Moment) -> ScopeSettings:
        """Keep what a scope says, in place of the version it was read at.

        Raises:
            ConflictError: Somebody has changed it since it was read.
            OutboxUnavailableError: The database does not answer; nothing was kept.
        """
        ...

    async def remains(self, organization: str = HOST) -> Remains | None:
        """Give what is stored of a scope, whatever has become of it; ``None`` when it never said anything.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        ...

    async def reset(self, organization: str = HOST, *, now: Moment) -> bool:
        """Forget everything a scope has said, damaged or not, its secrets included; tells whether there was anything.

        Its version goes on, so that nobody writes over it what was read before.

        Raises:
            OutboxUnavailableError: The database does not answer; nothing was forgotten.
        """
        ...

    async def organizations(self) -> tuple[str, ...]:
        """Give the organizations that have said something, sorted.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        ...
