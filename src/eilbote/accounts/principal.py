"""Who asks for something, whence, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from eilbote.accounts.organization import HOST
from eilbote.accounts.role import Permission
from eilbote.errors import ForbiddenError


class PrincipalKind(StrEnum):
    """What kind of somebody."""

    USER = "user"
    API_KEY = "api_key"
    COMMAND = "command"
    """Somebody at the machine itself."""
    SYSTEM = "system"
    """Eilbote, by itself."""
    ANONYMOUS = "anonymous"
    """Nobody has said who it is: signing in, recovering a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whence a request came.

    Attributes:
        door: ``api``, ``portal``, ``relay``, ``cli``.
        address: The client's, by the connection itself or a proxy that is trusted; empty when there is none.
        agent: What the client calls itself; at most 200 characters.
        request: The id of the request, for those who look into logs.
    """

    door: str
    address: str = ""
    agent: str = ""
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody who asks.

    Attributes:
        kind: What kind of somebody.
        id: Of the user or the key.
        name: For people: an address, or the name of a key.
        organization: Where they belong; empty for the host.
        permissions: What they may do there; those of the host may do it everywhere.
        senders: Addresses or domains they may send from; empty for all.
        csrf: What a browser has to bring along with every change; empty where no cookie was used.
    """

    kind: PrincipalKind
    id: str
    name: str
    organization: str
    permissions: frozenset[Permission]
    senders: tuple[str, ...] = ()
    csrf: str = ""

    @property
    def is_host(self) -> bool:
        """Whether they belong to the host."""
        return self.organization == HOST

    def must(self, permission: Permission) -> None:
        """Refuse what they may not do.

        Raises:
            ForbiddenError: They may not.
        """
        if permission not in self.permissions:
            raise ForbiddenError(
                f"{self.name or 'nobody'} may not do this",
                field="authorization",
                cause=f"It needs the permission {permission.value}",
                remedy="Ask an administrator for a role or a key that has it",
            )

    def can_act_for(self, organization: str) -> bool:
        """Tell whether an organization concerns them at all; if not, nobody says whether there is one."""
        return self.is_host or organization == self.organization
