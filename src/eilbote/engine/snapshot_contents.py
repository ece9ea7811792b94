"""What a snapshot holds, apart from the form of its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from eilbote.connections.repository import qualified_name

if TYPE_CHECKING:
    from eilbote.author.notification.subscription import Subscription
    from eilbote.connections.stored import FieldValue
    from eilbote.model.moment import Moment
    from eilbote.model.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedFlow:
    """A flow.

    Attributes:
        organization: Whose; empty for the host's.
        name: What it is called.
        texts: Its published versions, from version 1 on.
        draft: The text that is worked on; ``None`` when there is none.
    """

    organization: str
    name: str
    texts: tuple[str, ...] = ()
    draft: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedConnection:
    """A stored connection.

    Attributes:
        organization: Whose; empty for the host's.
        name: What it is called there.
        plain: Its fields that are no secrets.
        secret_names: The secrets that it has.
        secrets: What they hold, as far as the snapshot tells.
        refresh_token: The one that a server has handed out last in place of the one that was entered; ``None`` when none was.
        enabled: Whether mail may go through it.
        is_default: Whether messages go through it that name none.
    """

    organization: str
    name: str
    plain: Mapping[str, FieldValue]
    secret_names: frozenset[str] = frozenset()
    secrets: Mapping[str, Secret] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    refresh_token: Secret | None = field(default=None, repr=False)
    enabled: bool = True
    is_default: bool = False

    @property
    def qualified_name(self) -> str:
        """What it is called among all."""
        return qualified_name(self.organization, self.name)

    @property
    def missing(self) -> tuple[str, ...]:
        """The secrets that somebody has to enter."""
        return tuple(sorted(self.secret_names - self.secrets.keys()))


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedSettings:
    """What the host or an organization says about its mail.

    Attributes:
        organization: Which; empty for the host.
        custom: Whether its values hold.
        plain: The values that are no secrets.
        secret_names: The secrets that it has said.
        secrets: What they hold, as far as the snapshot tells.
        locked: Fields that levels below may not override.
    """

    organization: str
    custom: bool = True
    plain: Mapping[str, FieldValue]
    secret_names: frozenset[str] = frozenset()
    secrets: Mapping[str, Secret] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    locked: frozenset[str] = frozenset()

    @property
    def missing(self) -> tuple[str, ...]:
        """The secrets that somebody has to enter."""
        return tuple(sorted(self.secret_names - self.secrets.keys()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything in a snapshot.

    Attributes:
        created: When it was made.
        flows: Flows, by organization and name.
        connections: Stored connections, the same way.
        settings: What host and organizations say.
        subscriptions: Who is told of what.
        has_secrets: Whether secrets are sealed in it.
    """

    created: Moment
    flows: tuple[PackedFlow, ...] = ()
    connections: tuple[PackedConnection, ...] = ()
    settings: tuple[PackedSettings, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    has_secrets: bool = False
