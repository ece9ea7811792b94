"""Where the secrets of some settings go: what must stay the same for a stored one to stay in use (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.errors import ConfigurationError
from eilbote.settings.fields import DESTINATION
from eilbote.settings.precedence import WHO_SIGNS_IN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.settings.inheritance import EffectiveSettings


def secret_destination(
    before: EffectiveSettings, after: EffectiveSettings
) -> tuple[Mapping[str, object], Mapping[str, object]]:
    """Give where secrets go before and after a change, in parts that can be compared.

    When both make a connection, it is that connection's server: naming a port that was the usual one anyway changes
    nothing. Otherwise it is what was said.
    """
    try:
        return _decided(before), _decided(after)
    except ConfigurationError:
        return _said(before), _said(after)


def _decided(settings: EffectiveSettings) -> dict[str, object]:
    connection = settings.connection("settings")
    who = {name: each for name, each in _said(settings).items() if name in WHO_SIGNS_IN}
    return who | {
        "host": connection.host,
        "port": connection.port,
        "security": connection.security,
        "TLS settings": connection.tls,
        "allow_clear_authentication": connection.allow_clear_authentication,
        "protocol": settings.fields().get("protocol"),
    }


def _said(settings: EffectiveSettings) -> dict[str, object]:
    return {
        name: settings.secrets[name] if each.has_secret else each.value
        for name, each in settings.values.items()
        if name in DESTINATION or name in WHO_SIGNS_IN
    }
