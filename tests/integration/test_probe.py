"""The test of a connection against real servers: what was tried, where it stopped, and that no mail was sent."""

from __future__ import annotations

import pytest
from tests.integration.conftest import StartTlsServer
from tests.integration.lab.accounts import USERS, Account
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.endpoint import Endpoint, Security
from tests.integration.sending import SENDER, connection_to

from eilbote import AuthenticationError, ConnectError, Mailer, TLSError

pytestmark = pytest.mark.asyncio

IN_CLEAR = ["dns", "connect", "greeting", "ehlo"]
STARTTLS = ["dns", "connect", "greeting", "ehlo", "starttls", "tls", "ehlo"]
TLS = ["dns", "connect", "tls", "greeting", "ehlo"]


@pytest.mark.parametrize(
    "port, login, expected",
    [
        ("postfix.plain", False, IN_CLEAR),
        ("postfix.starttls", True, [*STARTTLS, "auth"]),
        ("postfix.tls", True, [*TLS, "auth"]),
        ("exim.starttls", True, [*STARTTLS, "auth"]),
        ("exim.tls", True, [*TLS, "auth"]),
        ("dovecot.starttls", True, [*STARTTLS, "auth"]),
        ("opensmtpd.plain", False, IN_CLEAR),
        ("aiosmtpd_server.tls", True, [*TLS, "auth"]),
    ],
)
async def test_every_step_is_named(
    request: pytest.FixtureRequest, port: str, login: bool, expected: list[str]
) -> None:
    server, _, name = port.partition(".")
    endpoint: Endpoint = getattr(request.getfixturevalue(server), name)
    async with Mailer(connection_to(endpoint, USERS["ordinary"] if login else None)) as mailer:
        found = await mailer.test(mail_from=SENDER)
    assert found.ok, found.error
    assert [step.name for step in found.steps] == [*expected, "mail"]
    assert bool(found.tls_version) is (endpoint.security is not Security.NONE)
    assert found.extensions
    assert all(step.seconds >= 0 for step in found.steps)
    said = "\n".join(found.transcript)
    assert "RCPT" not in said
    assert "DATA" not in said
    assert USERS["ordinary"].password not in said


async def test_it_stops_where_it_fails(
    tls_server: StartTlsServer, certificates: Certificates, request: pytest.FixtureRequest
) -> None:
    expired = tls_server(certificates.expired, Security.STARTTLS).endpoint
    async with Mailer(connection_to(expired)) as mailer:
        found = await mailer.test()
    assert isinstance(found.error, TLSError)
    assert found.steps[-1].name == "tls"
    wrong = Account(user=USERS["ordinary"].user, password="wrong")
    async with Mailer(connection_to(request.getfixturevalue("postfix").starttls, wrong)) as mailer:
        found = await mailer.test()
    assert isinstance(found.error, AuthenticationError)
    assert found.steps[-1].name == "auth"
    async with Mailer(connection_to(Endpoint(port=1))) as mailer:
        found = await mailer.test()
    assert isinstance(found.error, ConnectError)
    assert found.steps[-1].name == "connect"
    assert all(step.error is None for step in found.steps[:-1])
