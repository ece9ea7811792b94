"""A server with SCRAM-...-PLUS: aiosmtpd for the dialogue, scramp for the proof, so that no line of either is eilbote's.

None of the laboratory's servers offers channel binding, hence this one.
"""

from __future__ import annotations

import base64
import hashlib
import ssl

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from scramp import ScramException, ScramMechanism
from tests.integration.lab.accounts import USERS
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.endpoint import Endpoint, Security
from tests.integration.lab.process import PORTS
from tests.integration.lab.tls_server import server_context

_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class ScramPlusServer:
    """Implicit TLS of one version. ``bound`` lists the mechanism and the kind of binding of every login."""

    def __init__(self, certificates: Certificates, version: str, *, another_session: bool = False) -> None:
        self.bound: list[tuple[str, str]] = []
        self.binding = "tls-unique" if version == "1.2" else "tls-server-end-point"
        self.endpoint = Endpoint(port=PORTS.take(), security=Security.TLS, ca_file=certificates.ca_file)
        self._another_session = another_session
        certificate = x509.load_pem_x509_certificate(certificates.good.chain.read_bytes())
        self._end_point = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
        context = server_context(certificates.good, minimum=_VERSIONS[version], maximum=_VERSIONS[version])
        self._controller = Controller(
            self,
            hostname=self.endpoint.host,
            port=self.endpoint.port,
            ssl_context=context,
            auth_require_tls=False,
            auth_exclude_mechanism=("PLAIN", "LOGIN"),
            ready_timeout=10,
        )
        self._controller.start()

    def stop(self) -> None:
        """End it."""
        self._controller.stop()

    # aiosmtpd finds mechanisms by these names; two underscores are a hyphen.

    async def auth_SCRAM__SHA__1(self, server: SMTP, words: list[str]) -> AuthResult:  # noqa: N802
        return await self._exchange("SCRAM-SHA-1", server, words)

    async def auth_SCRAM__SHA__1__PLUS(self, server: SMTP, words: list[str]) -> AuthResult:  # noqa: N802
        return await self._exchange("SCRAM-SHA-1-PLUS", server, words)

    async def auth_SCRAM__SHA__256(self, server: SMTP, words: list[str]) -> AuthResult:  # noqa: N802
        return await self._exchange("SCRAM-SHA-256", server, words)

    async def auth_SCRAM__SHA__256__PLUS(self, server: SMTP, words: list[str]) -> AuthResult:  # noqa: N802
        return await self._exchange("SCRAM-SHA-256-PLUS", server, words)

    async def _exchange(self, name: str, server: SMTP, words: list[str]) -> AuthResult:
        mechanism = ScramMechanism(name)
        accounts = {
            account.user: mechanism.make_auth_info(account.password, iteration_count=4096)
            for account in (USERS["ordinary"],)
        }
        binding = (self.binding, self._data(server)) if name.endswith("-PLUS") else None
        proof = mechanism.make_server(accounts.__getitem__, channel_binding=binding)
        first = base64.b64decode(words[1]) if len(words) > 1 else await server.challenge_auth("")
        try:
            assert isinstance(first, bytes)
            proof.set_client_first(first.decode("utf-8"))
            final = await server.challenge_auth(proof.get_server_first())
            assert isinstance(final, bytes)
            proof.set_client_final(final.decode("utf-8"))
        except ScramException:
            return AuthResult(success=False, handled=False)
        await server.challenge_auth(proof.get_server_final())
        self.bound.append((name, self.binding))
        return AuthResult(success=True, auth_data="ordinary")

    def _data(self, server: SMTP) -> bytes:
        """What ties a login to this TLS session, or to that of somebody in between."""
        if self._another_session:
            return b"another session"
        if self.binding == "tls-server-end-point":
            return self._end_point
        assert server.transport is not None
        secured: ssl.SSLObject = server.transport.get_extra_info("ssl_object")
        unique = secured.get_channel_binding("tls-unique")
        assert unique is not None
        return unique
