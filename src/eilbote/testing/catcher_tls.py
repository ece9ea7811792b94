"""How a catcher is protected: which mode, with which certificate, and the files that go with it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from eilbote.engine.system_clock import SystemClock
from eilbote.model.tls import Security

if TYPE_CHECKING:
    from eilbote.net.server_tls import ServerContext
    from eilbote.testing.own_certificate import OwnCertificate


class CatcherTls:
    """The protection of one catcher; its certificate lives from :meth:`open` to :meth:`close`.

    Args:
        security: In clear, by STARTTLS, or from the first octet.

    Raises:
        ValueError: There is no such mode.
    """

    def __init__(self, security: Security | str) -> None:
        self.security = Security(security)
        self.context: ServerContext | None = None
        self._certificate: OwnCertificate | None = None
        self._files = ExitStack()

    @property
    def ca_file(self) -> str | None:
        """The authority to trust, as a PEM file, while the catcher listens; ``None`` in clear."""
        return None if self._certificate is None else str(self._certificate.ca_file)

    def open(self, host: str) -> None:
        """Make the certificate, in a directory that only this user can look into.

        Raises:
            OSError: The files cannot be written.
        """
        if self.security is Security.NONE:
            return
        from tempfile import TemporaryDirectory

        from eilbote.net.server_tls import server_context
        from eilbote.testing.own_certificate import make_certificate

        directory = Path(self._files.enter_context(TemporaryDirectory(prefix="eilbote-catcher-")))
        names = ("localhost", "127.0.0.1", "::1", host)
        self._certificate = make_certificate(directory, names, now=SystemClock().now())
        self.context = server_context(self._certificate.chain, self._certificate.key)

    def close(self) -> None:
        """Remove the files."""
        self._files.close()
        self._certificate = self.context = None

    def uri(self, authority: str, *, local: bool) -> str:
        """Give the URI of a server behind ``host:port``, with everything a client needs to trust it."""
        ca = "" if self.ca_file is None else f"ca={quote(self.ca_file)}"
        match self.security:
            case Security.TLS:
                return f"smtps://{authority}?{ca}".rstrip("?")
            case Security.STARTTLS:
                return f"smtp://{authority}?starttls=required&{ca}".rstrip("&")
            case Security.NONE:
                # Towards this machine smtp:// does without STARTTLS by itself.
                return f"smtp://{authority}{'' if local else '?starttls=never'}"
