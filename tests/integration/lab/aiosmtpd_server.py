"""aiosmtpd in a thread of the test process: no PIPELINING, no CHUNKING, no lines over 1,000 octets.

It keeps what it received as it was received, CRLF included.
"""

from __future__ import annotations

import ssl
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from tests.integration.lab.accounts import USERS
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.endpoint import Endpoint, Security
from tests.integration.lab.mailbox import NotReceivedError
from tests.integration.lab.process import PORTS

LARGEST_SIZE = 64 * 1024 * 1024


class _Keep:
    """Handler that keeps everything; aiosmtpd finds its methods by name."""

    def __init__(self, arrived: threading.Condition, envelopes: list[Envelope]) -> None:
        self.arrived = arrived
        self.envelopes = envelopes

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        with self.arrived:
            self.envelopes.append(envelope)
            self.arrived.notify_all()
        return "250 2.0.0 kept"


class _KeepAfterLogin(_Keep):
    """The same for clients that logged in.

    aiosmtpd can demand that itself, but it does not know that implicit TLS is TLS and would warn of every connection.
    """

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 2.1.0 OK"


class AiosmtpdServer:
    """Three aiosmtpd controllers that share one mailbox; README.md says what each port is for."""

    def __init__(self, certificates: Certificates) -> None:
        self._arrived = threading.Condition()
        self._envelopes: list[Envelope] = []
        self._controllers: list[Controller] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.good.chain, certificates.good.key)
        keep, keep_after_login = (kind(self._arrived, self._envelopes) for kind in (_Keep, _KeepAfterLogin))
        ca_file = certificates.ca_file
        self.plain = Endpoint(port=PORTS.take())
        self.starttls = Endpoint(port=PORTS.take(), security=Security.STARTTLS, ca_file=ca_file)
        self.tls = Endpoint(port=PORTS.take(), security=Security.TLS, ca_file=ca_file)
        self._listen(self.plain, keep)
        self._listen(self.starttls, keep_after_login, tls_context=context)
        self._listen(self.tls, keep_after_login, ssl_context=context)

    def _listen(
        self,
        endpoint: Endpoint,
        handler: _Keep,
        *,
        tls_context: ssl.SSLContext | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        controller = Controller(
            handler,
            hostname=endpoint.host,
            port=endpoint.port,
            enable_SMTPUTF8=True,
            data_size_limit=LARGEST_SIZE,
            authenticator=_authenticate,
            tls_context=tls_context,
            require_starttls=tls_context is not None,
            ssl_context=ssl_context,
            auth_require_tls=ssl_context is None,
        )
        controller.start()
        self._controllers.append(controller)

    def received(self, recipient: str, *, at_least: int = 1, within: float = 20.0) -> list[bytes]:
        """What arrived for a recipient, each message as the octets that were sent."""
        deadline = time.monotonic() + within
        with self._arrived:
            while len(found := [e for e in self._envelopes if recipient in e.rcpt_tos]) < at_least:
                if not self._arrived.wait(deadline - time.monotonic()):
                    raise NotReceivedError(
                        f"{len(found)} of {at_least} messages for {recipient} in {within} s"
                    )
            return [envelope.original_content or b"" for envelope in found]

    def stop(self) -> None:
        """End all three."""
        for controller in self._controllers:
            controller.stop()


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    known = {account.user.encode("utf-8"): account.password.encode("utf-8") for account in USERS.values()}
    right = isinstance(data, LoginPassword) and known.get(data.login) == data.password
    return AuthResult(success=right, handled=False)
