"""Certificates that are wrong in one way each: refused before the password is shown, with the reason by name."""

import datetime as dt
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.attacks.hostile_server import HOST, Peer, hostile
from tests.attacks.scene import CREDENTIALS, PASSWORD, PATIENT, envelope, fault_of, message, send
from tests.integration.lab.certificates import DAY, Certificates, Certified
from tests.integration.lab.endpoint import Security as LabSecurity
from tests.integration.lab.tls_server import TlsServer, server_context

from eilbote.connections.connection import Connection
from eilbote.deliver.smtp_transport import SmtpTransport
from eilbote.engine.system_clock import SystemClock
from eilbote.errors import Durability, Scope, TLSError
from eilbote.model.receipt import Receipt
from eilbote.model.tls import Security, TlsPolicy, TlsVersion

pytestmark = pytest.mark.asyncio

FAULTS = {
    "expired": "has expired",
    "not_yet_valid": "not yet valid",
    "wrong_host": "does not list this IP address",
    "self_signed": "self-signed",
    "unknown_authority": "not known here",
    "issued_by_server": "may not issue certificates",
    "short_key": "too small",
}


def policy(certificates: Certificates, **settings: object) -> TlsPolicy:
    return TlsPolicy(ca_file=str(certificates.ca_file), **settings)  # type: ignore[arg-type]


async def serve(peer: Peer) -> None:
    await peer.welcome("AUTH PLAIN")
    await peer.answer("235 2.7.0 welcome")
    await peer.take_mail()


@pytest.mark.parametrize("name,words", FAULTS.items())
async def test_a_wrong_certificate_is_refused_by_its_fault(
    name: str, words: str, certificates: Certificates
) -> None:
    context = server_context(getattr(certificates, name))
    async with hostile(serve, tls=context) as server:
        error = await fault_of(
            server, security=Security.TLS, tls=policy(certificates), credentials=CREDENTIALS
        )

    assert isinstance(error, TLSError)
    assert words in str(error)
    assert (error.scope, error.durability) == (Scope.SITE, Durability.PERMANENT)
    assert error.remedy
    assert server.heard == b""


@pytest.mark.parametrize("name", FAULTS)
async def test_a_wrong_certificate_is_refused_behind_starttls(name: str, certificates: Certificates) -> None:
    context = server_context(getattr(certificates, name))

    async def conversation(peer: Peer) -> None:
        await peer.welcome("STARTTLS", "AUTH PLAIN")
        await peer.answer("220 go ahead")
        await peer.start_tls(context)
        await peer.announce("AUTH PLAIN")
        await peer.take_mail()

    async with hostile(conversation) as server:
        error = await fault_of(
            server, security=Security.STARTTLS, tls=policy(certificates), credentials=CREDENTIALS
        )

    assert isinstance(error, TLSError)
    assert server.count("AUTH") == server.count("MAIL") == 0
    assert PASSWORD.encode() not in server.heard


async def test_a_wrong_name_is_refused_by_its_fault(certificates: Certificates) -> None:
    async with hostile(serve, tls=server_context(certificates.good)) as server:
        error = await fault_of(
            server, security=Security.TLS, tls=policy(certificates, server_name="mail.example.org")
        )

    assert "for another host name" in str(error)


async def test_a_name_in_the_common_name_alone_does_not_count(certificates: Certificates) -> None:
    """Python's default context still reads the common name when there is no alternative name; RFC 9525 forbids it."""
    common_name_only = _without_alternative_names(certificates)
    async with hostile(serve, tls=server_context(common_name_only)) as server:
        error = await fault_of(
            server,
            security=Security.TLS,
            tls=TlsPolicy(ca_file=str(common_name_only.chain), server_name="mail.example.org"),
        )

    assert isinstance(error, TLSError)
    assert server.heard == b""


