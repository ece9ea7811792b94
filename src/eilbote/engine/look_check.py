"""Refuses settings that make no look, before they are stored; what templates need is loaded only when some are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.errors import SettingsError, TemplateError
from eilbote.settings.fields import BRAND

if TYPE_CHECKING:
    from eilbote.settings.inheritance import EffectiveSettings


def check_look(settings: EffectiveSettings) -> None:
    """Refuse settings that make no look.

    Raises:
        SettingsError: A value cannot be used; ``field`` names the setting.
    """
    if BRAND & settings.values.keys():
        from eilbote.engine.flow_branding import PREFIX, branding_of

        try:
            branding_of(settings)
        except TemplateError as fault:
            name = (fault.field or "").rpartition(".")[2]
            raise SettingsError(
                fault.what,
                field=f"{PREFIX}{name}",
                position=fault.position,
                cause=fault.cause,
                remedy=fault.remedy,
            ) from None
