"""An SMTP connection: which server, how protected, as whom, and how hard (RFC 6409, RFC 8314)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Unpack

from eilbote.connections.advice import advice_on_mechanism, advice_on_protection, advice_on_service
from eilbote.connections.allowed_senders import check_sender, read_allowed_senders
from eilbote.connections.catalogue import lookup_service
from eilbote.connections.endpoint import endpoint_of
from eilbote.connections.fields import as_written, read_fields, read_protocol, read_uri
from eilbote.connections.fingerprint import fingerprint
from eilbote.connections.host import read_ehlo_name, read_host
from eilbote.connections.limits import Limits
from eilbote.connections.login import check_credentials, check_login, login_of, read_mechanism
from eilbote.connections.retry_policy import RetryPolicy
from eilbote.connections.security import HTTPS_PORT, default_port, read_port, read_security, security_of
from eilbote.connections.sender import read_default_from
from eilbote.connections.setting_kinds import check_kinds
from eilbote.connections.settings_beside import Settings, stated_of
from eilbote.errors import ConfigurationError, DraftError, SettingsError
from eilbote.model.address import Mailbox
from eilbote.model.credentials import Anonymous, Credentials, Password
from eilbote.model.kinds import check_kind, shown
from eilbote.model.mail_protocol import MailProtocol
from eilbote.model.timeouts import Timeouts
from eilbote.model.tls import Security, TlsPolicy

if TYPE_CHECKING:
    from eilbote.connections.service import Service
    from eilbote.connections.stated import Stated

__all__ = ["Connection", "Limits", "Settings"]

_WIDEST_WINDOW = 1000


@dataclass(frozen=True, slots=True, kw_only=True, init=False)
class Connection:
    """Everything needed to reach one SMTP server; a value, nothing is opened.

    Attributes:
        host: Name or IP address of the server.
        port: Its TCP port; by default 465 for ``tls``, 587 for ``starttls``, 25 for ``none``.
        security: How the session is protected; never weakened at run time. By default the mode of the port, and
            ``none`` towards this machine.
        credentials: As whom; :class:`Anonymous` for a server that asks for nothing.
        name: What people call this connection.
        service: The catalogue's name of the service, if it came from there.
        default_from: The author of messages that name none.
        allowed_senders: The From addresses that messages may have, and domains as ``@example.org``; any when there are none.
        ehlo_name: What to call this machine in EHLO; its address literal when ``None``.
        tls: Whom to trust.
        timeouts: How long to wait.
        limits: How hard to press.
        retry: When the outbox tries again what was not taken, and when it gives up.
        chunking_window: With CHUNKING: 0 never uses BDAT, 1 waits for each chunk's reply, more sends ahead.
        pipelining: Whether PIPELINING is used where the server has it.
        allow_clear_authentication: Whether a password may travel on an unencrypted session to another machine.
        mechanism: The only SASL mechanism to use; the best common one when ``None``.
        protocol: What is spoken with it.
        public_only: Whether it may only lead to public addresses, because an organization chose the server: nobody
            looks into the administrator's own network through a mail setting.
        verify_recipients: Whether a test of this connection also asks for recipients by VRFY (RFC 5321 §3.5.1).
        unused: What was said and is not used, or not as it was written, one sentence each.

    Raises:
        SettingsError: A setting cannot be used, with its field and the remedy.
    """

    host: str
    port: int
    security: Security
    credentials: Credentials
    name: str
    service: str | None
    default_from: Mailbox | None
    allowed_senders: tuple[str, ...]
    ehlo_name: str | None
    tls: TlsPolicy
    timeouts: Timeouts
    limits: Limits
    retry: RetryPolicy
    chunking_window: int
    pipelining: bool
    allow_clear_authentication: bool
    mechanism: str | None
    protocol: MailProtocol
    verify_recipients: bool
    public_only: bool
    unused: tuple[str, ...]

    def __init__(
        self,
        *,
        host: str,
        port: int | str | None = None,
        security: Security | str | None = None,
        credentials: Credentials = Anonymous(),  # noqa: B008 - a frozen value without fields
        name: str = "",
        service: str | None = None,
        default_from: str | Mailbox | None = None,
        allowed_senders: str | Iterable[str] = (),
        ehlo_name: str | None = None,
        tls: TlsPolicy = TlsPolicy(),  # noqa: B008 - a frozen value
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - a frozen value
        limits: Limits = Limits(),  # noqa: B008 - a frozen value
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - a frozen value
        chunking_window: int = 1,
        pipelining: bool = True,
        allow_clear_authentication: bool = False,
        mechanism: str | None = None,
        protocol: MailProtocol | str = MailProtocol.SMTP,
        verify_recipients: bool = False,
        public_only: bool = False,
        unused: tuple[str, ...] = (),
    ) -> None:
        put = object.__setattr__
        check_kinds(
            name=name,
            service=service,
            tls=tls,
            timeouts=timeouts,
            limits=limits,
            retry=retry,
            pipelining=pipelining,
            allow_clear_authentication=allow_clear_authentication,
            verify_recipients=verify_recipients,
            public_only=public_only,
            unused=unused,
        )
        spoken = read_protocol(protocol)
        if spoken is MailProtocol.GRAPH:
            port, security = HTTPS_PORT if port is None else port, security or Security.TLS
        server = read_host(host)
        number = None if port is None else read_port(port)
        mode = security_of(host=server, port=number) if security is None else read_security(security)
        put(self, "host", server)
        put(self, "port", default_port(mode) if number is None else number)
        put(self, "security", mode)
        put(self, "credentials", check_credentials(credentials, protocol=spoken))
        put(self, "name", name)
        put(self, "service", lookup_service(service).name if service else None)
        put(self, "default_from", read_default_from(default_from))
        put(self, "allowed_senders", read_allowed_senders(allowed_senders))
        _check_default_from(self)
        put(self, "ehlo_name", read_ehlo_name(ehlo_name) if ehlo_name else None)
        put(self, "tls", _check_tls(tls))
        put(self, "timeouts", timeouts)
        put(self, "limits", limits)
        put(self, "retry", retry)
        put(self, "chunking_window", _check_window(chunking_window))
        put(self, "pipelining", pipelining)
        put(self, "allow_clear_authentication", allow_clear_authentication)
        put(self, "mechanism", read_mechanism(mechanism, credentials) if mechanism else None)
        put(self, "protocol", spoken)
        put(self, "verify_recipients", verify_recipients)
        put(self, "public_only", public_only)
        put(self, "unused", unused)

    @classmethod
    def from_uri(cls, uri: str, **settings: Unpack[Settings]) -> Connection:
        """Read a URI such as ``smtps://user:password@mail.example.com``; what ``settings`` say goes before it.

        A password in the URI belongs to the user in the URI: another ``user`` needs an own ``password``.

        Raises:
            UriError: The URI cannot be used; neither user name nor password is shown.
            SettingsError: A setting beside it is missing or wrong.
        """
        inside, beside = read_uri(uri), stated_of(settings)
        if beside.user and beside.user != inside.user:
            inside = replace(inside, password=None)
        return _connection(inside.with_(beside))

    @classmethod
    def from_service(cls, service: str, **settings: Unpack[Settings]) -> Connection:
        """Connect to a service of the catalogue, found by name, alias, mail domain or the user's address.

        The service fixes host, port and security. Its published limits hold unless ``limits`` says otherwise.

        Raises:
            ProviderNotFoundError: The catalogue has no such service.
            SettingsError: A setting is missing, wrong, or names another host.
        """
        check_kind(service, (str,), field="service", fault=SettingsError)
        return _connection(replace(stated_of(settings), service=service))

    @classmethod
    def from_fields(cls, fields: Mapping[str, object]) -> Connection:
        """Read named fields, as a form or a configuration file holds them, under any name in use for them.

        A fault names the field as it was written.

        Raises:
            SettingsError: A field is unknown, missing, wrong, or contradicts another.
            UriError: The field ``uri`` cannot be used.
            ProviderNotFoundError: The catalogue has no such service.
        """
        try:
            return _connection(read_fields(fields))
        except ConfigurationError as fault:
            if isinstance(fields, Mapping):
                fault.field = as_written(fault.field, fields)
            raise

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an administrator should know about these settings, one sentence or two each; empty when all is well."""
        return (
            *self.unused,
            *advice_on_protection(
                host=self.host,
                port=self.port,
                security=self.security,
                tls=self.tls,
                credentials=self.credentials,
                allow_clear_authentication=self.allow_clear_authentication,
                protocol=self.protocol,
            ),
            *advice_on_mechanism(self.mechanism, self.credentials),
            *(
                advice_on_service(lookup_service(self.service), self.credentials, self.default_from)
                if self.service
                else ()
            ),
        )

    def fingerprint(self) -> str:
        """Name these settings: equal for equal settings within this process, and telling nothing about them.

        Sessions are shared by fingerprint, so that a session opened with one password, TLS policy or server is
        never used for another.
        """
        return fingerprint(*(getattr(self, item.name) for item in fields(self) if item.name != "unused"))


