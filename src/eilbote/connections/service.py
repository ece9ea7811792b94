"""A service of the catalogue: where it takes mail, and what people stumble over there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.connections.host import is_loopback

if TYPE_CHECKING:
    from eilbote.model.tls import Security


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLimits:
    """What a provider publishes about its limits; ``None`` where it says nothing.

    Attributes:
        source: Where that is written.
        recipients_per_message: Recipients of one message.
        recipients_per_day: Recipients of all messages of a day.
        messages_per_day: Messages a day.
        messages_per_minute: Messages a minute.
        sessions: Sessions open at the same time.
        message_size: Octets of a whole message, as sent.
        unconfirmed: Nobody has checked these against the source; they are shown and steer nothing.
    """

    source: str
    recipients_per_message: int | None = None
    recipients_per_day: int | None = None
    messages_per_day: int | None = None
    messages_per_minute: int | None = None
    sessions: int | None = None
    message_size: int | None = None
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One table of ``providers.toml``, where the fields are explained to those who add one.

    Attributes:
        name: The name shown to people.
        host: Where it takes submissions.
        port: On which port.
        security: How the session is protected there.
        aliases: Further names.
        domains: Mail domains whose owners send through it.
        mechanism: The SASL mechanism its passwords need; ``None`` for the best common one.
        user: The user name everybody uses; ``None`` when each has an own one.
        app_password: The account's own password is refused.
        from_must_equal_user: From must be the account's address or an alias of it.
        oauth2_only: Passwords are refused altogether.
        passwords_end: Passwords are being switched off, so a new connection is better made with OAuth2.
        catcher: It takes mail for tests and delivers none.
        unconfirmed: Why the entry may be out of date; empty when it is not in doubt.
        note: What else to know.
        limits: What the provider publishes about its limits.
    """

    name: str
    host: str
    port: int
    security: Security
    aliases: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    mechanism: str | None = None
    user: str | None = None
    app_password: bool = False
    from_must_equal_user: bool = False
    oauth2_only: bool = False
    passwords_end: bool = False
    catcher: bool = False
    unconfirmed: str = ""
    note: str = ""
    limits: ServiceLimits | None = None

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine, so that its host and port are only what it starts with."""
        return is_loopback(self.host)

    @property
    def needs_login(self) -> bool:
        """Whether it is known to take mail only from those who log in; a relay may know its senders by address."""
        named = self.app_password or self.oauth2_only or self.from_must_equal_user or self.user is not None
        return named and not self.is_local
