"""Several processes with one database: one renewal, and what a killed one leaves behind."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.integration.lab.certificates import Certificates
from tests.integration.token_endpoint import RotatingEndpoint, rotating_endpoint
from tests.integration.token_program import credentials

from eilbote.engine.system_clock import SystemClock
from eilbote.errors import TokenError
from eilbote.model.moment import moment_of
from eilbote.model.secret import Secret
from eilbote.oauth2.provider import TokenProvider
from eilbote.oauth2.token import Token, TokenRecord, token_key
from eilbote.settings.records import Records
from eilbote.store.key_ring import KeyRing
from eilbote.store.open_records import open_records

pytestmark = [pytest.mark.asyncio, pytest.mark.slow, pytest.mark.timeout(240)]

PROGRAM = Path(__file__).with_name("token_program.py")
ROOT = Path(__file__).parents[2]
PROCESSES, TASKS = 3, 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where the processes of a test meet."""

    folder: Path
    database: str
    ca_file: Path

    @property
    def keys(self) -> Path:
        return self.folder / "secret.keys"

    def records(self) -> Records:
        return open_records(self.database, key_ring=KeyRing(self.keys))

    async def start(self, url: str, tasks: int) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-P",
                str(PROGRAM),
                self.database,
                str(self.keys),
                url,
                str(self.ca_file),
                str(tasks),
            ),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        return process


async def go(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"go\n")
    await process.stdin.drain()


async def got(process: asyncio.subprocess.Process) -> list[str]:
    assert process.stdout is not None
    said: list[str] = json.loads(await process.stdout.readline())
    assert await process.wait() == 0
    return said


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path, certificates: Certificates) -> Place:
    url = (
        f"sqlite:///{tmp_path}/eilbote.db"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_database")
    )
    return Place(tmp_path, url, certificates.ca_file)


async def expired_token(place: Place, endpoint: RotatingEndpoint) -> None:
    """Let the database hold a token that has run out, and the refresh token that came with it."""
    endpoint.current = "refresh-kept"
    records = place.records()
    await records.open()
    now = moment_of(SystemClock().now())
    token = Token(access_token=Secret("expired"), expires=now, refresh_token=Secret("refresh-kept"))
    await records.tokens.write(token_key(credentials(endpoint.url)), TokenRecord(token=token, refreshed=now))
    await records.close()


async def test_three_processes_of_fifty_tasks_make_one_request(
    place: Place, certificates: Certificates
) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        await expired_token(place, endpoint)
        processes = [await place.start(endpoint.url, TASKS) for _ in range(PROCESSES)]
        await asyncio.gather(*map(go, processes))
        tokens = [token for each in await asyncio.gather(*map(got, processes)) for token in each]

    assert tokens == ["access-1"] * PROCESSES * TASKS
    assert [request.form["refresh_token"] for request in endpoint.requests] == ["refresh-kept"]


async def test_a_process_killed_in_the_middle_holds_nobody_up(
    place: Place, certificates: Certificates
) -> None:
    """Kill -9 behind the request: the hold is gone with the process, the mark stays, and the others know what to think."""
    async with rotating_endpoint(certificates) as endpoint:
        endpoint.gate.clear()
        await expired_token(place, endpoint)
        victim = await place.start(endpoint.url, TASKS)
        await go(victim)
        await endpoint.asked.wait()
        victim.kill()
        await victim.wait()
        endpoint.requests.clear()
        endpoint.gate.set()  # the endpoint goes on, and replaces the refresh token for nobody

        async with asyncio.timeout(30):
            await endpoint.acted.wait()
            records = place.records()
            await records.open()
            provider = TokenProvider(
                credentials(endpoint.url), store=records.tokens, http=endpoint.http, clock=SystemClock()
            )
            key = token_key(credentials(endpoint.url))
            marked = await records.tokens.read(key)
            assert marked is not None
            assert marked.renewing is not None
            with pytest.raises(TokenError, match="consent again") as caught:
                await provider.token()
            assert "was lost" in str(caught.value.cause)
            kept = await records.tokens.read(key)
            assert kept is not None
            assert kept.refusal.startswith("consent again")
            await records.close()

    assert len(endpoint.requests) == 1


async def test_a_process_killed_before_the_endpoint_acted_costs_nothing(
    place: Place, certificates: Certificates
) -> None:
    async with rotating_endpoint(certificates) as endpoint:
        endpoint.gate.clear()
        await expired_token(place, endpoint)
        endpoint.grace = 1  # as if it had not acted: the former refresh token is taken once more
        victim = await place.start(endpoint.url, 1)
        await go(victim)
        await endpoint.asked.wait()
        victim.kill()
        await victim.wait()
        endpoint.gate.set()
        another = await place.start(endpoint.url, TASKS)
        await go(another)
        async with asyncio.timeout(30):
            assert len(set(await got(another))) == 1

    with suppress(ProcessLookupError):
        victim.kill()
