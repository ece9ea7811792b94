"""TLS with real handshakes: every mode, every reason not to trust a server, and nothing said before it is trusted."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest
from tests.integration.conftest import StartTlsServer
from tests.integration.lab.accounts import USERS
from tests.integration.lab.certificates import Certificates, Certified
from tests.integration.lab.endpoint import Endpoint, Security
from tests.integration.lab.postfix import Postfix
from tests.integration.lab.tap import Speaker, Tap
from tests.integration.lab.tls_server import TlsServer
from tests.integration.sending import composed, connection_to, draft_to, send, send_all

from eilbote import (
    DeliveryError,
    DisconnectedError,
    Durability,
    Receipt,
    Scope,
    Timeouts,
    TLSError,
    TlsVersion,
)

pytestmark = pytest.mark.asyncio

SOMEBODY = "somebody@lab.example"
SECURED = [Security.TLS, Security.STARTTLS]
SAID_IN_CLEAR = {"EHLO", "STARTTLS", "QUIT"}


async def refusal_of(
    server: TlsServer, expected: tuple[type[DeliveryError], ...] = (TLSError,), **settings: object
) -> DeliveryError:
    """Try to send with a password; gives the error, after a look at what the server heard."""
    with pytest.raises(expected) as caught:
        await send(connection_to(server.endpoint, USERS["ordinary"], **settings), draft_to(SOMEBODY))
    assert {command.split()[0] for command in server.commands} <= SAID_IN_CLEAR
    assert server.messages == []
    return caught.value


# ── whom not to trust ───────────────────────────────────────────────────────────────────────────────────────────

REASONS = {
    "expired": ("host", "the certificate has expired"),
    "not_yet_valid": ("host", "the certificate is not yet valid"),
    "wrong_host": ("host", "does not list this IP address"),
    "self_signed": ("tls.ca_file", "the certificate is self-signed"),
    "unknown_authority": ("tls.ca_file", "an authority that is not known here"),
    "issued_by_server": ("tls.ca_file", "may not issue certificates"),
    "short_key": ("host", "key is too small"),
}


@pytest.mark.parametrize("security", SECURED)
@pytest.mark.parametrize("name", REASONS)
async def test_a_bad_certificate_is_refused_by_name(
    tls_server: StartTlsServer, certificates: Certificates, name: str, security: Security
) -> None:
    server = tls_server(getattr(certificates, name), security)
    error = await refusal_of(server)
    field, cause = REASONS[name]
    assert error.field == field
    assert cause in (error.cause or "")
    assert error.remedy
    assert error.stage == "tls"
    assert error.server == f"{server.endpoint.host}:{server.endpoint.port}"
    assert (error.scope, error.durability) == (Scope.SITE, Durability.PERMANENT)


@pytest.mark.parametrize("security", SECURED)
async def test_a_host_name_that_the_certificate_does_not_list(
    tls_server: StartTlsServer, certificates: Certificates, security: Security
) -> None:
    server = tls_server(certificates.good, security)
    error = await refusal_of(server, tls={"server_name": "mail.elsewhere.example"})
    assert error.field == "host"
    assert "for another host name" in (error.cause or "")


@pytest.mark.parametrize("security", SECURED)
async def test_the_authorities_of_the_system_do_not_know_the_laboratory(
    tls_server: StartTlsServer, certificates: Certificates, security: Security
) -> None:
    error = await refusal_of(tls_server(certificates.good, security), tls={"ca_file": None})
    assert error.field == "tls.ca_file"


async def test_a_bad_certificate_fails_no_recipient_of_a_series(
    tls_server: StartTlsServer, certificates: Certificates
) -> None:
    server = tls_server(certificates.expired, Security.STARTTLS)
    receipts = await send_all(
        connection_to(server.endpoint), [draft_to(SOMEBODY, number=number) for number in range(5)]
    )
    assert [receipt.index for receipt in receipts] == [0, 1, 2, 3, 4]
    assert all(isinstance(receipt.error, TLSError) and len(receipt.deferred) == 1 for receipt in receipts)
    assert server.messages == []


# ── whom to trust ───────────────────────────────────────────────────────────────────────────────────────────────


async def exchange(server: TlsServer, **settings: object) -> Receipt:
    """Send one message; gives the receipt, after a look at what the server got."""
    draft = draft_to(SOMEBODY)
    receipt = await send(connection_to(server.endpoint, **settings), draft)
    assert receipt.ok
    assert server.messages == [composed(draft)]
    return receipt


@pytest.mark.parametrize("security", SECURED)
@pytest.mark.parametrize("version", ["1.2", "1.3"])
async def test_each_version_of_tls(
    tls_server: StartTlsServer, certificates: Certificates, version: str, security: Security
) -> None:
    only = ssl.TLSVersion[f"TLSv{version.replace('.', '_')}"]
    server = tls_server(certificates.good, security, minimum=only, maximum=only)
    receipt = await exchange(server)
    assert receipt.tls_version == f"TLSv{version}"
    if security is Security.STARTTLS:
        assert [command.split()[0] for command in server.commands[:3]] == ["EHLO", "STARTTLS", "EHLO"]


@pytest.mark.parametrize("security", SECURED)
async def test_a_certificate_may_be_for_a_name_that_is_expected(
    tls_server: StartTlsServer, certificates: Certificates, security: Security
) -> None:
    server = tls_server(certificates.wrong_host, security)
    await exchange(server, tls={"server_name": "other.example"})


@pytest.mark.parametrize("security", SECURED)
@pytest.mark.parametrize("name", ["expired", "wrong_host", "self_signed", "unknown_authority"])
async def test_only_in_as_many_words_is_a_certificate_not_checked(
    tls_server: StartTlsServer, certificates: Certificates, name: str, security: Security
) -> None:
    server = tls_server(getattr(certificates, name), security)
    receipt = await exchange(server, tls={"verify": False})
    assert receipt.tls_version


@pytest.mark.parametrize("security", SECURED)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_versions_before_1_2_are_refused(
    tls_server: StartTlsServer, certificates: Certificates, version: ssl.TLSVersion, security: Security
) -> None:
    server = tls_server(certificates.good, security, minimum=version, maximum=version)
    error = await refusal_of(server)
    assert error.field == "tls.minimum_version"
    assert "no TLS version in common" in (error.cause or "")


@pytest.mark.parametrize("security", SECURED)
async def test_a_connection_may_ask_for_1_3(
    tls_server: StartTlsServer, certificates: Certificates, security: Security
) -> None:
    only = ssl.TLSVersion.TLSv1_2
    error = await refusal_of(
        tls_server(certificates.good, security, minimum=only, maximum=only),
        tls={"minimum_version": TlsVersion.TLS_1_3},
    )
    assert error.field == "tls.minimum_version"
    receipt = await exchange(
        tls_server(certificates.good, security), tls={"minimum_version": TlsVersion.TLS_1_3}
    )
    assert receipt.tls_version == "TLSv1.3"


# ── client certificates ─────────────────────────────────────────────────────────────────────────────────────────


def shown(certified: Certified) -> dict[str, str]:
    return {"client_certificate": str(certified.chain), "client_key": str(certified.key)}


@pytest.mark.parametrize("security", SECURED)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_client_certificate_is_shown(
    tls_server: StartTlsServer, certificates: Certificates, security: Security, version: ssl.TLSVersion
) -> None:
    server = tls_server(
        certificates.good, security, minimum=version, maximum=version, demand_client_certificate=True
    )
    await exchange(server, tls=shown(certificates.client))
    assert server.client_names == ["client.lab.example"]


@pytest.mark.parametrize("security", SECURED)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_missing_client_certificate_is_named(
    tls_server: StartTlsServer, certificates: Certificates, security: Security, version: ssl.TLSVersion
) -> None:
    """A server of TLS 1.3 says so only after the handshake, and by STARTTLS its words may be lost with the connection."""
    server = tls_server(
        certificates.good, security, minimum=version, maximum=version, demand_client_certificate=True
    )
    error = await refusal_of(server, expected=(TLSError, DisconnectedError))
    assert "tls.client_certificate" in str(error)


@pytest.mark.parametrize("security", SECURED)
async def test_a_client_certificate_of_an_authority_the_server_does_not_know(
    tls_server: StartTlsServer, certificates: Certificates, security: Security
) -> None:
    server = tls_server(certificates.good, security, demand_client_certificate=True)
    error = await refusal_of(
        server, tls=shown(certificates.client_of_unknown_authority), expected=(TLSError, DisconnectedError)
    )
    assert error.field == "tls.client_certificate"
    assert "certificate" in (error.remedy or "")


@pytest.mark.parametrize("port", ["client_certificate", "client_certificate_tls"])
async def test_postfix_takes_a_client_certificate(
    postfix: Postfix, certificates: Certificates, recipient: str, port: str
) -> None:
    endpoint: Endpoint = getattr(postfix, port)
    draft = draft_to(recipient)
    with pytest.raises(DeliveryError):
        await send(connection_to(endpoint), draft)
    assert (await send(connection_to(endpoint, tls=shown(certificates.client)), draft)).ok
    assert postfix.received(recipient) == [composed(draft)]


# ── the wrong mode for the port ─────────────────────────────────────────────────────────────────────────────────


async def test_starttls_that_is_not_offered_is_not_done_without(
    postfix: Postfix, certificates: Certificates, tap: Callable[[Endpoint], Tap]
) -> None:
    line = tap(postfix.plain_with_login)
    endpoint = Endpoint(port=line.endpoint.port, security=Security.STARTTLS, ca_file=certificates.ca_file)
    with pytest.raises(TLSError, match="does not offer STARTTLS") as caught:
        await send(connection_to(endpoint, USERS["ordinary"]), draft_to(SOMEBODY))
    assert caught.value.field == "security"
    assert {words.split()[0] for words in line.said(Speaker.CLIENT).splitlines()} <= {b"EHLO", b"QUIT"}


@pytest.mark.parametrize("server", ["postfix", "exim", "opensmtpd", "aiosmtpd_server"])
async def test_tls_towards_a_plain_port_is_explained(
    request: pytest.FixtureRequest, certificates: Certificates, server: str
) -> None:
    plain: Endpoint = request.getfixturevalue(server).plain
    endpoint = Endpoint(port=plain.port, security=Security.TLS, ca_file=certificates.ca_file)
    with pytest.raises(TLSError) as caught:
        await send(connection_to(endpoint), draft_to(SOMEBODY))
    assert caught.value.field == "security"
    assert "answered in clear" in (caught.value.cause or "")
    assert "starttls" in (caught.value.remedy or "")


@pytest.mark.parametrize("security", [Security.NONE, Security.STARTTLS])
async def test_a_plain_session_with_a_tls_port_is_explained(
    tls_server: StartTlsServer, certificates: Certificates, security: Security
) -> None:
    """Such a server waits for the client to begin, so all that can be seen is that no greeting comes."""
    server = tls_server(certificates.good, Security.TLS)
    endpoint = Endpoint(port=server.endpoint.port, security=security, ca_file=certificates.ca_file)
    hasty = Timeouts(connect=5, greeting=0.2, command=5)
    with pytest.raises(DeliveryError) as caught:
        await send(connection_to(endpoint, timeouts=hasty), draft_to(SOMEBODY))
    assert caught.value.stage == "greeting"
    assert "465" in (caught.value.remedy or "")
    assert caught.value.field in {"port", "security"}
