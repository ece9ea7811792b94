"""An SMTP connection: which server, how protected, as whom, and how hard (RFC 6409, RFC 8314)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from eilbote.connections.fingerprint import fingerprint
from eilbote.connections.host import read_host
from eilbote.connections.limits import Limits
from eilbote.connections.security import default_port, read_port, read_security
from eilbote.errors import SettingsError
from eilbote.model.credentials import Anonymous, Credentials
from eilbote.model.timeouts import Timeouts
from eilbote.model.tls import Security, TlsPolicy

if TYPE_CHECKING:
    from eilbote.model.address import Mailbox


@dataclass(frozen=True, slots=True, kw_only=True, init=False)
class Connection:
    """Everything needed to reach one SMTP server; a value, nothing is opened.

    Attributes:
        host: Name or IP address of the server.
        port: Its TCP port; by default 465 for ``tls``, 587 for ``starttls``, 25 for ``none``.
        security: How the session is protected; never weakened at run time.
        credentials: As whom; :class:`Anonymous` for a server that asks for nothing.
        name: What people call this connection.
        service: The catalogue's name of the service, if it came from there.
        default_from: The author of messages that name none.
        ehlo_name: What to call this machine in EHLO; its address literal when ``None``.
        tls: Whom to trust.
        timeouts: How long to wait.
        limits: How hard to press.
        chunking_window: With CHUNKING: 0 never uses BDAT, 1 waits for each chunk's reply, more sends ahead.
        pipelining: Whether PIPELINING is used where the server has it.
        allow_clear_authentication: Whether a password may travel on an unencrypted session.
        mechanism: The only SASL mechanism to use; the best common one when ``None``.
        warnings: What an administrator should know about these settings; empty when all is well.

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
    ehlo_name: str | None
    tls: TlsPolicy
    timeouts: Timeouts
    limits: Limits
    chunking_window: int
    pipelining: bool
    allow_clear_authentication: bool
    mechanism: str | None
    warnings: tuple[str, ...]

    def __init__(
        self,
        *,
        host: str,
        port: int | None = None,
        security: Security | str | None = None,
        credentials: Credentials = Anonymous(),  # noqa: B008 - a frozen value without fields
        name: str = "",
        service: str | None = None,
        default_from: str | Mailbox | None = None,
        ehlo_name: str | None = None,
        tls: TlsPolicy = TlsPolicy(),  # noqa: B008 - a frozen value
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - a frozen value
        limits: Limits = Limits(),  # noqa: B008 - a frozen value
        chunking_window: int = 1,
        pipelining: bool = True,
        allow_clear_authentication: bool = False,
        mechanism: str | None = None,
        warnings: tuple[str, ...] = (),
    ) -> None:
        put = object.__setattr__
        mode = read_security(security, port=port)
        put(self, "host", read_host(host))
        put(self, "port", default_port(mode) if port is None else read_port(port))
        put(self, "security", mode)
        put(self, "credentials", credentials)
        put(self, "name", name)
        put(self, "service", service)
        put(self, "default_from", _read_default_from(default_from))
        put(self, "ehlo_name", ehlo_name)
        put(self, "tls", tls)
        put(self, "timeouts", timeouts)
        put(self, "limits", limits)
        put(self, "chunking_window", _read_window(chunking_window))
        put(self, "pipelining", pipelining)
        put(self, "allow_clear_authentication", allow_clear_authentication)
        put(self, "mechanism", mechanism)
        put(self, "warnings", warnings)

    def fingerprint(self) -> str:
        """Name these settings: equal for equal settings within this process, and telling nothing about them.

        Sessions are shared by fingerprint, so that a session opened with one password, TLS policy or server is
        never used for another.
        """
        return fingerprint(*(getattr(self, item.name) for item in fields(self) if item.name != "warnings"))


def _read_default_from(value: str | Mailbox | None) -> Mailbox | None:
    if value is None:
        return None
    from eilbote.model.address import parse_mailbox

    return parse_mailbox(value, field="default_from")


def _read_window(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1000:  # noqa: PLR2004
        raise SettingsError(
            f"{value!r} is not a chunking window",
            field="chunking_window",
            remedy="Give 0 to never use BDAT, 1 to wait for every chunk, or up to 1000 to send ahead",
        )
    return value
