"""The settings of the server's parts, each part a table of ``eilbote.toml``: server, relay, bounces, mailbox, sign-in, and the rest.

A part whose first setting is empty is switched off. Secrets may stand in a file that ``EILBOTE_<PART>__<SETTING>_FILE`` names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from eilbote.config.setting_bounds import LARGEST_PORT, check_range, listen_addresses, networks
from eilbote.connections.allowed_senders import read_allowed_senders
from eilbote.errors import AddressError, SettingsError
from eilbote.model.address import parse_mailbox
from eilbote.model.secret import Secret

if TYPE_CHECKING:
    from eilbote.config.setting_bounds import ListenAddress
    from eilbote.net.egress import Network

_KIBIBYTE: Final = 1024
_MEBIBYTE: Final = 1024 * _KIBIBYTE
_LONGEST_NAME: Final = 253
_MAILBOX_PROTECTIONS: Final = frozenset({"tls", "starttls", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """How ``eilbote serve`` is reached over HTTP.

    Attributes:
        listen: Where it listens; several with blanks or commas between them. Port 0 takes a free one.
        trusted_proxies: Networks of proxies whose ``X-Forwarded-For`` is believed: whose sign-ins are slowed down, and what the
            audit book tells, goes by it. Nothing else that a request claims about whence it comes is believed.
        drain_seconds: How long ``/readyz`` says no, when the server is told to stop, before nothing new is taken: time for a load
            balancer to look elsewhere.
        grace_seconds: How long requests that are being answered may finish then.
        largest_request: Octets a request to the API may bring along; a message with attachments in Base64 needs a third more
            than the message.
        most_connections: How many may be open at a time; further ones are told to come again.
    """

    listen: str = "127.0.0.1:8025"
    trusted_proxies: str = ""
    drain_seconds: float = 0.0
    grace_seconds: float = 10.0
    largest_request: int = 70 * _MEBIBYTE
    most_connections: int = 512

    def __post_init__(self) -> None:
        """Refuse what nobody could be served with."""
        if not self.addresses:
            raise SettingsError(
                "the server has to listen somewhere",
                field="server.listen",
                remedy="Give an address such as 127.0.0.1:8025",
            )
        networks("server.trusted_proxies", self.trusted_proxies)
        check_range("server.drain_seconds", self.drain_seconds, 0, 600, "seconds")
        check_range("server.grace_seconds", self.grace_seconds, 0, 3600, "seconds")
        check_range(
            "server.largest_request", self.largest_request, 256 * _KIBIBYTE, 2048 * _MEBIBYTE, "octets"
        )
        check_range("server.most_connections", self.most_connections, 8, 100_000, "connections")

    @property
    def addresses(self) -> tuple[ListenAddress, ...]:
        """Where it listens."""
        return listen_addresses("server.listen", self.listen, example="127.0.0.1:8025")

    @property
    def proxies(self) -> tuple[Network, ...]:
        """Whose word about whence a request comes is believed."""
        return networks("server.trusted_proxies", self.trusted_proxies)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySettings:
    """How existing systems hand in mail over SMTP; switched off while nothing listens.

    Attributes:
        listen: Where it listens in clear and offers STARTTLS if there is a certificate; with blanks or commas between them.
        listen_tls: Where it speaks TLS from the first octet.
        tls_certificate: A PEM file with the certificate and those that lead to its issuer.
        tls_key: The PEM file of its key; empty when that stands in the same file.
        connection: Through which connection all its mail leaves; the default of the client's organization when it is empty.
        host_name: What the relay calls itself; the machine's name when it is empty.
        largest_message: Octets a message may have that is handed in.
        most_recipients: How many recipients a message may have.
        most_sessions: How many sessions may be open at a time.
        idle_seconds: How long a client may keep silent.
    """

    listen: str = ""
    listen_tls: str = ""
    tls_certificate: str = ""
    tls_key: str = ""
    connection: str = ""
    host_name: str = ""
    largest_message: int = 50 * _MEBIBYTE
    most_recipients: int = 1000
    most_sessions: int = 200
    idle_seconds: float = 300.0

    def __post_init__(self) -> None:
        """Refuse what no relay could work with."""
        _ = self.addresses
        if self.tls_addresses and not self.tls_certificate:
            raise SettingsError(
                "there is no certificate for TLS",
                field="relay.tls_certificate",
                cause="relay.listen_tls says where TLS is spoken",
                remedy="Name a PEM file, or leave relay.listen_tls empty",
            )
        if self.tls_key and not self.tls_certificate:
            raise SettingsError(
                "there is a key and no certificate",
                field="relay.tls_certificate",
                remedy="Name the PEM file of the certificate that relay.tls_key belongs to",
            )
        _check_host_name("relay.host_name", self.host_name)
        check_range("relay.largest_message", self.largest_message, 10_000, 1024 * _MEBIBYTE, "octets")
        check_range("relay.most_recipients", self.most_recipients, 100, 100_000, "recipients")
        check_range("relay.most_sessions", self.most_sessions, 1, 100_000, "sessions")
        check_range("relay.idle_seconds", self.idle_seconds, 10, 3600, "seconds")

    @property
    def addresses(self) -> tuple[ListenAddress, ...]:
        """Where it listens in clear."""
        return listen_addresses("relay.listen", self.listen, example="127.0.0.1:2525")

    @property
    def tls_addresses(self) -> tuple[ListenAddress, ...]:
        """Where it speaks TLS from the first octet."""
        return listen_addresses("relay.listen_tls", self.listen_tls, example="127.0.0.1:4650")

    @property
    def is_on(self) -> bool:
        """Tell whether it listens anywhere."""
        return bool(self.addresses or self.tls_addresses)


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceSettings:
    """Where servers send word of mail that they could not deliver (RFC 3464).

    Attributes:
        address: Messages leave with it as their reverse-path, with a token of the message behind a plus sign:
            ``bounces@example.org`` becomes ``bounces+TOKEN@example.org``. Mail to it has to reach the relay, the API or the
            mailbox. Empty: messages keep their author's address there.
    """

    address: str = ""

    def __post_init__(self) -> None:
        """Refuse what mail cannot come back to."""
        if not self.address:
            return
        try:
            mailbox = parse_mailbox(self.address, field="bounces.address")
            cause = "It has a name before it" if mailbox.display_name else None
        except AddressError as fault:
            mailbox, cause = None, fault.what
        if mailbox is None or cause:
            raise SettingsError(
                f"{self.address[:80]!r} is not an address",
                field="bounces.address",
                cause=cause,
                remedy="Give one such as bounces@example.org",
            )
        if "+" in mailbox.local_part:
            raise SettingsError(
                "the address has a plus sign already",
                field="bounces.address",
                cause="Behind it stands the token that tells which message came back",
                remedy="Give the address without it, such as bounces@example.org",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSettings:
    """A mailbox that is looked at by IMAP for bounces, and for replies that processes wait for; switched off without a host.

    Attributes:
        host: The server.
        port: Its port; 993 with ``tls``, 143 otherwise.
        security: ``tls`` from the first octet, ``starttls`` (upgraded, required), or ``none`` for tests.
        user: Who signs in.
        password: Their password.
        folder: Which folder is looked at.
        finished_folder: Where messages are moved that were looked at; they stay, marked as read, when it is empty.
        poll_seconds: How often it is looked at.
    """

    host: str = ""
    port: int = 993
    security: str = "tls"
    user: str = ""
    password: Secret | None = None
    folder: str = "INBOX"
    finished_folder: str = ""
    poll_seconds: float = 60.0

    def __post_init__(self) -> None:
        """Refuse what could not be looked at."""
        _check_host_name("mailbox.host", self.host)
        check_range("mailbox.port", self.port, 1, LARGEST_PORT, "as a port")
        check_range("mailbox.poll_seconds", self.poll_seconds, 5, 86_400, "seconds")
        if self.security not in _MAILBOX_PROTECTIONS:
            raise SettingsError(
                f"{self.security[:40]!r} is no protection",
                field="mailbox.security",
                remedy="Give tls, starttls, or none for tests",
            )
        if self.host and not (self.user and self.password):
            raise SettingsError(
                "nobody signs in to the mailbox",
                field="mailbox.password" if self.user else "mailbox.user",
                remedy="Give mailbox.user and mailbox.password, or leave mailbox.host empty",
            )
        if self.host and (not self.folder or self.folder == self.finished_folder):
            raise SettingsError(
                "the folder cannot be used",
                field="mailbox.folder",
                cause="Messages would be moved to where they are" if self.folder else None,
                remedy="Name the folder where messages arrive, such as INBOX",
            )

    @property
    def is_on(self) -> bool:
        """Tell whether there is a mailbox."""
        return bool(self.host)


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """Sign-in through a provider of OpenID Connect; switched off without an issuer.

    Attributes:
        issuer: The provider, as ``iss`` of its tokens names it: ``https://login.example.org/realm``.
        client_id: What the provider calls eilbote.
        client_secret: The password that belongs to it; none for a public client.
        label: What the button on the page of sign-in says.
        scopes: What is asked for, with blanks between; ``openid`` and ``email`` are needed.
        ca_file: A PEM file of authorities, when the provider's certificate is signed by none that everybody knows.
    """

    issuer: str = ""
    client_id: str = ""
    client_secret: Secret | None = None
    label: str = "Single sign-on"
    scopes: str = "openid email profile"
    ca_file: str = ""

    def __post_init__(self) -> None:
        """Refuse what nobody could sign in by."""
        if not self.issuer:
            return
        _check_issuer(self.issuer)
        if not self.client_id:
            raise SettingsError(
                "the provider does not know who asks",
                field="oidc.client_id",
                remedy="Give the id of the client that was registered with the provider",
            )
        if missing := {"openid", "email"} - set(self.scopes.split()):
            raise SettingsError(
                f"the scope {min(missing)} is not asked for",
                field="oidc.scopes",
                remedy="Give at least: openid email",
            )

    @property
    def is_on(self) -> bool:
        """Tell whether there is a provider."""
        return bool(self.issuer)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSettings:
    """Whether mail is kept to be looked at in place of being sent.

    Attributes:
        enabled: Every message ends in the outbox as captured, whatever its connection; nothing reaches a server. For
            development and for tests of flows.
        release: Addresses and domains (``@example.org``) to which somebody may have captured mail sent after all, with blanks or
            commas between them; empty for none.
    """

    enabled: bool = False
    release: str = ""

    def __post_init__(self) -> None:
        """Refuse what is neither an address nor a domain."""
        read_allowed_senders(self.release, field="capture.release")

    @property
    def released_to(self) -> tuple[str, ...]:
        """The addresses and domains, each in one form."""
        return read_allowed_senders(self.release, field="capture.release")


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSettings:
    """Who may read the figures at ``/metrics``.

    Attributes:
        allow: Networks that may without an API key, with blanks or commas between them. A request that came through a proxy is
            none of these.
    """

    allow: str = "127.0.0.0/8, ::1/128"

    def __post_init__(self) -> None:
        """Refuse what is no network."""
        networks("metrics.allow", self.allow)

    @property
    def allowed(self) -> tuple[Network, ...]:
        """Who may without a key."""
        return networks("metrics.allow", self.allow)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionSettings:
    """Which addresses get nothing any more because of what servers have said.

    Attributes:
        refused: Those that a server refused for good while it was talked to, as unknown or malformed (5.1.x).
        bounced: Those that a bounce said have failed for good.
        days: After how many days such an address is tried again; 0 for never. What people entered stays as they said.
    """

    refused: bool = True
    bounced: bool = True
    days: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a time that is none."""
        check_range("suppression.days", self.days, 0, 36_500, "days")


def _check_host_name(name: str, host: str) -> None:
    plain = host.isascii() and host.isprintable() and len(host) <= _LONGEST_NAME
    if not plain or set(host) & set(" /@\"'<>\\,;()"):
        raise SettingsError(
            f"{host[:80]!r} is no name of a machine", field=name, remedy="Give one such as mail.example.org"
        )


def _check_issuer(issuer: str) -> None:
    try:
        parts = urlsplit(issuer)
        known = bool(parts.hostname) and not parts.query and not parts.fragment and "@" not in parts.netloc
        local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
        scheme = parts.scheme
    except ValueError:
        known, local, scheme = False, False, ""
    if not known or not (scheme == "https" or (scheme == "http" and local)):
        raise SettingsError(
            "this is no issuer",
            field="oidc.issuer",
            cause="It has to begin with https, and to have no query" if known else None,
            remedy="Give the address that the provider names as issuer, such as https://login.example.org/realm",
        )
