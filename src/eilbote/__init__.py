"""Eilbote carries notifications from automations to inboxes over any SMTP server.

This is the front page: every public name, sorted, on one screen. A name is loaded when it is first used, so
``import eilbote`` costs a few milliseconds and a program pays only for the rooms it enters. What is not named
here is not promised to stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eilbote.model.version import __version__

if TYPE_CHECKING:
    from eilbote.app import Eilbote
    from eilbote.author.flow.run import RunStatus
    from eilbote.author.flow.store import Awaits, FlowVersion, RunFilter, StoredFlow
    from eilbote.author.notification.event import EventData, SystemEvent
    from eilbote.author.notification.schedule import Quiet
    from eilbote.author.notification.store import Raised
    from eilbote.author.notification.subscription import Cadence, Subscription
    from eilbote.author.notification.telling import KeptEvent, KeptTelling, Telling
    from eilbote.author.process.bundle import Bundle
    from eilbote.author.process.instance import InstanceStatus
    from eilbote.author.process.kept import InstanceFilter, ProcessVersion, StoredProcess
    from eilbote.compose.dkim import DkimAlgorithm, DkimSigner
    from eilbote.compose.series_recipient import SeriesRecipient
    from eilbote.config.config import Config, CourierSettings, EgressSettings, RetentionSettings
    from eilbote.connections.catalogue import lookup_service, services
    from eilbote.connections.connection import Connection, Limits
    from eilbote.connections.repository import ConnectionBook
    from eilbote.connections.retry_policy import RetryPolicy
    from eilbote.connections.service import Service, ServiceLimits
    from eilbote.deliver.delivery import Delivery
    from eilbote.deliver.transport import Capabilities, Transport
    from eilbote.engine.file_transport import FileTransport
    from eilbote.engine.flow_view import FlowRun, FlowStep
    from eilbote.engine.mailer import Mailer, send_sync
    from eilbote.engine.probe import Probe, ReachablePort, Step
    from eilbote.engine.process.process_desk import MessageGiven
    from eilbote.engine.process.process_view import ProcessInstance, SentMail
    from eilbote.engine.process.publish import PublicationError
    from eilbote.engine.submission_settings import SubmissionSettings
    from eilbote.errors import (
        AccessError,
        AddressError,
        AlreadySubmittedError,
        AttachmentError,
        AuthenticationError,
        ConfigurationError,
        ConflictError,
        ConnectError,
        ConnectionDisabledError,
        ConnectionNotFoundError,
        DeliveryError,
        DeliveryTimeoutError,
        DisconnectedError,
        DraftError,
        Durability,
        EilboteError,
        EntryNotFoundError,
        ExtensionError,
        FlowError,
        FlowNotFoundError,
        ForbiddenError,
        HeaderError,
        IllegalTransitionError,
        InDoubtError,
        InstanceNotFoundError,
        LeaseLostError,
        LocalProtocolError,
        NoRecipientsError,
        NotFoundError,
        OutboxError,
        OutboxSchemaError,
        OutboxUnavailableError,
        PlaceholderError,
        ProcessError,
        ProcessNotFoundError,
        ProtocolError,
        ProviderNotFoundError,
        RecipientsRefusedError,
        RemoteProtocolError,
        RouteError,
        RouteNotFoundError,
        RunNotFoundError,
        Scope,
        SecretKeyError,
        SettingsError,
        SignInError,
        SuppressedError,
        TemplateError,
        ThrottledError,
        TLSError,
        TokenError,
        UnreadableEntryError,
        UriError,
    )
    from eilbote.model.address import Group, Mailbox, parse_address_list, parse_mailbox
    from eilbote.model.attachment import Attachment
    from eilbote.model.attempt import Attempt, Event, EventKind, Outcome
    from eilbote.model.clock import Clock
    from eilbote.model.credentials import AccessToken, Anonymous, Credentials, Password
    from eilbote.model.draft import Draft, Priority
    from eilbote.model.envelope import DsnRequest, Envelope, Notify, Return
    from eilbote.model.ids import CourierId, EntryId, IdSource, entry_id_text, read_entry_id
    from eilbote.model.invitation import Invitation, Method
    from eilbote.model.mail_protocol import MailProtocol
    from eilbote.model.message import BodyKind, Message, OctetSource
    from eilbote.model.moment import Moment, as_datetime, moment_of
    from eilbote.model.oauth2 import (
        ClientCredentialsGrant,
        Grant,
        OAuth2,
        ProvidedToken,
        RefreshTokenGrant,
        ServiceAccountGrant,
    )
    from eilbote.model.receipt import Receipt, RecipientResult
    from eilbote.model.receipt_dict import ReceiptDict, receipt_dict
    from eilbote.model.secret import Secret
    from eilbote.model.severity import Severity
    from eilbote.model.status import EnhancedStatusCode, EntryState, RecipientKind, RecipientStatus
    from eilbote.model.submission import (
        InDoubtPolicy,
        PartialPolicy,
        Submission,
        SubmissionOptions,
        SubmissionResult,
    )
    from eilbote.model.timeouts import Timeouts
    from eilbote.model.tls import Security, TlsPolicy, TlsVersion
    from eilbote.nodes.email_notification import EmailNotification
    from eilbote.nodes.node_result import NodeResult
    from eilbote.nodes.send_smtp_email import SendSmtpEmail
    from eilbote.outbox.entry import Entry, EntryRecipient, History
    from eilbote.outbox.store import EntryFilter, OutboxFigures, Pause, Wish


_ROOMS = {
    "app": ("Eilbote",),
    "author.flow.run": ("RunStatus",),
    "author.flow.store": ("Awaits", "FlowVersion", "RunFilter", "StoredFlow"),
    "author.notification.event": ("EventData", "SystemEvent"),
    "author.notification.schedule": ("Quiet",),
    "author.notification.store": ("Raised",),
    "author.notification.subscription": ("Cadence", "Subscription"),
    "author.notification.telling": ("KeptEvent", "KeptTelling", "Telling"),
    "author.process.bundle": ("Bundle",),
    "author.process.instance": ("InstanceStatus",),
    "author.process.kept": ("InstanceFilter", "ProcessVersion", "StoredProcess"),
    "compose.dkim": ("DkimAlgorithm", "DkimSigner"),
    "compose.series_recipient": ("SeriesRecipient",),
    "config.config": ("Config", "CourierSettings", "EgressSettings", "RetentionSettings"),
    "connections.catalogue": ("lookup_service", "services"),
    "connections.connection": ("Connection", "Limits"),
    "connections.repository": ("ConnectionBook",),
    "connections.retry_policy": ("RetryPolicy",),
    "connections.service": ("Service", "ServiceLimits"),
    "deliver.delivery": ("Delivery",),
    "deliver.transport": ("Capabilities", "Transport"),
    "engine.file_transport": ("FileTransport",),
    "engine.flow_view": ("FlowRun", "FlowStep"),
    "engine.mailer": ("Mailer", "send_sync"),
    "engine.probe": ("Probe", "ReachablePort", "Step"),
    "engine.process.process_desk": ("MessageGiven",),
    "engine.process.process_view": ("ProcessInstance", "SentMail"),
    "engine.process.publish": ("PublicationError",),
    "engine.submission_settings": ("SubmissionSettings",),
    "errors": (
        *("AccessError", "ConflictError", "ForbiddenError", "NotFoundError", "SignInError"),
        *("SuppressedError", "ThrottledError"),
        *("AddressError", "AlreadySubmittedError", "AttachmentError", "AuthenticationError"),
        *("ConfigurationError", "ConnectError", "ConnectionDisabledError", "ConnectionNotFoundError"),
        *("DeliveryError", "FlowError", "FlowNotFoundError", "RunNotFoundError", "SecretKeyError"),
        *("DeliveryTimeoutError", "DisconnectedError", "DraftError", "Durability", "EilboteError"),
        *("EntryNotFoundError", "ExtensionError", "HeaderError", "IllegalTransitionError"),
        *("InDoubtError", "LeaseLostError", "LocalProtocolError", "NoRecipientsError"),
        *("OutboxError", "OutboxSchemaError", "OutboxUnavailableError", "PlaceholderError"),
        *("ProtocolError", "ProviderNotFoundError", "RecipientsRefusedError"),
        *("RemoteProtocolError", "Scope", "SettingsError", "TLSError", "TemplateError", "TokenError"),
        *("InstanceNotFoundError", "ProcessError", "ProcessNotFoundError"),
        *("RouteError", "RouteNotFoundError", "UnreadableEntryError", "UriError"),
    ),
    "model.address": ("Group", "Mailbox", "parse_address_list", "parse_mailbox"),
    "model.attachment": ("Attachment",),
    "model.attempt": ("Attempt", "Event", "EventKind", "Outcome"),
    "model.clock": ("Clock",),
    "model.credentials": ("AccessToken", "Anonymous", "Credentials", "Password"),
    "model.draft": ("Draft", "Priority"),
    "model.envelope": ("DsnRequest", "Envelope", "Notify", "Return"),
    "model.ids": ("CourierId", "EntryId", "IdSource", "entry_id_text", "read_entry_id"),
    "model.invitation": ("Invitation", "Method"),
    "model.mail_protocol": ("MailProtocol",),
    "model.message": ("BodyKind", "Message", "OctetSource"),
    "model.oauth2": (
        *("ClientCredentialsGrant", "Grant", "OAuth2", "ProvidedToken", "RefreshTokenGrant"),
        "ServiceAccountGrant",
    ),
    "model.moment": ("Moment", "as_datetime", "moment_of"),
    "model.receipt": ("Receipt", "RecipientResult"),
    "model.receipt_dict": ("ReceiptDict", "receipt_dict"),
    "model.secret": ("Secret",),
    "model.severity": ("Severity",),
    "model.status": ("EnhancedStatusCode", "EntryState", "RecipientKind", "RecipientStatus"),
    "model.submission": (
        *("InDoubtPolicy", "PartialPolicy", "Submission", "SubmissionOptions", "SubmissionResult"),
    ),
    "model.timeouts": ("Timeouts",),
    "model.tls": ("Security", "TlsPolicy", "TlsVersion"),
    "nodes.email_notification": ("EmailNotification",),
    "nodes.node_result": ("NodeResult",),
    "nodes.send_smtp_email": ("SendSmtpEmail",),
    "outbox.entry": ("Entry", "EntryRecipient", "History"),
    "outbox.store": ("EntryFilter", "OutboxFigures", "Pause", "Wish"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

# fmt: off
__all__ = [
    "AccessError", "AccessToken", "AddressError", "AlreadySubmittedError", "Anonymous", "Attachment",
    "AttachmentError", "Attempt", "AuthenticationError", "Awaits", "BodyKind", "Bundle", "Cadence",
    "Capabilities", "ClientCredentialsGrant", "Clock", "Config", "ConfigurationError", "ConflictError",
    "ConnectError", "Connection", "ConnectionBook", "ConnectionDisabledError", "ConnectionNotFoundError",
    "CourierId", "CourierSettings", "Credentials", "Delivery", "DeliveryError", "DeliveryTimeoutError",
    "DisconnectedError", "DkimAlgorithm", "DkimSigner", "Draft", "DraftError", "DsnRequest", "Durability",
    "EgressSettings", "Eilbote", "EilboteError", "EmailNotification", "EnhancedStatusCode", "Entry",
    "EntryFilter", "EntryId", "EntryNotFoundError", "EntryRecipient", "EntryState", "Envelope", "Event",
    "EventData", "EventKind", "ExtensionError", "FileTransport", "FlowError", "FlowNotFoundError", "FlowRun",
    "FlowStep", "FlowVersion", "ForbiddenError", "Grant", "Group", "HeaderError", "History", "IdSource",
    "IllegalTransitionError", "InDoubtError", "InDoubtPolicy", "InstanceFilter", "InstanceNotFoundError",
    "InstanceStatus", "Invitation", "KeptEvent", "KeptTelling", "LeaseLostError", "Limits",
    "LocalProtocolError", "MailProtocol", "Mailbox", "Mailer", "Message", "MessageGiven", "Method", "Moment",
    "NoRecipientsError", "NodeResult", "NotFoundError", "Notify", "OAuth2", "OctetSource", "OutboxError",
    "OutboxFigures", "OutboxSchemaError", "OutboxUnavailableError", "Outcome", "PartialPolicy", "Password",
    "Pause", "PlaceholderError", "Priority", "Probe", "ProcessError", "ProcessInstance", "ProcessNotFoundError",
    "ProcessVersion", "ProtocolError", "ProvidedToken", "ProviderNotFoundError", "PublicationError", "Quiet",
    "Raised", "ReachablePort", "Receipt", "ReceiptDict", "RecipientKind", "RecipientResult", "RecipientStatus",
    "RecipientsRefusedError", "RefreshTokenGrant", "RemoteProtocolError", "RetentionSettings", "RetryPolicy",
    "Return", "RouteError", "RouteNotFoundError", "RunFilter", "RunNotFoundError", "RunStatus", "Scope",
    "Secret", "SecretKeyError", "Security", "SendSmtpEmail", "SentMail", "SeriesRecipient", "Service",
    "ServiceAccountGrant", "ServiceLimits", "SettingsError", "Severity", "SignInError", "Step", "StoredFlow",
    "StoredProcess", "Submission", "SubmissionOptions", "SubmissionResult", "SubmissionSettings",
    "Subscription", "SuppressedError", "SystemEvent", "TLSError", "Telling", "TemplateError", "ThrottledError",
    "Timeouts", "TlsPolicy", "TlsVersion", "TokenError", "Transport", "UnreadableEntryError", "UriError",
    "Wish", "__version__", "as_datetime", "entry_id_text", "lookup_service", "moment_of", "parse_address_list",
    "parse_mailbox", "read_entry_id", "receipt_dict", "send_sync", "services",
]
# fmt: on


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
