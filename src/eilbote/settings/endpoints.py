"""The endpoints that are there from the start: ``notification``, empty until somebody configures it, and ``system``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from eilbote.connections.repository import qualified_name
from eilbote.errors import ConnectionNotFoundError

if TYPE_CHECKING:
    from eilbote.settings.inheritance import Layer


class Endpoint(StrEnum):
    """A connection that is made of settings."""

    NOTIFICATION = "notification"
    """What the products' notifications go through; every organization has its own."""
    SYSTEM = "system"
    """Mails about accounts; the same as ``notification`` unless its own variables are set."""


class EnvironmentSettings(Protocol):
    """Gives what the environment says: variables, mounted secrets, a values file."""

    def layer(self, endpoint: Endpoint) -> Layer:
        """Give what is said about an endpoint now: the same object until something has changed.

        Raises:
            SettingsError: A value or a file cannot be used; ``field`` names the variable.
        """
        ...


class NoEnvironment:
    """An environment that says nothing."""

    __slots__ = ("_nothing",)

    def __init__(self) -> None:
        from eilbote.settings.inheritance import Layer, Level

        self._nothing = Layer(level=Level.ENVIRONMENT, place="the environment")

    def layer(self, endpoint: Endpoint) -> Layer:  # noqa: ARG002 - the protocol's
        """Give a layer that says nothing."""
        return self._nothing


def not_configured(endpoint: Endpoint, organization: str = "") -> ConnectionNotFoundError:
    """Say that an endpoint is there and empty, and how it is configured."""
    name = qualified_name(organization, endpoint.value)
    for_whom = f" --org {organization}" if organization else ""
    return ConnectionNotFoundError(
        f"the endpoint {name!r} is not configured yet",
        field="connection",
        cause="Neither the environment nor the settings name a server, so nothing is sent through it",
        remedy=(
            f"`eilbote settings set{for_whom} uri=smtps://USER@HOST --password-file FILE`, "
            "or set EMAIL_NOTIFICATION_SMTP_HOST or EMAIL_NOTIFICATION_SMTP_EMAIL_SERVICE_TYPE"
        ),
    )
