"""SIGTERM under load: nothing new is begun, what is on its way ends well, and nobody is left in doubt."""

import random
import signal
from pathlib import Path

import pytest
from tests.torture.cycles import Torture
from tests.torture.scripted_server import ScriptedServer

_RESTARTS = 8
_MESSAGES = 60


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.asyncio
async def test_restarts_under_load_leave_nothing_in_doubt(tmp_path: Path) -> None:
    torture = Torture(tmp_path, seed=0)
    chance = random.Random(5)
    async with ScriptedServer(tmp_path / "journal") as server, torture:
        server.seconds_to_take = 0.01  # so that there is always something on its way
        for _ in range(_RESTARTS):
            torture.upto += _MESSAGES
            process = await torture.start(server, "--until-stopped")
            enough = len(server.taken) + chance.randint(1, _MESSAGES)
            await server.until(lambda: len(server.taken) >= enough)  # noqa: B023 - over before it changes
            process.terminate()
            assert await torture.end_of(process, "stopped") == 0
        verdict = await torture.finish(server)
    assert torture.outcome.complaints == []
    assert verdict.is_good, verdict.as_dict()
    assert verdict.in_doubt == 0
    assert verdict.twice == 0


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.asyncio
async def test_without_time_to_finish_what_is_on_its_way_is_recorded_as_in_doubt(tmp_path: Path) -> None:
    torture = Torture(tmp_path, seed=0)
    torture.upto = _MESSAGES
    async with ScriptedServer(tmp_path / "journal") as server, torture:
        process = await torture.start(server, "--until-stopped", "--grace", "0")
        await server.until(lambda: len(server.taken) >= 10)
        server.seconds_to_take = 60.0
        process.terminate()
        assert await torture.end_of(process, "stopped") == 0
        server.seconds_to_take = 0.0
        verdict = await torture.finish(server)
    assert torture.outcome.complaints == []
    assert verdict.silent_duplicates == verdict.wrong_claims == verdict.strangers == []
    # They wait for their next attempt, as whatever is in doubt does.
    assert all(one.endswith("deferred, in_doubt") for one in verdict.lost)
    assert verdict.in_doubt > 0


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.asyncio
async def test_told_twice_it_does_not_wait_for_the_server(tmp_path: Path) -> None:
    torture = Torture(tmp_path, seed=0)
    torture.upto = _MESSAGES
    async with ScriptedServer(tmp_path / "journal") as server, torture:
        process = await torture.start(server, "--until-stopped", "--grace", "3600")
        await server.until(lambda: len(server.taken) >= 10)
        server.seconds_to_take = 3600.0
        process.terminate()
        process.send_signal(signal.SIGINT)  # two of one kind may arrive as one
        assert await torture.end_of(process, "stopped") == 0
    assert torture.outcome.complaints == []
