"""The variables that say where mail settings stand; read with every start, so nothing heavy is here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from eilbote.settings.endpoints import Endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRETS_DIR_VARIABLE: Final = "EILBOTE_SECRETS_DIR"
HELM_VARIABLE: Final = "EILBOTE_HELM_VALUES"
OWN_PREFIXES: Final[Mapping[Endpoint, str]] = MappingProxyType(
    {Endpoint.NOTIFICATION: "EILBOTE_NOTIFICATION__", Endpoint.SYSTEM: "EILBOTE_SYSTEM__"}
)
"""How our own variables begin; the name of a field follows, such as ``EILBOTE_NOTIFICATION__HOST``."""
