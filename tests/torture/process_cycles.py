"""kill -9 while instances of processes run, at named points and at random, and a verdict at the end.

Each cycle starts a process that begins some instances and works everything there is, and kills it: from inside, before or after a
chosen call of the store of instances or of the outbox; or at a random moment. The last process is left alone and has to finish.
"""

import random
import signal
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

from tests.torture.process_child import SUBJECTS, instance_id, publish
from tests.torture.scripted_server import ScriptedServer
from tests.torture.verdict import Verdict, judge
from tests.torture.victims import CYCLE_SECONDS, Victims

from eilbote import Eilbote, EntryFilter, InstanceFilter, InstanceNotFoundError, InstanceStatus

CALLS = {
    "begin": 8,
    "claim": 3,
    "keep": 20,
    "post": 3,
    "wake": 2,
    "accept": 8,
    "settle": 3,
}
"""The calls at which a process dies, and up to which one of them."""
NAMED_POINTS = tuple(f"{method}:{when}" for method in CALLS for when in ("before", "after"))
_INSTANCES_A_CYCLE = 12
_LONGEST_LIFE = 2.5


@dataclass(slots=True)
class ProcessOutcome:
    """What the cycles led to; every list must be empty.

    Attributes:
        mail: What is to be said of the messages.
        instances: How many instances were acknowledged.
        killed: How often a process was killed, by point.
        unfinished: Instances that were lost, failed, stand at an incident, or did not come to their end.
        doubled: Elements and iterations with more than one entry in the outbox.
        missing: Elements and iterations without one.
        strangers: Instances that nobody has begun.
        complaints: What went wrong in a process beside being killed.
    """

    mail: Verdict = field(default_factory=Verdict)
    instances: int = 0
    killed: Counter[str] = field(default_factory=Counter[str])
    unfinished: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        wrong = (self.unfinished, self.doubled, self.missing, self.strangers, self.complaints)
        return self.mail.is_good and not any(wrong)

    def as_dict(self) -> dict[str, object]:
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        return given | {"mail": self.mail.as_dict(), "killed": dict(sorted(self.killed.items()))}


class ProcessTorture(Victims):
    """One database, one server, many processes.

    Args:
        folder: Where everything is kept.
        seed: Of everything that is left to chance.
        instances: New instances of each cycle.
    """

    def __init__(self, folder: Path, *, seed: int, instances: int = _INSTANCES_A_CYCLE) -> None:
        self.outcome = ProcessOutcome()
        super().__init__(random.Random(seed), longest_life=_LONGEST_LIFE, complaints=self.outcome.complaints)
        self._folder = folder
        self._instances = instances
        self._acks = folder / "acks"
        self._acks.touch()
        (folder / "data").mkdir(exist_ok=True)
        self.upto = 0

    async def run(self, points: list[str], *, said: Callable[[str], object] = len) -> ProcessOutcome:
        """Kill a process at each of the points, let the last one live, and judge."""
        async with ScriptedServer(self._folder / "journal") as server, self:
            await self.prepare(server)
            for number, point in enumerate(points, start=1):
                self.upto += self._instances
                await self.cycle(server, point)
                said(f"{number} of {len(points)} killed, {point}; {len(server.taken):,} taken")
            await self.end_of(await self.start(server), "end", seconds=CYCLE_SECONDS + self.upto)
            await self.judge(server)
        return self.outcome

    async def prepare(self, server: ScriptedServer) -> None:
        """Publish what is begun in each cycle."""
        async with Eilbote(data_dir=self._folder / "data", connections=server.uri) as eilbote:
            if not await eilbote.processes.processes():
                await publish(eilbote)

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

    async def start(self, server: ScriptedServer, *options: str) -> Process:
        """Start a process that begins every instance up to ``upto``, and works."""
        return await self.spawn(
            "process_child",
            *("--data", str(self._folder / "data"), "--uri", server.uri),
            *("--acks", str(self._acks), "--upto", str(self.upto)),
            *options,
        )

    async def judge(self, server: ScriptedServer) -> None:
        """Compare what was begun, how the instances ended, what the outbox has, and what the server took."""
        outcome = self.outcome
        lines = [line.split() for line in self._acks.read_text().splitlines() if line.endswith(".")]
        begun = sorted({int(number) for number, *_ in lines})
        outcome.instances = len(begun)
        async with Eilbote(data_dir=self._folder / "data", connections=server.uri) as eilbote:
            outcome.mail = await judge(eilbote.store, server.taken, {})
            sent, keys = Counter[str](), Counter[str]()
            after = None
            while page := await eilbote.entries(EntryFilter(), limit=500, after=after, newest_first=False):
                sent.update(entry.subject for entry in page)
                keys.update(entry.idempotency_key or "" for entry in page)
                after = page[-1].id
            outcome.doubled = [subject for subject, count in sent.items() if count > 1]
            outcome.doubled += [key for key, count in keys.items() if count > 1]
            wanted = [f"{subject} {number}" for number in begun for subject in SUBJECTS]
            outcome.missing = [subject for subject in wanted if subject not in sent]
            for number in begun:
                try:
                    found = await eilbote.processes.get(instance_id(number))
                except InstanceNotFoundError:
                    outcome.unfinished.append(f"{instance_id(number)} is not there")
                    continue
                if found.status is not InstanceStatus.COMPLETED:
                    outcome.unfinished.append(
                        f"{found.id} {found.status} at {found.tokens}: {found.incidents}"
                    )
            echoes = InstanceFilter(process="echo")
            count = len(await eilbote.processes.instances(echoes, limit=100_000))
            if count != len(begun):
                outcome.strangers.append(f"{count} echoes of {len(begun)} instances")


def process_points(cycles: int, *, chance: random.Random) -> list[str]:
    """Give every named point in turn, and a random moment in place of every fourth."""
    points: list[str] = []
    while len(points) < cycles:
        for index, point in enumerate(chance.sample(NAMED_POINTS, len(NAMED_POINTS))):
            points += [point, "random"] if index % 3 == 2 else [point]
    return points[:cycles]
