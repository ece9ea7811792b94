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

    def __init__(self) -> None:
        self.arrived = threading.Condition()
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        with self.arrived:
            self.envelopes.append(envelope)
            self.arrived.notify_all()
        return "250 2.0.0 kept"


class AiosmtpdServer:
    """Three aiosmtpd controllers that share one mailbox; README.md says what each port is for."""

    def __init__(self, certificates: Certificates) -> None:
        self._keep = _Keep()
        self._controllers: list[Controller] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.good.chain, certificates.good.key)
        login = {"auth_required": True, "authenticator": _authenticate}
        ca_file = certificates.ca_file
        self.plain = self._listen(Endpoint(port=PORTS.take()))
        self.starttls = self._listen(
            Endpoint(port=PORTS.take(), security=Security.STARTTLS, ca_file=ca_file),
            tls_context=context,
            require_starttls=True,
            **login,
        )
        # aiosmtpd does not know that such a connection is encrypted, hence auth_require_tls=False.
        self.tls = self._listen(
            Endpoint(port=PORTS.take(), security=Security.TLS, ca_file=ca_file),
            ssl_context=context,
            auth_require_tls=False,
            **login,
        )

    def _listen(self, endpoint: Endpoint, **parameters: object) -> Endpoint:
        controller = Controller(
            self._keep,
            hostname=endpoint.host,
            port=endpoint.port,
            enable_SMTPUTF8=True,
            data_size_limit=LARGEST_SIZE,
            **parameters,
        )
        controller.start()
        self._controllers.append(controller)
        return endpoint

    def received(self, recipient: str, *, at_least: int = 1, within: float = 20.0) -> list[bytes]:
        """What arrived for a recipient, each message as the octets that were sent."""
        deadline = time.monotonic() + within
        with self._keep.arrived:
            while len(found := [e for e in self._keep.envelopes if recipient in e.rcpt_tos]) < at_least:
                if not self._keep.arrived.wait(deadline - time.monotonic()):
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
