"""kill -9 while flows run, at named points and at random, and a verdict at the end.

Each cycle starts a process that begins some runs and works everything there is, and kills it: from inside, before or after a chosen
call of the store of runs or of the outbox; or at a random moment. The last process is left alone and has to finish the work.
"""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

from tests.torture.flow_child import SUBJECTS, run_id
from tests.torture.scripted_server import ScriptedServer
from tests.torture.verdict import Verdict, judge
from tests.torture.victims import CYCLE_SECONDS, Victims

from eilbote import Eilbote, EntryFilter, RunNotFoundError

CALLS = {
    "begin": 8,
    "claim": 3,
    "keep": 20,
    "wake": 2,
    "keep_late": 3,
    "accept": 8,
    "settle": 3,
}
"""The calls at which a process dies, and up to which one of them."""
NAMED_POINTS = tuple(f"{method}:{when}" for method in CALLS for when in ("before", "after"))
_RUNS_A_CYCLE = 12
_LONGEST_LIFE = 2.5


@dataclass(slots=True)
class FlowOutcome:
    """What the cycles led to; every list must be empty.

    Attributes:
        mail: What is to be said of the messages.
        runs: How many runs were acknowledged.
        killed: How often a process was killed, by point.
        unfinished: Runs that were lost, failed, or did not come to their end.
        doubled: Visits with more than one entry in the outbox.
        missing: Visits without one.
        untold: Late results that did not arrive.
        complaints: What went wrong in a process beside being killed.
    """

    mail: Verdict = field(default_factory=Verdict)
    runs: int = 0
    killed: Counter[str] = field(default_factory=Counter[str])
    unfinished: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        wrong = (self.unfinished, self.doubled, self.missing, self.untold, self.complaints)
        return self.mail.is_good and not any(wrong)

    def as_dict(self) -> dict[str, object]:
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        return given | {"mail": self.mail.as_dict(), "killed": dict(sorted(self.killed.items()))}


class FlowTorture(Victims):
    """One database, one server, many processes.

    Args:
        folder: Where everything is kept.
        seed: Of everything that is left to chance.
        runs: New runs of each cycle.
    """

    def __init__(self, folder: Path, *, seed: int, runs: int = _RUNS_A_CYCLE) -> None:
        self.outcome = FlowOutcome()
        super().__init__(random.Random(seed), longest_life=_LONGEST_LIFE, complaints=self.outcome.complaints)
        self._folder = folder
        self._runs = runs
        self._acks = folder / "acks"
        self._acks.touch()
        (folder / "data").mkdir(exist_ok=True)
        self.upto = 0

    async def run(self, points: list[str], *, said: Callable[[str], object] = len) -> FlowOutcome:
        """Kill a process at each of the points, let the last one live, and judge."""
        async with ScriptedServer(self._folder / "journal") as server, self:
            for number, point in enumerate(points, start=1):
                self.upto += self._runs
                await self.cycle(server, point)
                said(f"{number} of {len(points)} killed, {point}; {len(server.taken):,} taken")
            await self.end_of(await self.start(server), "end", seconds=CYCLE_SECONDS + self.upto)
            await self.judge(server)
        return self.outcome

    async def cycle(self, server: ScriptedServer, point: str, *options: str) -> None:
        """Start a process and kill it at a point."""
        kind, _, _ = point.partition(":")
        dies = [] if kind == "random" else ["--die", f"{point}:{self._chance.randint(1, CALLS[kind])}"]
        process = await self.start(server, *dies, *options)
        if kind == "random":
            await self.kill_at_random(process)
        status = await self.end_of(process, point)
        self.outcome.killed[point] += status == -signal.SIGKILL

    def has_begun(self) -> bool:
        """Give whether any process has written down what it began."""
        return self._acks.stat().st_size > 0

    async def start(self, server: ScriptedServer, *options: str) -> asyncio.subprocess.Process:
        """Start a process that begins every run up to ``upto``, and works."""
        uri = f"{server.uri}{'&' if '?' in server.uri else '?'}from=torture@example.org"
        return await self.spawn(
            "flow_child",
            *("--data", str(self._folder / "data"), "--uri", uri),
            *("--acks", str(self._acks), "--upto", str(self.upto)),
            *options,
        )

    async def judge(self, server: ScriptedServer) -> None:
        """Compare what was begun, how the runs ended, what the outbox has, and what the server took."""
        outcome = self.outcome
        lines = [line.split() for line in self._acks.read_text().splitlines() if line.endswith(".")]
        begun = {int(number) for number, *_ in lines}
        outcome.runs = len(begun)
        async with Eilbote(data_dir=self._folder / "data", connections=server.uri) as eilbote:
            outcome.mail = await judge(eilbote.store, server.taken, {})
            sent = Counter[tuple[str, str]]()
            after = None
            while page := await eilbote.entries(EntryFilter(), limit=500, after=after, newest_first=False):
                sent.update((entry.author, entry.subject) for entry in page)
                after = page[-1].id
            outcome.doubled = [
                f"{author}: {subject}" for (author, subject), count in sent.items() if count > 1
            ]
            for number in sorted(begun):
                name = run_id(number)
                author = f"flow:torture#{name}"
                outcome.missing += [f"{author}: {each}" for each in SUBJECTS if (author, each) not in sent]
                try:
                    run = await eilbote.flows.get(name)
                except RunNotFoundError:
                    outcome.unfinished.append(f"{name} is not there")
                    continue
                if run.status != "done":
                    outcome.unfinished.append(f"{name} {run.status} at {run.node}: {dict(run.error)}")
                late = run.input.get("late")
                if not isinstance(late, dict) or late.get("status") != "accepted":
                    outcome.untold.append(f"{name}: {late}")


def flow_points(cycles: int, *, chance: random.Random) -> list[str]:
    """Give every named point in turn, and a random moment in place of every fourth."""
    points: list[str] = []
    while len(points) < cycles:
        for index, point in enumerate(chance.sample(NAMED_POINTS, len(NAMED_POINTS))):
            points += [point, "random"] if index % 3 == 2 else [point]
    return points[:cycles]
