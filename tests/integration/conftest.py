"""Fixtures for real servers. Each is started when a test first asks for it, and once for each test process."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import pytest
from tests.integration.kept_place import OnPostgresql, OnSqlite, Place
from tests.integration.lab.aiosmtpd_server import AiosmtpdServer
from tests.integration.lab.authorization_server import AuthorizationServer
from tests.integration.lab.certificates import Certificates, Certified
from tests.integration.lab.dovecot import DovecotSasl, DovecotSubmission
from tests.integration.lab.endpoint import Endpoint, Security
from tests.integration.lab.exim import Exim
from tests.integration.lab.opensmtpd import OpenSmtpd
from tests.integration.lab.postfix import Postfix
from tests.integration.lab.process import ServerMissingError, make_directory
from tests.integration.lab.smtp_sink import SmtpSink
from tests.integration.lab.tap import Tap
from tests.integration.lab.tls_server import TlsServer, server_context
from tests.integration.scram_plus_server import ScramPlusServer
from tests.postgres_server import PostgresServer

from eilbote.store.open_flows import share_database


class _Server(Protocol):
    def stop(self) -> None: ...


ServerT = TypeVar("ServerT", bound=_Server)

# The servers that have to be installed, by the names of their fixtures.
PEERS = frozenset(
    {
        "authorization_server",
        "dovecot",
        "dovecot_sasl",
        "exim",
        "opensmtpd",
        "postfix",
        "postfix_with_tokens",
        "smtp_sink",
    }
)


TOKEN_SECONDS = 5


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs an installed server, so that ``-m 'not peer'`` leaves it out."""
    for item in items:
        if PEERS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.peer)


def _running(start: Callable[[], ServerT]) -> Iterator[ServerT]:
    """The server while tests use it. One that is not installed is a visible skip."""
    try:
        server = start()
    except ServerMissingError as missing:
        pytest.skip(str(missing))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def certificates() -> Iterator[Certificates]:
    """The authority to trust, and certificates that are right or wrong in one way each."""
    directory = make_directory("certificates")
    yield Certificates(directory)
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def dovecot_sasl() -> Iterator[DovecotSasl]:
    """The authentication service behind Postfix and Exim."""
    yield from _running(DovecotSasl)


@pytest.fixture(scope="session")
def postfix(certificates: Certificates, dovecot_sasl: DovecotSasl) -> Iterator[Postfix]:
    """Postfix with a port for each habit."""
    yield from _running(lambda: Postfix(certificates, dovecot_sasl))


@pytest.fixture(scope="session")
def authorization_server(certificates: Certificates) -> Iterator[AuthorizationServer]:
    """An OAuth2 authorization server with rotating refresh tokens and access tokens that are valid for 5 seconds."""
    yield from _running(lambda: AuthorizationServer(certificates, seconds=TOKEN_SECONDS))


@pytest.fixture(scope="session")
def postfix_with_tokens(
    certificates: Certificates, authorization_server: AuthorizationServer
) -> Iterator[Postfix]:
    """Postfix whose Dovecot asks the authorization server about each token."""
    for sasl in _running(lambda: DovecotSasl(authorization_server)):
        yield from _running(lambda: Postfix(certificates, sasl))  # noqa: B023 - used in this turn only


@pytest.fixture(scope="session")
def dovecot(certificates: Certificates, postfix: Postfix) -> Iterator[DovecotSubmission]:
    """Dovecot's submission server; what it takes is found in ``postfix.received``."""
    yield from _running(lambda: DovecotSubmission(certificates, relay_port=postfix.plain.port))


@pytest.fixture(scope="session")
def exim(certificates: Certificates, dovecot_sasl: DovecotSasl) -> Iterator[Exim]:
    """Exim."""
    yield from _running(lambda: Exim(certificates, dovecot_sasl))


@pytest.fixture(scope="session")
def opensmtpd() -> Iterator[OpenSmtpd]:
    """OpenSMTPD, without TLS."""
    yield from _running(OpenSmtpd)


@pytest.fixture(scope="session")
def aiosmtpd_server(certificates: Certificates) -> Iterator[AiosmtpdServer]:
    """Three aiosmtpd servers in threads of this process."""
    yield from _running(lambda: AiosmtpdServer(certificates))


@pytest.fixture
def smtp_sink() -> Iterator[Callable[..., SmtpSink]]:
    """Starts smtp-sink with switches of its own: ``smtp_sink("-q", "data")``."""
    sinks: list[Iterator[SmtpSink]] = []

    def start(*switches: str) -> SmtpSink:
        sinks.append(_running(lambda: SmtpSink(*switches)))
        return next(sinks[-1])

    yield start
    for sink in sinks:
        next(sink, None)


class StartTlsServer(Protocol):
    """Starts a server that presents one certificate over one range of TLS versions."""

    def __call__(
        self,
        certified: Certified,
        security: Security,
        *,
        minimum: ssl.TLSVersion = ...,
        maximum: ssl.TLSVersion = ...,
        demand_client_certificate: bool = ...,
    ) -> TlsServer: ...


@pytest.fixture
def tls_server(certificates: Certificates) -> Iterator[StartTlsServer]:
    """Starts a tiny server with one certificate: ``tls_server(certificates.expired, Security.STARTTLS)``."""
    servers: list[TlsServer] = []

    def start(
        certified: Certified,
        security: Security,
        *,
        minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
        maximum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
        demand_client_certificate: bool = False,
    ) -> TlsServer:
        client_ca_file = certificates.ca_file if demand_client_certificate else None
        context = server_context(certified, minimum=minimum, maximum=maximum, client_ca_file=client_ca_file)
        servers.append(TlsServer(context, security, ca_file=certificates.ca_file))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def scram_plus_server(certificates: Certificates) -> Iterator[Callable[..., ScramPlusServer]]:
    """Starts a server with SCRAM bound to one version of TLS: ``scram_plus_server("1.3")``."""
    servers: list[ScramPlusServer] = []

    def start(version: str, *, another_session: bool = False) -> ScramPlusServer:
        servers.append(ScramPlusServer(certificates, version, another_session=another_session))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def tap() -> Iterator[Callable[[Endpoint], Tap]]:
    """Listens in on a port without TLS: ``tap(postfix.plain)``."""
    taps: list[Tap] = []

    def listen(server: Endpoint) -> Tap:
        taps.append(Tap(server))
        return taps[-1]

    yield listen
    for each in taps:
        each.stop()


_numbers = itertools.count(1)


@pytest.fixture
def recipient() -> str:
    """An address that no other test uses; every server of the laboratory that stores mail takes it."""
    return f"recipient-{next(_numbers)}@lab.example"


@pytest.fixture
def another_postgres_database(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a database beside the first."""
    name = postgres.new_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def database_with_tables(postgres: PostgresServer) -> str:
    """The name of a database that has the tables already, to be copied."""
    name = postgres.new_database()

    async def make() -> None:
        handle = share_database(postgres.url(name)).handle()
        await handle.open()
        await handle.close()

    asyncio.run(make())
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A place for what is kept, of either kind."""
    if request.param == "sqlite":
        yield OnSqlite(tmp_path)
        return
    postgres = request.getfixturevalue("postgres")
    name = postgres.new_database(template=request.getfixturevalue("database_with_tables"))
    yield OnPostgresql(
        tmp_path, postgres.url(name), lambda: request.getfixturevalue("another_postgres_database")
    )
    postgres.drop_database(name)