def _connection(stated: Stated) -> Connection:
    """Decide what the settings leave open and make the connection."""
    endpoint = endpoint_of(stated)
    service = endpoint.service
    credentials, notes = login_of(stated, endpoint)
    if service is not None:
        check_login(service, credentials)
    mechanism = stated.mechanism
    if mechanism is None and service is not None and isinstance(credentials, Password):
        mechanism = service.mechanism
    return Connection(
        host=endpoint.host,
        port=endpoint.port,
        security=endpoint.security,
        credentials=credentials,
        name=stated.name,
        service=service.name if service else None,
        default_from=read_default_from(stated.default_from, stated.from_name),
        allowed_senders=stated.allowed_senders,
        ehlo_name=stated.ehlo_name,
        tls=stated.tls or TlsPolicy(),
        timeouts=_timeouts(stated),
        limits=_limits(stated, service),
        retry=_retry(stated),
        chunking_window=1 if stated.chunking_window is None else stated.chunking_window,
        pipelining=stated.pipelining is not False,
        allow_clear_authentication=stated.allow_clear_authentication is True,
        mechanism=mechanism,
        protocol=stated.protocol,
        verify_recipients=stated.verify_recipients is True,
        unused=(*endpoint.unused, *notes),
    )


def _timeouts(stated: Stated) -> Timeouts:
    timeouts = stated.timeouts or Timeouts()
    if stated.timeout is None:
        return timeouts
    return replace(timeouts, connect=stated.timeout, greeting=stated.timeout, command=stated.timeout)


