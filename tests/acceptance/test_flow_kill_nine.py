"""kill -9 while flows run, at every named point: no run is lost, and each visit of a node sends its message once.

The processes, the SMTP server, the database and the signals are real. More cycles: `scripts/torture --flows --cycles 200`.
"""

import random
import signal
from pathlib import Path

import pytest
from tests.torture.flow_cycles import CALLS, NAMED_POINTS, FlowTorture
from tests.torture.scripted_server import ScriptedServer


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(2))
@pytest.mark.asyncio
async def test_whoever_works_flows_and_is_killed_loses_no_run_and_doubles_no_message(
    part: int, tmp_path: Path
) -> None:
    points = [*NAMED_POINTS[part::2], "random"]
    random.Random(part).shuffle(points)
    outcome = await FlowTorture(tmp_path, seed=part, runs=8).run(points)
    assert outcome.complaints == []
    assert outcome.unfinished == []
    assert outcome.doubled == []
    assert outcome.missing == []
    assert outcome.untold == []
    assert outcome.mail.is_good, outcome.mail
    assert outcome.runs == 8 * len(points)
    # A process that had finished its work before its point came proves nothing.
    assert sum(outcome.killed.values()) >= len(points) - 3


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.asyncio
async def test_two_processes_on_one_file_share_the_runs_and_double_nothing(tmp_path: Path) -> None:
    """Both begin the same runs under the same names, and one of them is killed on the way."""
    torture = FlowTorture(tmp_path, seed=2, runs=30)
    torture.upto = 30
    async with ScriptedServer(tmp_path / "journal") as server, torture:
        killed = await torture.start(server, "--die", "keep:after:20")
        # On a busy machine the other could be through before this one has done enough to die.
        await server.until(torture.has_begun)
        other = await torture.start(server)
        assert await torture.end_of(killed, "one") == -signal.SIGKILL
        assert await torture.end_of(other, "the other") == 0
        await torture.judge(server)
    outcome = torture.outcome
    assert outcome.is_good, outcome
    assert outcome.runs == 30


def test_both_parts_together_kill_at_every_point() -> None:
    assert {*NAMED_POINTS[0::2], *NAMED_POINTS[1::2]} == {
        f"{call}:{when}" for call in CALLS for when in ("before", "after")
    }


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.asyncio
async def test_messages_that_are_handed_in_without_their_names_are_found_out(tmp_path: Path) -> None:
    """The proof of the proof: take away the name that makes a message one, and the judge must see two."""
    torture = FlowTorture(tmp_path, seed=1, runs=4)
    torture.upto = 4
    async with ScriptedServer(tmp_path / "journal") as server, torture:
        await torture.cycle(server, "accept:after", "--nameless")
        assert torture.outcome.killed["accept:after"] == 1
        await torture.end_of(await torture.start(server, "--nameless"), "end")
        await torture.judge(server)
    assert torture.outcome.doubled
