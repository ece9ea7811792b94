"""What applies where nobody has said anything: of a field, and of one whose value follows from others (pure).

The values are read from where they are kept to, so that they are never told otherwise than they are.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.connections.limits import Limits
from eilbote.connections.retry_policy import RetryPolicy
from eilbote.model.timeouts import Timeouts
from eilbote.model.tls import TlsPolicy
from eilbote.settings.fields import FIELDS
from eilbote.settings.precedence import lock_against

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from eilbote.connections.connection import Connection
    from eilbote.settings.inheritance import EffectiveSettings
    from eilbote.settings.scope import SettingValue

_LIMITS: Final = ("max_sessions", "messages_per_second", "messages_per_minute", "messages_per_day")
_FROM_SERVICE: Final = frozenset({"host", "port", "security", *_LIMITS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """A field that nobody has said.

    Attributes:
        field: Its name.
        value: What applies; ``None`` when nothing does.
        place: Why: ``default``, ``follows from`` a service or from the other fields; empty when nothing applies.
        lock: The field that is locked, so that a nearer level may not say this one; ``None`` when it may.
    """

    field: str
    value: SettingValue | None = None
    place: str = ""
    lock: str | None = None


def _defaults() -> dict[str, SettingValue]:
    limits, retry, policy = Limits(), RetryPolicy(), TlsPolicy()
    values: dict[str, SettingValue | None] = {
        "verify": policy.verify,
        "minimum_version": policy.minimum_version.value,
        "allow_clear_authentication": False,
        "verify_recipients": False,
        "protocol": "smtp",
        "timeout": Timeouts().connect,
        "chunking_window": 1,
        "pipelining": True,
        **{name: getattr(limits, name) for name in _LIMITS},
        **{f"retry_{each.name}": getattr(retry, each.name) for each in fields(RetryPolicy)},
    }
    return {name: value for name, value in values.items() if value is not None and name in FIELDS}


DEFAULTS: Final[Mapping[str, SettingValue]] = MappingProxyType(_defaults())
"""What applies where nobody has said anything and nothing follows from other fields."""


def unsaid(
    found: EffectiveSettings, connection: Connection | None = None, *, locked: Collection[str] = ()
) -> tuple[Unsaid, ...]:
    """Give every field that nobody has said, in the order of a form.

    Args:
        found: What is said.
        connection: What it makes, from which some of the rest follow; ``None`` when it makes none, or nobody may know.
        locked: What a farther level has locked.
    """
    follows = {} if connection is None else _following(connection)
    shown: list[Unsaid] = []
    for name in FIELDS:
        if name in found.values:
            continue
        value = follows.get(name, DEFAULTS.get(name))
        place = ""
        if value is not None:
            place = "default" if value == DEFAULTS.get(name) else _source(name, connection)
        shown.append(Unsaid(field=name, value=value, place=place, lock=lock_against(name, locked)))
    return tuple(shown)


def _following(connection: Connection) -> dict[str, SettingValue]:
    limits = connection.limits
    values: dict[str, SettingValue | None] = {
        "host": connection.host,
        "port": connection.port,
        "security": connection.security.value,
        "protocol": connection.protocol.value,
        **{name: getattr(limits, name) for name in _LIMITS},
    }
    return {name: value for name, value in values.items() if value is not None}


def _source(name: str, connection: Connection | None) -> str:
    if connection is not None and connection.service and name in _FROM_SERVICE:
        return f"follows from {connection.service}"
    return "follows from the other fields"