def _limits(stated: Stated, service: Service | None) -> Limits:
    limits = stated.limits or limits_of(service)
    if stated.max_sessions is not None:
        limits = replace(limits, max_sessions=stated.max_sessions)
    if stated.messages_per_second is not None:
        limits = replace(limits, messages_per_second=stated.messages_per_second)
    if stated.messages_per_minute is not None:
        limits = replace(limits, messages_per_minute=stated.messages_per_minute)
    if stated.messages_per_day is not None:
        limits = replace(limits, messages_per_day=stated.messages_per_day)
    return limits


def _retry(stated: Stated) -> RetryPolicy:
    retry = stated.retry or RetryPolicy()
    changes = {
        "first_seconds": stated.retry_first_seconds,
        "factor": stated.retry_factor,
        "cap_seconds": stated.retry_cap_seconds,
        "lifetime_seconds": stated.retry_lifetime_seconds,
        "jitter": stated.retry_jitter,
    }
    return replace(retry, **{name: value for name, value in changes.items() if value is not None})


def limits_of(service: Service | None) -> Limits:
    """Keep to what a provider publishes, as far as it was checked; never press harder than without it."""
    default = Limits()
    published = service.limits if service else None
    if published is None or published.unconfirmed:
        return default
    per_minute = published.messages_per_minute
    return replace(
        default,
        max_sessions=min(default.max_sessions, published.sessions or default.max_sessions),
        max_recipients=min(
            default.max_recipients, published.recipients_per_message or default.max_recipients
        ),
        messages_per_second=per_minute / 60 if per_minute else None,
        messages_per_minute=per_minute,
        messages_per_day=published.messages_per_day,
    )


def _check_tls(policy: TlsPolicy) -> TlsPolicy:
    if policy.client_key is not None and policy.client_certificate is None:
        raise SettingsError(
            "a client key is given without its certificate",
            field="tls.client_certificate",
            remedy="Give the PEM file of the certificate as well",
        )
    return policy


def _check_default_from(connection: Connection) -> None:
    if connection.default_from is None:
        return
    try:
        check_sender(connection.default_from, connection.allowed_senders)
    except DraftError as fault:
        raise SettingsError(
            "the default From address is none of the senders that are allowed",
            field="allowed_senders",
            cause=fault.cause,
            remedy="Add it to 'allowed_senders', or give another default From address",
        ) from None


def _check_window(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _WIDEST_WINDOW:
        raise SettingsError(
            f"{shown(value)} is not a chunking window",
            field="chunking_window",
            remedy=f"Give 0 to never use BDAT, 1 to wait for every chunk, or up to {_WIDEST_WINDOW} to send ahead",
        )
    return value
