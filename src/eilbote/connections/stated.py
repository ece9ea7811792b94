"""What somebody said about a connection, before anything is decided; ``None`` and blank mean: not said."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from eilbote.connections.security import ANY_SECURITY
from eilbote.model.mail_protocol import MailProtocol

if TYPE_CHECKING:
    from eilbote.connections.expiry import Expiry
    from eilbote.connections.limits import Limits
    from eilbote.connections.retry_policy import RetryPolicy
    from eilbote.model.address import Mailbox
    from eilbote.model.credentials import Credentials
    from eilbote.model.secret import Secret
    from eilbote.model.timeouts import Timeouts
    from eilbote.model.tls import Security, TlsPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """The settings of a connection in their own types, wherever they were written.

    ``allowed`` holds the protection modes that switches such as ``secure`` leave possible when no word names one;
    ``timeout``, ``max_sessions``, ``messages_per_...`` and ``retry_...`` refine ``timeouts``, ``limits`` and ``retry``; the
    other fields are those of a connection, with the credentials in parts, unless ``credentials`` holds them whole.
    """

    service: str = ""
    host: str = ""
    port: int | None = None
    security: Security | None = None
    allowed: frozenset[Security] = ANY_SECURITY
    user: str = ""
    password: Secret | None = None
    access_token: Secret | None = None
    domain: str = ""
    default_from: str | Mailbox | None = None
    from_name: str = ""
    allowed_senders: tuple[str, ...] = ()
    name: str = ""
    ehlo_name: str | None = None
    mechanism: str | None = None
    tls: TlsPolicy | None = None
    timeouts: Timeouts | None = None
    timeout: float | None = None
    limits: Limits | None = None
    max_sessions: int | None = None
    messages_per_second: float | None = None
    messages_per_minute: int | None = None
    messages_per_day: int | None = None
    retry: RetryPolicy | None = None
    retry_first_seconds: float | None = None
    retry_factor: float | None = None
    retry_cap_seconds: float | None = None
    retry_lifetime_seconds: float | None = None
    retry_jitter: float | None = None
    chunking_window: int | None = None
    pipelining: bool | None = None
    allow_clear_authentication: bool | None = None
    credentials: Credentials | None = None
    client_id: str = ""
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    expiry: Expiry | None = None
    access_url: str = ""
    scope: str = ""
    grant: str = ""
    tenant: str = ""
    service_account: Secret | None = None
    private_key: Secret | None = None
    issuer: str = ""
    key_id: str = ""
    protocol: MailProtocol = MailProtocol.SMTP
    verify_recipients: bool | None = None

    def said(self) -> frozenset[str]:
        """Name the fields that say something."""
        return frozenset(
            item.name for item in fields(self) if getattr(self, item.name) not in (None, "", item.default)
        )

    def with_(self, other: Stated) -> Stated:
        """Give these settings with what ``other`` says put over them."""
        return replace(self, **{name: getattr(other, name) for name in other.said()})
