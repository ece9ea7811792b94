"""The way to a database server, encrypted: what the URL asks for is done, and what is refused is said with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integration.lab.certificates import Certificates
from tests.integration.tls_before_postgres import TlsBeforePostgres, tls_before
from tests.postgres_server import PostgresServer

from eilbote.errors import OutboxError, OutboxUnavailableError
from eilbote.store.postgres_outbox import PostgresOutbox
from eilbote.testing.outbox_exercises.scene import accept, new_entry, opened

pytestmark = pytest.mark.asyncio

_PASSWORD = "s3cret!"


@pytest.fixture
def database(postgres_database: str) -> str:
    """The name of an empty database."""
    return postgres_database.partition("?")[0].rpartition("/")[2]


def url(before: TlsBeforePostgres, database: str, host: str = "127.0.0.1", **options: object) -> str:
    asked = "&".join(f"{name}={value}" for name, value in options.items())
    return f"postgresql://postgres:{_PASSWORD}@{host}:{before.port}/{database}?{asked}"


async def tried(url: str) -> None:
    async with opened(lambda: PostgresOutbox(url, busy_seconds=0.0)) as store:
        await accept(store, new_entry("a"))


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_server_whose_certificate_is_good_is_used(
    postgres: PostgresServer, database: str, certificates: Certificates, mode: str, host: str
) -> None:
    async with tls_before(postgres, certificates.good) as before:
        await tried(url(before, database, host, sslmode=mode, sslrootcert=certificates.ca_file))
    assert set(before.versions) == {"TLSv1.3"}


@pytest.mark.parametrize("kind", ["unknown_authority", "self_signed", "expired", "wrong_host"])
async def test_one_whose_certificate_is_not_is_refused(
    postgres: PostgresServer, database: str, certificates: Certificates, kind: str
) -> None:
    """Trying again does not help, so nobody waits for it, and the remedy is not to look whether the server runs."""
    async with tls_before(postgres, getattr(certificates, kind)) as before:
        with pytest.raises(OutboxError) as told:
            await tried(url(before, database, sslmode="verify-full", sslrootcert=certificates.ca_file))
    assert not isinstance(told.value, OutboxUnavailableError)
    assert "sslrootcert" in str(told.value.remedy)
    assert _PASSWORD not in str(told.value)


async def test_the_name_is_not_looked_at_by_verify_ca(
    postgres: PostgresServer, database: str, certificates: Certificates
) -> None:
    async with tls_before(postgres, certificates.wrong_host) as before:
        await tried(url(before, database, sslmode="verify-ca", sslrootcert=certificates.ca_file))


async def test_a_file_of_authorities_that_is_not_there_is_named(
    postgres: PostgresServer, database: str, certificates: Certificates, tmp_path: Path
) -> None:
    missing = tmp_path / "nothing.pem"
    async with tls_before(postgres, certificates.good) as before:
        with pytest.raises(OutboxError, match="sslrootcert") as told:
            await tried(url(before, database, sslmode="verify-full", sslrootcert=missing))
    assert str(missing) in str(told.value)
    assert not isinstance(told.value, OutboxUnavailableError)


async def test_a_mode_that_is_none_is_refused(
    postgres: PostgresServer, database: str, certificates: Certificates
) -> None:
    async with tls_before(postgres, certificates.good) as before:
        with pytest.raises(OutboxError, match="sslmode") as told:
            await tried(url(before, database, sslmode="verify-all"))
    assert not isinstance(told.value, OutboxUnavailableError)
    assert "EILBOTE_DATABASE_URL" in str(told.value.remedy)


async def test_a_server_without_tls_is_not_used_when_it_is_asked_for(
    postgres: PostgresServer, database: str, certificates: Certificates
) -> None:
    async with tls_before(postgres, None) as before:
        for mode in ("require", "verify-full"):
            wanted = url(before, database, sslmode=mode, sslrootcert=certificates.ca_file)
            with pytest.raises(OutboxError, match="rejected SSL upgrade") as told:
                await tried(wanted)
            assert _PASSWORD not in str(told.value)
        await tried(url(before, database, sslmode="prefer"))
    assert before.versions == []
