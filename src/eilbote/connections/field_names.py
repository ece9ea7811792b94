"""What the fields of a connection are called: by us, and by the forms and files of others."""

from __future__ import annotations

import re
from collections.abc import Iterable

NAMES: dict[str, tuple[str, ...]] = {
    "uri": ("uri", "url", "smtpUri", "smtpUrl"),
    "service": ("service", "emailService", "emailServiceType", "provider"),
    "host": ("host", "hostname", "server", "smtpHost", "smtpServer"),
    "port": ("port", "smtpPort"),
    "security": ("security", "tlsOption", "tlsRequired", "encryption", "connectionType"),
    "secure": ("secure",),
    "secure_connection": ("enableSecureConnection", "useTls", "useTlsEncryption", "enableSsl", "useSsl"),
    "require_tls": ("requireTls",),
    "ignore_tls": ("ignoreTls",),
    "auth_type": ("authType", "authentication"),
    "user": ("user", "username", "login", "smtpUser", "smtpUsername"),
    "password": ("password", "pass", "smtpPassword"),
    "access_token": ("accessToken", "token"),
    "domain": ("domain", "smtpDomain"),
    "default_from": ("from", "fromAddress", "defaultFrom", "defaultFromAddress", "sender", "senderAddress"),
    "from_name": ("fromName", "fromDisplayName", "defaultFromDisplayName", "displayName", "senderName"),
    "allowed_senders": ("allowedSenders", "allowedFrom", "allowedFromAddresses"),
    "name": ("name", "connectionName"),
    "ehlo_name": ("ehloName", "heloName", "ehlo"),
    "mechanism": ("mechanism", "authMethod"),
    "timeout": ("timeout", "timeoutSeconds"),
    "verify": ("verify", "verifyCertificate", "rejectUnauthorized"),
    "ignore_tls_errors": ("ignoreTlsErrors", "ignoreCertificateErrors"),
    "ca_file": ("caFile", "ca"),
    "client_certificate": ("clientCertificate", "cert"),
    "client_key": ("clientKey", "key"),
    "client_key_password": ("clientKeyPassword",),
    "minimum_version": ("minimumTlsVersion", "minimumVersion", "tlsVersion"),
    "server_name": ("serverName",),
    "max_sessions": ("maxSessions", "maxConnections", "pool"),
    "messages_per_second": ("messagesPerSecond", "rate"),
    "messages_per_minute": ("messagesPerMinute",),
    "messages_per_day": ("messagesPerDay",),
    "retry_first_seconds": ("retryFirstSeconds",),
    "retry_factor": ("retryFactor",),
    "retry_cap_seconds": ("retryCapSeconds",),
    "retry_lifetime_seconds": ("retryLifetimeSeconds", "lifetimeSeconds"),
    "retry_jitter": ("retryJitter",),
    "chunking_window": ("chunkingWindow", "window"),
    "pipelining": ("pipelining",),
    "allow_clear_authentication": ("allowClearAuthentication",),
    "client_id": ("clientId", "oauth2ClientId"),
    "client_secret": ("clientSecret", "oauth2ClientSecret"),
    "refresh_token": ("refreshToken",),
    "expiry_date": ("expiryDate", "expires", "expiryDateUnixTimestamp"),
    "access_url": ("accessUrl", "tokenUrl", "tokenAccessUrl", "accessTokenUrl", "tokenEndpoint"),
    "scope": ("scope", "scopes"),
    "grant": ("grant", "grantType"),
    "tenant": ("tenant", "tenantId"),
    "service_account": ("serviceAccount", "serviceAccountKey"),
    "private_key": ("privateKey",),
    "issuer": ("issuer", "clientEmail", "serviceClient"),
    "key_id": ("keyId", "privateKeyId"),
    "protocol": ("protocol", "transport"),
    "verify_recipients": ("verifyRecipients", "vrfy"),
}
"""Our name of each field, and the names it may be written under."""

SECRET_NAMES = frozenset(
    {
        "password",
        "access_token",
        "refresh_token",
        "client_secret",
        "service_account",
        "private_key",
        "client_key_password",
    }
)
"""Those of them that nobody may see. A ``uri`` is one as well as long as it holds a password."""


def plain_form(name: str) -> str:
    """Give a name in the form in which names are compared: small letters without blanks, underscores and hyphens."""
    return re.sub(r"[\s_-]", "", name).lower()


_OURS = {plain_form(written): ours for ours, all_of_them in NAMES.items() for written in (ours, *all_of_them)}


def our_name(written: str) -> str | None:
    """Give our name of a field, whatever the case and punctuation it is written in; ``None`` when there is no such field."""
    return _OURS.get(plain_form(written))


def as_written(field: str | None, given: Iterable[object]) -> str | None:
    """Give the name under which a faulty field was written, for whoever filled in a form with names of its own."""
    ours = (field or "").rpartition(".")[2]
    # Names that are no text are what the fault may be about; they are not looked up.
    names = (name for name in given if isinstance(name, str)) if field else ()
    return next((name for name in names if our_name(name) == ours), field)
