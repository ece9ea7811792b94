"""What somebody may do: permissions, and the roles that hold them.

A permission names a kind of thing and a verb, ``messages:read``. People have one role; API keys have permissions by themselves, so a
program gets what it needs and no more. The table at the end is the whole policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from eilbote.errors import SettingsError


class Permission(StrEnum):
    """Something that can be allowed."""

    MESSAGES_SUBMIT = "messages:submit"
    MESSAGES_READ = "messages:read"
    """Who was written to, and what became of it."""
    MESSAGES_CONTENT = "messages:content"
    """What was written: text, attachments, raw octets, the preview."""
    MESSAGES_OPERATE = "messages:operate"
    """Retry, cancel, hold, release, send again."""
    CONNECTIONS_READ = "connections:read"
    CONNECTIONS_WRITE = "connections:write"
    CONNECTIONS_TEST = "connections:test"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    AUTOMATIONS_READ = "automations:read"
    """Flows, templates, routes, processes, their runs and instances."""
    AUTOMATIONS_WRITE = "automations:write"
    AUTOMATIONS_RUN = "automations:run"
    """Begin runs and instances, give them messages, answer tasks, retry and cancel."""
    NOTIFICATIONS_READ = "notifications:read"
    NOTIFICATIONS_WRITE = "notifications:write"
    NOTIFICATIONS_RAISE = "notifications:raise"
    NOTIFICATIONS_ACKNOWLEDGE = "notifications:acknowledge"
    """Say that somebody looks after what has happened, so that nobody else is told."""
    SUPPRESSIONS_READ = "suppressions:read"
    SUPPRESSIONS_WRITE = "suppressions:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"
    AUDIT_READ = "audit:read"
    STATISTICS_READ = "statistics:read"
    SNAPSHOTS_READ = "snapshots:read"
    SNAPSHOTS_WRITE = "snapshots:write"
    ORGANIZATIONS_READ = "organizations:read"
    """Of all organizations; only at the host."""
    ORGANIZATIONS_WRITE = "organizations:write"
    HOST_OPERATE = "host:operate"
    """What concerns the machine: captured mail, metrics in detail, health in detail; only at the host."""


class Role(StrEnum):
    """What a person is; from the most powerful on."""

    SYSTEM_ADMINISTRATOR = "system_administrator"
    """Of the host: everything, everywhere."""
    ORGANIZATION_ADMINISTRATOR = "organization_administrator"
    AUTHOR = "author"
    """Writes flows, processes, routes, templates, and runs them."""
    OPERATOR = "operator"
    """Sees to it that mail arrives: retries, holds, answers, looks after suppressions."""
    VIEWER = "viewer"


HOST_ONLY: Final = frozenset(
    {Permission.ORGANIZATIONS_READ, Permission.ORGANIZATIONS_WRITE, Permission.HOST_OPERATE}
)
"""Nobody of an organization has these."""

_SEES: Final = frozenset(
    {
        Permission.MESSAGES_READ,
        Permission.CONNECTIONS_READ,
        Permission.SETTINGS_READ,
        Permission.AUTOMATIONS_READ,
        Permission.NOTIFICATIONS_READ,
        Permission.SUPPRESSIONS_READ,
        Permission.STATISTICS_READ,
    }
)
_RUNS: Final = frozenset(
    {
        Permission.MESSAGES_SUBMIT,
        Permission.MESSAGES_CONTENT,
        Permission.AUTOMATIONS_RUN,
        Permission.NOTIFICATIONS_RAISE,
        Permission.NOTIFICATIONS_ACKNOWLEDGE,
        Permission.CONNECTIONS_TEST,
    }
)

GRANTS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.SYSTEM_ADMINISTRATOR: frozenset(Permission),
        Role.ORGANIZATION_ADMINISTRATOR: frozenset(Permission) - HOST_ONLY,
        Role.AUTHOR: _SEES | _RUNS | {Permission.AUTOMATIONS_WRITE},
        Role.OPERATOR: _SEES
        | _RUNS
        | {Permission.MESSAGES_OPERATE, Permission.SUPPRESSIONS_WRITE, Permission.WEBHOOKS_READ},
        Role.VIEWER: _SEES,
    }
)
"""What each role may do."""


def read_permissions(given: Iterable[str], *, field: str = "permissions") -> frozenset[Permission]:
    """Read the names of permissions.

    Raises:
        SettingsError: There is none, or one is unknown.
    """
    names = tuple(given)
    known = {each.value for each in Permission}
    unknown = sorted({str(name)[:60] for name in names if name not in known})
    if unknown:
        raise SettingsError(
            f"{unknown[0]!r} is no permission",
            field=field,
            remedy=f"Permissions are {', '.join(each.value for each in Permission)}",
        )
    if not names:
        raise SettingsError(
            "nothing would be allowed",
            field=field,
            remedy=f"Name at least one permission, such as {Permission.MESSAGES_SUBMIT.value}",
        )
    return frozenset(Permission(name) for name in names)


def read_role(text: str, *, is_host: bool, field: str = "role") -> Role:
    """Read the name of a role.

    Args:
        text: The name.
        is_host: Whether the person belongs to the host; only there are system administrators.
        field: What an error names.

    Raises:
        SettingsError: There is no such role, or it is none for that place.
    """
    usable = [each for each in Role if is_host or each is not Role.SYSTEM_ADMINISTRATOR]
    for role in usable:
        if role.value == text:
            return role
    raise SettingsError(
        f"{text[:60]!r} is no role here",
        field=field,
        remedy=f"Roles are {', '.join(each.value for each in usable)}",
    )
