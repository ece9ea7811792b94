"""kill -9 at every named point of the sentence: nothing accepted is lost, nothing is sent twice without a record.

The processes, the SMTP server and the signals are real. What counts is the server's own journal of what it took.
More cycles: `scripts/torture --cycles 500`.
"""

import random
from pathlib import Path

import pytest
from tests.torture.cycles import NAMED_POINTS, Executioner, Torture
from tests.torture.scripted_server import Point, ScriptedServer

_PARTS = 4
_MESSAGES = 30


def _points(part: int) -> list[str]:
    """Give each part a quarter of all named points, taken twice, and some random moments."""
    own = [point for index, point in enumerate(NAMED_POINTS) if index % _PARTS == part]
    points = [*own, *own, *["random"] * 4]
    random.Random(part).shuffle(points)
    return points


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(_PARTS))
@pytest.mark.asyncio
async def test_a_courier_killed_anywhere_loses_nothing_and_doubles_nothing_unrecorded(
    part: int, tmp_path: Path
) -> None:
    points = _points(part)
    outcome = await Torture(tmp_path, seed=part, messages=_MESSAGES).run(points)
    assert outcome.complaints == []
    assert outcome.verdict.lost == []
    assert outcome.verdict.silent_duplicates == []
    assert outcome.verdict.wrong_claims == []
    assert outcome.verdict.strangers == []
    assert outcome.verdict.acknowledged == len(points) * _MESSAGES
    # A process that had finished its work before its point came proves nothing.
    assert sum(outcome.killed.values()) >= len(points) - 5


def test_every_part_together_kills_sixty_processes_at_every_point() -> None:
    points = [point for part in range(_PARTS) for point in _points(part)]
    assert len(points) >= 60
    assert set(points) == {*NAMED_POINTS, "random"}


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.asyncio
async def test_a_courier_that_does_not_note_what_is_on_its_way_is_found_out(tmp_path: Path) -> None:
    """The proof of the proof: break the rule that keeps duplicates from being silent, and the judge must see it."""
    torture = Torture(tmp_path, seed=1, messages=_MESSAGES)
    torture.upto = _MESSAGES
    async with ScriptedServer(tmp_path / "journal") as server, torture:
        process = await torture.start(server, "--forgetful")
        server.reached = Executioner(process, Point.TAKEN, 10)
        await torture.end_of(process, "forgetful")
        verdict = await torture.finish(server)
    assert verdict.silent_duplicates
    assert verdict.in_doubt == 0
