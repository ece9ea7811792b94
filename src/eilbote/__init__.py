"""Eilbote carries notifications from automations to inboxes over any SMTP server.

This is the front page: every public name, sorted, on one screen. A name is loaded when it is first used, so
``import eilbote`` costs a few milliseconds and a program pays only for the rooms it enters. What is not named
here is not promised to stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.compose.dkim import DkimAlgorithm, DkimSigner
    from eilbote.compose.series_recipient import SeriesRecipient
    from eilbote.connections.catalogue import lookup_service, services
    from eilbote.connections.connection import Connection, Limits
    from eilbote.connections.service import Service, ServiceLimits
    from eilbote.deliver.delivery import Delivery
    from eilbote.deliver.transport import Capabilities, Transport
    from eilbote.engine.file_transport import FileTransport
    from eilbote.engine.mailer import Mailer, send_sync
    from eilbote.engine.probe import Probe, Step
    from eilbote.errors import (
        AddressError,
        AttachmentError,
        AuthenticationError,
        ConfigurationError,
        ConnectError,
        DeliveryError,
        DeliveryTimeoutError,
        DisconnectedError,
        DraftError,
        Durability,
        EilboteError,
        ExtensionError,
        HeaderError,
        InDoubtError,
        LocalProtocolError,
        NoRecipientsError,
        PlaceholderError,
        ProtocolError,
        ProviderNotFoundError,
        RecipientsRefusedError,
        RemoteProtocolError,
        Scope,
        SettingsError,
        TLSError,
        TokenError,
        UriError,
    )
    from eilbote.model.address import Group, Mailbox, parse_address_list, parse_mailbox
    from eilbote.model.attachment import Attachment
    from eilbote.model.clock import Clock
    from eilbote.model.credentials import AccessToken, Anonymous, Credentials, Password
    from eilbote.model.draft import Draft, Priority
    from eilbote.model.envelope import DsnRequest, Envelope, Notify, Return
    from eilbote.model.ids import IdSource
    from eilbote.model.invitation import Invitation, Method
    from eilbote.model.message import BodyKind, Message, OctetSource
    from eilbote.model.receipt import Receipt, RecipientResult
    from eilbote.model.receipt_dict import ReceiptDict, receipt_dict
    from eilbote.model.secret import Secret
    from eilbote.model.status import EnhancedStatusCode, RecipientKind, RecipientStatus
    from eilbote.model.timeouts import Timeouts
    from eilbote.model.tls import Security, TlsPolicy, TlsVersion

__version__ = "0.1.0"

_ROOMS = {
    "compose.dkim": ("DkimAlgorithm", "DkimSigner"),
    "compose.series_recipient": ("SeriesRecipient",),
    "connections.catalogue": ("lookup_service", "services"),
    "connections.connection": ("Connection", "Limits"),
    "connections.service": ("Service", "ServiceLimits"),
    "deliver.delivery": ("Delivery",),
    "deliver.transport": ("Capabilities", "Transport"),
    "engine.file_transport": ("FileTransport",),
    "engine.mailer": ("Mailer", "send_sync"),
    "engine.probe": ("Probe", "Step"),
    "errors": (
        *("AddressError", "AttachmentError", "AuthenticationError", "ConfigurationError", "ConnectError"),
        *("DeliveryError", "DeliveryTimeoutError", "DisconnectedError", "DraftError", "Durability"),
        *("EilboteError", "ExtensionError", "HeaderError", "InDoubtError", "LocalProtocolError"),
        *("NoRecipientsError", "PlaceholderError", "ProtocolError", "ProviderNotFoundError"),
        *("RecipientsRefusedError", "RemoteProtocolError", "Scope", "SettingsError", "TLSError"),
        *("TokenError", "UriError"),
    ),
    "model.address": ("Group", "Mailbox", "parse_address_list", "parse_mailbox"),
    "model.attachment": ("Attachment",),
    "model.clock": ("Clock",),
    "model.credentials": ("AccessToken", "Anonymous", "Credentials", "Password"),
    "model.draft": ("Draft", "Priority"),
    "model.envelope": ("DsnRequest", "Envelope", "Notify", "Return"),
    "model.ids": ("IdSource",),
    "model.invitation": ("Invitation", "Method"),
    "model.message": ("BodyKind", "Message", "OctetSource"),
    "model.receipt": ("Receipt", "RecipientResult"),
    "model.receipt_dict": ("ReceiptDict", "receipt_dict"),
    "model.secret": ("Secret",),
    "model.status": ("EnhancedStatusCode", "RecipientKind", "RecipientStatus"),
    "model.timeouts": ("Timeouts",),
    "model.tls": ("Security", "TlsPolicy", "TlsVersion"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [  # noqa: RUF022 - sorted by the test that compares it with the rooms
    "__version__",
    "AccessToken",
    "AddressError",
    "Anonymous",
    "Attachment",
    "AttachmentError",
    "AuthenticationError",
    "BodyKind",
    "Capabilities",
    "Clock",
    "ConfigurationError",
    "ConnectError",
    "Connection",
    "Credentials",
    "Delivery",
    "DeliveryError",
    "DeliveryTimeoutError",
    "DisconnectedError",
    "DkimAlgorithm",
    "DkimSigner",
    "Draft",
    "DraftError",
    "DsnRequest",
    "Durability",
    "EilboteError",
    "EnhancedStatusCode",
    "Envelope",
    "ExtensionError",
    "FileTransport",
    "Group",
    "HeaderError",
    "IdSource",
    "InDoubtError",
    "Invitation",
    "Limits",
    "LocalProtocolError",
    "Mailbox",
    "Mailer",
    "Message",
    "Method",
    "NoRecipientsError",
    "Notify",
    "OctetSource",
    "Password",
    "PlaceholderError",
    "Priority",
    "Probe",
    "ProtocolError",
    "ProviderNotFoundError",
    "Receipt",
    "ReceiptDict",
    "RecipientKind",
    "RecipientResult",
    "RecipientStatus",
    "RecipientsRefusedError",
    "RemoteProtocolError",
    "Return",
    "Scope",
    "Secret",
    "Security",
    "SeriesRecipient",
    "Service",
    "ServiceLimits",
    "SettingsError",
    "Step",
    "TLSError",
    "Timeouts",
    "TlsPolicy",
    "TlsVersion",
    "TokenError",
    "Transport",
    "UriError",
    "lookup_service",
    "parse_address_list",
    "parse_mailbox",
    "receipt_dict",
    "send_sync",
    "services",
]


if not TYPE_CHECKING:  # a type checker that saw this function would believe in every misspelt name

    def __getattr__(name: str) -> object:
        """Load a public name from its room when it is first used (PEP 562)."""
        room = _ROOM_OF.get(name)
        if room is None:
            raise AttributeError(f"module 'eilbote' has no attribute {name!r}")
        from importlib import import_module

        value: object = getattr(import_module(f"eilbote.{room}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)