@contextmanager
def serving(context: ssl.SSLContext, certificates: Certificates) -> Iterator[TlsServer]:
    """A server on blocking sockets: it tells the client by an alert why it refuses, which asyncio's does not."""
    server = TlsServer(context, LabSecurity.TLS, ca_file=certificates.ca_file)
    yield server
    server.stop()


async def send_to(server: TlsServer, tls: TlsPolicy) -> Receipt:
    connection = Connection(host=HOST, port=server.endpoint.port, security="tls", tls=tls, timeouts=PATIENT)
    transport = SmtpTransport(connection, clock=SystemClock())
    try:
        return await transport.deliver(envelope(), message())
    finally:
        await transport.abort()


async def test_an_old_tls_version_is_refused(certificates: Certificates) -> None:
    context = server_context(certificates.good, minimum=ssl.TLSVersion.TLSv1, maximum=ssl.TLSVersion.TLSv1_1)
    with serving(context, certificates) as server, pytest.raises(TLSError) as caught:
        await send_to(server, policy(certificates))

    assert caught.value.field == "tls.minimum_version"
    assert server.commands == []


async def test_the_minimum_version_of_the_connection_is_kept(certificates: Certificates) -> None:
    context = server_context(certificates.good, maximum=ssl.TLSVersion.TLSv1_2)
    strict = policy(certificates, minimum_version=TlsVersion.TLS_1_3)
    with serving(context, certificates) as server:
        with pytest.raises(TLSError) as caught:
            await send_to(server, strict)
        receipt = await send_to(server, policy(certificates))

    assert caught.value.field == "tls.minimum_version"
    assert receipt.tls_version == "TLSv1.2"


@pytest.mark.parametrize("maximum", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_server_that_wants_a_certificate_says_so(
    maximum: ssl.TLSVersion, certificates: Certificates
) -> None:
    """In TLS 1.3 the server judges our certificate after the handshake, when the session seems to stand."""
    context = server_context(certificates.good, client_ca_file=certificates.ca_file, maximum=maximum)
    ours = certificates.client
    with_one = policy(certificates, client_certificate=str(ours.chain), client_key=str(ours.key))
    with serving(context, certificates) as server:
        with pytest.raises(TLSError) as caught:
            await send_to(server, policy(certificates))
        receipt = await send_to(server, with_one)

    assert "tls.client_certificate" in str(caught.value)
    assert receipt.ok
    assert server.client_names == ["client.lab.example"]


async def test_a_client_certificate_that_the_server_refuses(certificates: Certificates) -> None:
    context = server_context(certificates.good, client_ca_file=certificates.ca_file)
    stranger = certificates.client_of_unknown_authority
    with_one = policy(certificates, client_certificate=str(stranger.chain), client_key=str(stranger.key))
    with serving(context, certificates) as server, pytest.raises(TLSError) as caught:
        await send_to(server, with_one)

    assert caught.value.field == "tls.client_certificate"


async def test_verification_can_be_switched_off_in_as_many_words(certificates: Certificates) -> None:
    async with hostile(serve, tls=server_context(certificates.expired)) as server:
        receipt = await send(
            server, security=Security.TLS, tls=TlsPolicy(verify=False), credentials=CREDENTIALS
        )

    assert receipt.ok


async def test_one_certificate_is_not_trusted_for_the_authority_of_another(
    certificates: Certificates,
) -> None:
    """A ca_file replaces the system's authorities; it does not add to them, nor they to it."""
    async with hostile(serve, tls=server_context(certificates.good)) as server:
        error = await fault_of(
            server, security=Security.TLS, tls=TlsPolicy(ca_file=str(certificates.self_signed.chain))
        )

    assert isinstance(error, TLSError)


def _without_alternative_names(certificates: Certificates) -> Certified:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.org")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .sign(key, hashes.SHA256())
    )
    chain, key_file = certificates.directory / "cn-only.pem", certificates.directory / "cn-only.key"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return Certified(chain=chain, key=key_file)
