"""The settings of a whole program, each with its default and where it came from.

What can be set is what stands here: the reader, the reference page and its test go by these fields. The names follow
from the fields: ``courier.grace_seconds`` is ``grace_seconds`` in the table ``[courier]`` of ``eilbote.toml``, and
``EILBOTE_COURIER__GRACE_SECONDS`` in the environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from eilbote.config.public_url import check_public_url
from eilbote.config.sections import (
    BounceSettings,
    CaptureSettings,
    MailboxSettings,
    MetricsSettings,
    OidcSettings,
    RelaySettings,
    ServerSettings,
    SuppressionSettings,
)
from eilbote.config.setting_bounds import check_range, networks, ports
from eilbote.model.secret import Secret
from eilbote.net.egress import EgressPolicy

_MEBIBYTE = 1024 * 1024
_WEB_PORTS = frozenset({80, 443})


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierSettings:
    """How a courier works.

    Attributes:
        lease_seconds: How long a courier that has fallen silent keeps its entries before another takes them over.
        grace_seconds: How long a courier that is told to stop may finish what is on its way.
    """

    lease_seconds: float = 30.0
    grace_seconds: float = 30.0

    def __post_init__(self) -> None:
        """Refuse what no courier could keep to."""
        check_range("courier.lease_seconds", self.lease_seconds, 1, 3600, "seconds")
        check_range("courier.grace_seconds", self.grace_seconds, 0, 3600, "seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """How long what is finished is kept.

    Attributes:
        days: Days after which a finished entry is forgotten, with its idempotency key, its history and its attachments.
    """

    days: float = 30.0

    def __post_init__(self) -> None:
        """Refuse what would forget entries before anybody could look at them, or never."""
        check_range("retention.days", self.days, 0.01, 36_500, "days")


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressSettings:
    """Where the servers of organizations may be, and the web servers that flows ask; those of the host may be anywhere.

    Attributes:
        allow: Networks allowed although they are not public, with blanks or commas between them: ``10.2.0.0/16``.
        deny: Networks refused although they are public; goes before ``allow``.
        ports: Ports, beside 80 and 443, at which flows may ask web servers: ``8080, 8443``.
    """

    allow: str = ""
    deny: str = ""
    ports: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no network or no port."""
        networks("egress.allow", self.allow)
        networks("egress.deny", self.deny)
        ports("egress.ports", self.ports)

    @property
    def policy(self) -> EgressPolicy:
        """The gate for addresses that these settings make."""
        return EgressPolicy(
            allow=networks("egress.allow", self.allow), deny=networks("egress.deny", self.deny)
        )

    @property
    def web_ports(self) -> frozenset[int]:
        """The ports at which flows may ask web servers."""
        return _WEB_PORTS | ports("egress.ports", self.ports)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything an administrator may set.

    Attributes:
        data_dir: The folder for the outbox, large attachments and connections; by default the platform's data folder of this
            user.
        database_url: Where the outbox is kept: ``sqlite:///PATH`` or ``postgresql://...``; by default the file
            ``eilbote.db`` in ``data_dir``.
        busy_seconds: How long a submission waits for a database that is locked or full before it is refused.
        largest_message: Octets a composed message may have; larger ones are refused when they are submitted.
        public_url: Under which address people reach `eilbote serve`, such as ``https://eilbote.example.org``; links in messages
            begin with it. Empty when they cannot: then flows cannot ask people.
        courier: How a courier works.
        retention: How long what is finished is kept.
        egress: Where the servers of organizations may be.
        server: How ``eilbote serve`` is reached over HTTP.
        relay: How existing systems hand in mail over SMTP.
        bounces: Where servers send word of mail that they could not deliver.
        mailbox: A mailbox that is looked at for bounces and replies.
        oidc: Sign-in through a provider of OpenID Connect.
        capture: Whether mail is kept in place of being sent.
        metrics: Who may read the figures.
        suppression: Which addresses get nothing any more.
        origins: For each setting, by its dotted name, where its value came from.

    Raises:
        SettingsError: A value cannot be used, with its field and the remedy.
    """

    data_dir: Path
    database_url: Secret
    busy_seconds: float = 5.0
    largest_message: int = 50 * _MEBIBYTE
    public_url: str = ""
    courier: CourierSettings = field(default_factory=CourierSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    egress: EgressSettings = field(default_factory=EgressSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    relay: RelaySettings = field(default_factory=RelaySettings)
    bounces: BounceSettings = field(default_factory=BounceSettings)
    mailbox: MailboxSettings = field(default_factory=MailboxSettings)
    oidc: OidcSettings = field(default_factory=OidcSettings)
    capture: CaptureSettings = field(default_factory=CaptureSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    suppression: SuppressionSettings = field(default_factory=SuppressionSettings)
    origins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    def __post_init__(self) -> None:
        """Refuse what no outbox could work with."""
        check_range("busy_seconds", self.busy_seconds, 0, 3600, "seconds")
        check_range("largest_message", self.largest_message, 10_000, 1024 * _MEBIBYTE, "octets")
        check_public_url(self.public_url)

    @property
    def blobs_dir(self) -> Path:
        """Where large parts of messages lie."""
        return self.data_dir / "blobs"

    @property
    def connections_file(self) -> Path:
        """Where connections are kept."""
        return self.data_dir / "connections.toml"


Group: TypeAlias = (
    CourierSettings
    | RetentionSettings
    | EgressSettings
    | ServerSettings
    | RelaySettings
    | BounceSettings
    | MailboxSettings
    | OidcSettings
    | CaptureSettings
    | MetricsSettings
    | SuppressionSettings
)
GROUPS: Mapping[str, type[Group]] = MappingProxyType(
    {
        "courier": CourierSettings,
        "retention": RetentionSettings,
        "egress": EgressSettings,
        "server": ServerSettings,
        "relay": RelaySettings,
        "bounces": BounceSettings,
        "mailbox": MailboxSettings,
        "oidc": OidcSettings,
        "capture": CaptureSettings,
        "metrics": MetricsSettings,
        "suppression": SuppressionSettings,
    }
)
"""The settings that stand in a table of their own."""


def setting_names() -> tuple[str, ...]:
    """Give the dotted name of every setting."""
    names: list[str] = []
    for each in fields(Config):
        if each.name in GROUPS:
            names += (f"{each.name}.{inner.name}" for inner in fields(GROUPS[each.name]))
        elif each.name != "origins":
            names.append(each.name)
    return tuple(names)


def variable_of(setting: str) -> str:
    """Give the environment variable of a setting's dotted name."""
    return "EILBOTE_" + setting.upper().replace(".", "__")
