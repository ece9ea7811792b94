"""What programs rely on in errors: their codes never change, whatever their classes are called."""

from __future__ import annotations

from collections.abc import Iterator

from eilbote.errors import EilboteError, SettingsError

CODES = {
    "EilboteError": "error",
    "DraftError": "draft",
    "AddressError": "address",
    "HeaderError": "header",
    "NoRecipientsError": "no_recipients",
    "AttachmentError": "attachment",
    "PlaceholderError": "placeholder",
    "TemplateError": "template",
    "SuppressedError": "suppressed",
    "ConfigurationError": "configuration",
    "ConnectionNotFoundError": "connection_not_found",
    "ConnectionDisabledError": "connection_disabled",
    "ProviderNotFoundError": "provider_not_found",
    "UriError": "uri",
    "RouteError": "route",
    "RouteNotFoundError": "route_not_found",
    "ProcessError": "process",
    "ProcessNotFoundError": "process_not_found",
    "InstanceNotFoundError": "instance_not_found",
    "FlowError": "flow",
    "FlowNotFoundError": "flow_not_found",
    "RunNotFoundError": "run_not_found",
    "SettingsError": "settings",
    "SecretKeyError": "secret_key",
    "NotFoundError": "not_found",
    "ConflictError": "conflict",
    "AccessError": "access",
    "SignInError": "sign_in",
    "ForbiddenError": "forbidden",
    "ThrottledError": "throttled",
    "DeliveryError": "delivery",
    "ConnectError": "connect",
    "DeliveryTimeoutError": "timeout",
    "TLSError": "tls",
    "AuthenticationError": "authentication",
    "TokenError": "token",
    "ExtensionError": "extension",
    "DisconnectedError": "disconnected",
    "InDoubtError": "in_doubt",
    "ProtocolError": "protocol",
    "LocalProtocolError": "local_protocol",
    "RemoteProtocolError": "remote_protocol",
    "OutboxError": "outbox",
    "EntryNotFoundError": "entry_not_found",
    "IllegalTransitionError": "illegal_transition",
    "LeaseLostError": "lease_lost",
    "AlreadySubmittedError": "already_submitted",
    "OutboxUnavailableError": "outbox_unavailable",
    "OutboxSchemaError": "outbox_schema",
    "UnreadableEntryError": "unreadable_entry",
    "RecipientsRefusedError": "recipients_refused",
}


def public(kind: type[EilboteError]) -> Iterator[type[EilboteError]]:
    if kind.__module__ == "eilbote.errors":
        yield kind
    for each in kind.__subclasses__():
        yield from public(each)


def test_every_error_has_the_code_that_programs_know() -> None:
    assert {kind.__name__: kind.code for kind in public(EilboteError)} == CODES


def test_an_error_that_refines_another_keeps_its_code() -> None:
    class UsageError(SettingsError):
        pass

    assert UsageError.code == "settings"
