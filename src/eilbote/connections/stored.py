"""A connection as it is kept: what somebody said about it, with the secrets apart, and the port behind which it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeAlias

from eilbote.connections.connection import Connection
from eilbote.connections.repository import qualified_name

if TYPE_CHECKING:
    from eilbote.model.moment import Moment
    from eilbote.model.secret import Secret

FieldValue: TypeAlias = str | int | float | bool
"""What a field holds that is no secret."""
_NOTHING: Mapping[str, FieldValue] = MappingProxyType({})
_NO_SECRETS: Mapping[str, Secret] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConnection:
    """One connection of the host or of an organization.

    Attributes:
        organization: Whose; empty for the host's.
        name: What it is called there (:func:`~eilbote.connections.repository.connection_name`).
        plain: What was said about it, by our names of the fields (:data:`~eilbote.connections.fields.NAMES`).
        secrets: The fields nobody may see, the same way.
        enabled: Whether mail may go through it; while it may not, mail waits.
        is_default: Used for messages of this organization that name none; at most one is.
        created: When it was first kept.
        changed: When it was changed last.
        version: Counts the changes; who changes it says which version was seen.
    """

    organization: str = ""
    name: str
    plain: Mapping[str, FieldValue] = field(default_factory=lambda: _NOTHING)
    secrets: Mapping[str, Secret] = field(default_factory=lambda: _NO_SECRETS)
    enabled: bool = True
    is_default: bool = False
    created: Moment | None = None
    changed: Moment | None = None
    version: int = 0

    @property
    def qualified_name(self) -> str:
        """What it is called among all: ``office`` of the host, ``acme/office`` of the organization ``acme``."""
        return qualified_name(self.organization, self.name)

    def connection(self) -> Connection:
        """Make the connection of it.

        Raises:
            ConfigurationError: What is kept cannot be used (any more).
        """
        said = {**self.plain, **{name: secret.reveal() for name, secret in self.secrets.items()}}
        connection = Connection.from_fields({**said, "name": self.qualified_name})
        return replace(connection, public_only=True) if self.organization else connection


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLabel:
    """That a connection is kept, and nothing that would have to be decrypted.

    Attributes:
        organization: Whose; empty for the host's.
        name: What it is called there.
        enabled: Whether mail may go through it.
        is_default: Used for messages of this organization that name none.
        version: Counts the changes.
    """

    organization: str = ""
    name: str
    enabled: bool = True
    is_default: bool = False
    version: int = 0

    @property
    def qualified_name(self) -> str:
        """What it is called among all."""
        return qualified_name(self.organization, self.name)


class ConnectionStore(Protocol):
    """Keeps connections, their secrets encrypted."""

    async def connections(self, organization: str | None = None) -> tuple[StoredConnection, ...]:
        """Give those of the host (empty), of an organization, or all (``None``), sorted by their qualified names.

        Raises:
            SecretKeyError: A secret cannot be decrypted.
            OutboxUnavailableError: The database does not answer.
        """
        ...

    async def labels(self) -> tuple[ConnectionLabel, ...]:
        """Tell which there are, sorted by their qualified names; nothing is decrypted, so one that is damaged is among them.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        ...

    async def find(self, organization: str, name: str) -> StoredConnection | None:
        """Give one, or ``None``.

        Raises:
            SecretKeyError: A secret of it cannot be decrypted.
            SettingsError: What is kept of it means nothing.
            OutboxUnavailableError: The database does not answer.
        """
        ...

    async def keep(self, connection: StoredConnection, *, now: Moment) -> StoredConnection:
        """Keep one, new when its version is 0, else in place of that version; one that becomes the default is the only one.

        Raises:
            ConflictError: There is one of this name already, or somebody has changed it since it was read.
            OutboxUnavailableError: The database does not answer; nothing was kept.
        """
        ...

    async def drop(self, organization: str, name: str) -> bool:
        """Forget one with its secrets; says whether there was one.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        ...

    async def revision(self) -> int:
        """Give a number that grows whenever anybody changes any connection or setting; cheap to ask.

        Raises:
            OutboxUnavailableError: The database does not answer.
        """
        ...
