"""kill -9 again and again, at named points and at random, and a verdict at the end.

Each cycle starts a process that submits some messages and delivers whatever is in the outbox, and kills it: from
inside, before or after a chosen call of the outbox; from the server, when the client has come to a chosen point of
the dialogue; or at a random moment. The last process is left alone and has to finish the work.
"""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.scripted_server import Point, ScriptedServer, nothing
from tests.torture.verdict import Verdict, judge
from tests.torture.victims import CYCLE_SECONDS, Victims

from eilbote.store.sqlite_outbox import SqliteOutbox

CALLS = {
    "accept": 15,
    "claim": 5,
    "transmit": 8,
    "settle": 8,
    "begin_courier": 1,
    "couriers": 1,
    "ready_lanes": 2,
    "end_courier": 1,
}
"""The calls of the outbox at which a process dies, and up to which one of them."""

NAMED_POINTS = (
    *(f"{method}:{when}" for method in CALLS for when in ("before", "after")),
    *(f"server:{point}" for point in Point),
)
"""Every named point of the sentence."""

_MESSAGES_A_CYCLE = 40
_SECONDS_A_MESSAGE = 0.1
_LONGEST_LIFE = 1.2
"""Of a process that dies at a random moment; most of them are through with their work by then."""


@dataclass(slots=True)
class Outcome:
    """What the cycles led to.

    Attributes:
        verdict: What is to be said of the messages.
        killed: How often a process was killed, by point.
        survived: How often it had finished before the point came.
        complaints: What went wrong in a process beside being killed.
    """

    verdict: Verdict = field(default_factory=Verdict)
    killed: Counter[str] = field(default_factory=Counter[str])
    survived: Counter[str] = field(default_factory=Counter[str])
    complaints: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return self.verdict.is_good and not self.complaints


class Torture(Victims):
    """One outbox, one server, many processes.

    Args:
        folder: Where everything is kept.
        seed: Of everything that is left to chance.
        messages: New messages of each cycle.

    Attributes:
        upto: Every number below is to be submitted.
        outcome: What came of it so far.
    """

    def __init__(self, folder: Path, *, seed: int, messages: int = _MESSAGES_A_CYCLE) -> None:
        self.outcome = Outcome()
        super().__init__(random.Random(seed), longest_life=_LONGEST_LIFE, complaints=self.outcome.complaints)
        self._folder = folder
        self._messages = messages
        self._acks = folder / "acks"
        self._acks.touch()
        (folder / "data").mkdir(exist_ok=True)
        self.upto = 1 + max(self.acknowledged(), default=-1)

    async def run(self, points: list[str], *, said: Callable[[str], object] = len) -> Outcome:
        """Kill a process at each of the points, let the last one live, and judge.

        Args:
            points: Where.
            said: Is told how far it is.
        """
        async with ScriptedServer(self._folder / "journal") as server, self:
            for number, point in enumerate(points, start=1):
                await self._cycle(server, point)
                said(f"{number} of {len(points)} killed, {point}; {len(server.taken):,} taken")
            await self.finish(server)
        return self.outcome

    async def finish(self, server: ScriptedServer) -> Verdict:
        """Let one process do what is left, and judge."""
        server.reached = nothing
        await self.live(server)
        store = SqliteOutbox(self._folder / "data" / "eilbote.db")
        await store.open()
        try:
            self.outcome.verdict = await judge(store, server.taken, self.acknowledged())
        finally:
            await store.close()
        return self.outcome.verdict

    async def _cycle(self, server: ScriptedServer, point: str) -> None:
        self.upto += self._messages
        kind, _, when = point.partition(":")
        dies = [] if kind in {"server", "random"} else ["--die", f"{point}:{self._nth(CALLS[kind])}"]
        process = await self.start(server, *dies)
        if kind == "server":
            server.reached = Executioner(process, Point(when), self._nth(30))
        else:
            server.reached = nothing
        if kind == "random":
            await self.kill_at_random(process)
        status = await self.end_of(process, point)
        (self.outcome.killed if status == -signal.SIGKILL else self.outcome.survived)[point] += 1

    def _nth(self, most: int) -> int:
        return self._chance.randint(1, most)

    async def live(self, server: ScriptedServer) -> None:
        """Run a process to the end of its work."""
        seconds = CYCLE_SECONDS + _SECONDS_A_MESSAGE * self.upto  # whatever the others have left is its work
        status = await self.end_of(await self.start(server), "end", seconds=seconds)
        if status:
            self.outcome.complaints.append(f"the last process ended with status {status}")

    async def start(self, server: ScriptedServer, *options: str) -> asyncio.subprocess.Process:
        """Start a process that submits every number up to ``upto`` and delivers."""
        return await self.spawn(
            "child",
            *("--data", str(self._folder / "data"), "--uri", server.uri),
            *("--acks", str(self._acks), "--upto", str(self.upto)),
            *options,
        )

    def acknowledged(self) -> dict[int, str]:
        """Give the Message-ID of every number whose submission has returned."""
        lines = [line.split() for line in self._acks.read_text().splitlines() if line.endswith(".")]
        return {int(number): message_id for number, _, message_id, _ in lines}


class Executioner:
    """Kills a process when it has come to a point so many times."""

    def __init__(self, process: asyncio.subprocess.Process, point: Point, times: int) -> None:
        self._process = process
        self._point = point
        self._left = times
        self._is_over = False

    async def __call__(self, point: Point) -> bool:
        if point is self._point and not self._is_over:
            self._left -= 1
            if self._left == 0:
                self._is_over = True
                os.kill(self._process.pid, signal.SIGKILL)
                return True
        return False


def points_for(cycles: int, *, chance: random.Random) -> list[str]:
    """Give every named point in turn, and a random moment in place of every fourth."""
    points: list[str] = []
    while len(points) < cycles:
        for index, point in enumerate(chance.sample(NAMED_POINTS, len(NAMED_POINTS))):
            points += [point, "random"] if index % 3 == 2 else [point]
    return points[:cycles]
