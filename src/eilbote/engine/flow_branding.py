"""How the notifications of an organization look: as its settings say, and those of the host where it says nothing."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from eilbote.errors import EilboteError, OutboxError
from eilbote.settings.endpoints import Endpoint
from eilbote.settings.fields import BRAND
from eilbote.settings.scope import HOST
from eilbote.template.branding import Branding

if TYPE_CHECKING:
    from eilbote.settings.endpoint_book import EndpointBook
    from eilbote.settings.inheritance import EffectiveSettings

PREFIX: Final = "brand_"
OF_BRANDING: Final = {f"{PREFIX}{each.name}": each.name for each in fields(Branding)}
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


async def branding_for(book: EndpointBook, organization: str = HOST) -> Branding:
    """Give the look of an organization's notifications as it is set now; cheap to ask.

    Raises:
        SettingsError: The settings cannot be used.
        TemplateError: The same.
        OutboxUnavailableError: The database does not answer.
    """
    return branding_of(await book.effective(Endpoint.NOTIFICATION, organization))


async def branding_or_usual(book: EndpointBook, organization: str = HOST) -> Branding:
    """Give the look, or the usual one when settings cannot be used: they stop no message that does not need them.

    Raises:
        OutboxError: The database does not answer.
    """
    try:
        return await branding_for(book, organization)
    except OutboxError:
        raise
    except EilboteError:
        return Branding()
