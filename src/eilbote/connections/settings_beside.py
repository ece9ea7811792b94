"""The settings that may stand beside a URI or a service, as keywords of a program."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from eilbote.connections.allowed_senders import read_allowed_senders
from eilbote.connections.fields import read_protocol
from eilbote.connections.limits import Limits
from eilbote.connections.retry_policy import RetryPolicy
from eilbote.connections.security import read_port, read_security
from eilbote.connections.setting_kinds import check_settings
from eilbote.connections.stated import Stated
from eilbote.model.address import Mailbox
from eilbote.model.credentials import Credentials
from eilbote.model.mail_protocol import MailProtocol
from eilbote.model.secret import Secret
from eilbote.model.timeouts import Timeouts
from eilbote.model.tls import Security, TlsPolicy


class Settings(TypedDict, total=False):
    """The settings that may stand beside a URI or a service; each means what it means to a connection.

    ``None`` means that nothing is said.
    ``user``, ``password``, ``access_token`` and ``domain`` are the credentials in parts, ``from_name`` is the display
    name of ``default_from``. ``credentials`` are the same in one piece, and the only way to give a function that gets tokens.
    """

    host: str | None
    port: int | str | None
    security: Security | str | None
    user: str | None
    password: str | Secret | None
    access_token: str | Secret | None
    domain: str | None
    default_from: str | Mailbox | None
    from_name: str | None
    allowed_senders: str | Iterable[str] | None
    name: str | None
    ehlo_name: str | None
    mechanism: str | None
    tls: TlsPolicy | None
    timeouts: Timeouts | None
    limits: Limits | None
    retry: RetryPolicy | None
    chunking_window: int | None
    pipelining: bool | None
    allow_clear_authentication: bool | None
    credentials: Credentials | None
    protocol: MailProtocol | str | None
    verify_recipients: bool | None


def stated_of(settings: Settings) -> Stated:
    """Give what keywords say.

    Raises:
        SettingsError: One is unknown or of the wrong kind, or its value cannot be used.
    """
    check_settings(settings)
    port, security = settings.get("port"), settings.get("security")
    password, token = settings.get("password"), settings.get("access_token")
    return Stated(
        host=settings.get("host") or "",
        port=None if port is None else read_port(port),
        security=None if security is None else read_security(security),
        user=settings.get("user") or "",
        password=Secret(password) if password else None,
        access_token=Secret(token) if token else None,
        domain=settings.get("domain") or "",
        default_from=settings.get("default_from"),
        from_name=settings.get("from_name") or "",
        allowed_senders=read_allowed_senders(settings.get("allowed_senders")),
        name=settings.get("name") or "",
        ehlo_name=settings.get("ehlo_name"),
        mechanism=settings.get("mechanism"),
        tls=settings.get("tls"),
        timeouts=settings.get("timeouts"),
        limits=settings.get("limits"),
        retry=settings.get("retry"),
        chunking_window=settings.get("chunking_window"),
        pipelining=settings.get("pipelining"),
        allow_clear_authentication=settings.get("allow_clear_authentication"),
        credentials=settings.get("credentials"),
        protocol=read_protocol(settings.get("protocol") or MailProtocol.SMTP),
        verify_recipients=settings.get("verify_recipients"),
    )
