"""How the notifications of an organization look: as its settings say, and those of the host where it says nothing."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from eilbote.errors import SettingsError, TemplateError
from eilbote.settings.endpoints import Endpoint
from eilbote.settings.fields import BRAND
from eilbote.settings.scope import HOST
from eilbote.template.branding import Branding

if TYPE_CHECKING:
    from eilbote.settings.endpoint_book import EndpointBook
    from eilbote.settings.inheritance import EffectiveSettings

_PREFIX: Final = "brand_"
OF_BRANDING: Final = {f"{_PREFIX}{each.name}": each.name for each in fields(Branding)}
"""For each setting of the look, what it fills."""


def branding_of(settings: EffectiveSettings) -> Branding:
    """Give the look that settings say.

    Raises:
        TemplateError: A value cannot be used.
    """
    said: dict[str, Any] = {
        OF_BRANDING[name]: settings.values[name].value for name in BRAND & settings.values.keys()
    }
    return Branding(**said)


def check_look(settings: EffectiveSettings) -> None:
    """Refuse settings that make no look.

    Raises:
        SettingsError: A value cannot be used; ``field`` names the setting.
    """
    if BRAND & settings.values.keys():
        try:
            branding_of(settings)
        except TemplateError as fault:
            name = (fault.field or "").rpartition(".")[2]
            raise SettingsError(
                fault.what,
                field=f"{_PREFIX}{name}",
                position=fault.position,
                cause=fault.cause,
                remedy=fault.remedy,
            ) from None


async def branding_for(book: EndpointBook, organization: str = HOST) -> Branding:
    """Give the look of an organization's notifications as it is set now; cheap to ask.

    Raises:
        SettingsError: The settings cannot be used.
        TemplateError: The same.
        OutboxUnavailableError: The database does not answer.
    """
    return branding_of(await book.effective(Endpoint.NOTIFICATION, organization))
