"""What a test of a connection has found: its steps, and what else was learned on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.errors import EilboteError
    from eilbote.model.tls import Security


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a test.

    Attributes:
        name: settings, dns, connect, tls, greeting, ehlo, starttls, token, auth, mail, verify, sender or message.
        seconds: How long it took.
        seen: What was found or said: addresses, the TLS version, a reply, extensions; empty when it failed.
        error: Why it failed, with cause and remedy; ``None`` when it did not.
        warnings: What is not well and keeps nothing from working, one sentence or two each.
    """

    name: str
    seconds: float
    seen: str = ""
    error: EilboteError | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachablePort:
    """A port and a mode at which the same host speaks SMTP, where the ones in the settings do not work.

    Attributes:
        port: The port.
        security: The mode.
        seen: What the server announced there.
        certificate_fault: Why its certificate was refused there, although all else works; empty when it was not.
    """

    port: int
    security: Security
    seen: str
    certificate_fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a test found.

    Attributes:
        server: ``host:port``.
        steps: The steps made, in their order; nothing of SMTP follows one that failed.
        extensions: What the server announces, as it wrote it; empty when the test did not come so far.
        tls_version: For instance ``TLSv1.3``; empty without TLS.
        transcript: The dialogue, secrets struck out.
        reachable: Where the same host would have answered, when that was asked for and the test failed.
    """

    server: str
    steps: tuple[Step, ...]
    extensions: tuple[str, ...] = ()
    tls_version: str = ""
    transcript: tuple[str, ...] = ()
    reachable: tuple[ReachablePort, ...] = ()

    @property
    def error(self) -> EilboteError | None:
        """Why the test failed; ``None`` when it did not."""
        return next((step.error for step in self.steps if step.error is not None), None)

    @property
    def ok(self) -> bool:
        """Whether every step went well."""
        return self.error is None
