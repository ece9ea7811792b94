"""TLS peers that are right or wrong in one way each, checked without eilbote."""

from __future__ import annotations

import re
import smtplib
import ssl

import pytest
from tests.integration.conftest import StartTlsServer
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.endpoint import Security
from tests.integration.lab.postfix import Postfix
from tests.integration.lab.stdlib_client import MESSAGE, SENDER, open_session
from tests.integration.lab.tls_server import TlsServer

CONTEXT_NAMES = {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}
REASONS = {
    "expired": "certificate has expired",
    "not_yet_valid": "certificate is not yet valid",
    "wrong_host": "certificate is not valid for '127.0.0.1'",
    "self_signed": "self-signed certificate",
    "unknown_authority": "unable to get local issuer certificate",
    "issued_by_server": "invalid CA certificate",
    "short_key": "EE certificate key too weak",
}


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize("name", REASONS)
def test_bad_certificates_are_bad_for_the_reason_they_say(
    tls_server: StartTlsServer, certificates: Certificates, name: str, security: Security
) -> None:
    server = tls_server(getattr(certificates, name), security)
    with pytest.raises(ssl.SSLCertVerificationError, match=re.escape(REASONS[name])):
        open_session(server.endpoint)
    assert not server.messages


def exchange(server: TlsServer, context: ssl.SSLContext | None = None) -> str | None:
    """Send MESSAGE; returns the TLS version that was agreed on."""
    with open_session(server.endpoint, context) as session:
        session.sendmail(SENDER, ["somebody@lab.example"], MESSAGE)
        assert isinstance(session.sock, ssl.SSLSocket)
        return session.sock.version()


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize("version", CONTEXT_NAMES)
def test_one_version_of_tls(
    tls_server: StartTlsServer, certificates: Certificates, version: ssl.TLSVersion, security: Security
) -> None:
    server = tls_server(certificates.good, security, minimum=version, maximum=version)
    assert exchange(server) == CONTEXT_NAMES[version]
    assert server.messages == [MESSAGE]


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions_of_tls_are_spoken_and_not_agreed_on(
    tls_server: StartTlsServer, certificates: Certificates, version: ssl.TLSVersion, security: Security
) -> None:
    server = tls_server(certificates.good, security, minimum=version, maximum=version)
    with pytest.raises(ssl.SSLError, match=r"PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL"):
        open_session(server.endpoint)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_client_certificate_is_demanded(
    tls_server: StartTlsServer, certificates: Certificates, security: Security
) -> None:
    server = tls_server(certificates.good, security, demand_client_certificate=True)
    context = ssl.create_default_context(cafile=str(certificates.ca_file))
    with pytest.raises((OSError, smtplib.SMTPException)):
        exchange(server, context)
    context.load_cert_chain(certificates.client.chain, certificates.client.key)
    exchange(server, context)
    assert server.client_names == ["client.lab.example"]


def test_postfix_demands_a_client_certificate(
    postfix: Postfix, certificates: Certificates, recipient: str
) -> None:
    context = ssl.create_default_context(cafile=str(certificates.ca_file))
    # With TLS 1.3 the client learns of the refusal when it reads, after its own side of the handshake went well.
    for endpoint in (postfix.client_certificate, postfix.client_certificate_tls):
        with pytest.raises((OSError, smtplib.SMTPException)):
            open_session(endpoint, context).mail(SENDER)
    context.load_cert_chain(certificates.client.chain, certificates.client.key)
    for endpoint in (postfix.client_certificate, postfix.client_certificate_tls):
        with open_session(endpoint, context) as session:
            session.sendmail(SENDER, [recipient], MESSAGE)
    assert len(postfix.received(recipient, at_least=2)) == 2
