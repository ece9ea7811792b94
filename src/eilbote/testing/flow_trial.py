"""Tries a flow: the whole of a run, with nothing kept and nothing sent.

Outbox, flows and connections are in memory, large parts in a folder that is taken away again. Whatever connection a message is
for, it goes to a catcher inside this process; the gate for addresses refuses everything, so no web request leaves either. Waits
end at once: the clock of the run is set forward.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from eilbote.app import Eilbote, courier_for
from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.store import Awaits
from eilbote.config.config import EgressSettings
from eilbote.config.reading import read_config
from eilbote.connections.known import DEFAULT, NOTIFICATION
from eilbote.engine.run_mails import mails_of, mails_on_their_way
from eilbote.engine.system_clock import SystemClock
from eilbote.engine.transports import Transports
from eilbote.engine.way_out import way_out
from eilbote.model.moment import moment_of
from eilbote.store.memory_outbox import MemoryOutbox
from eilbote.testing.catcher import Catcher

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from eilbote.author.flow.definition import Flow
    from eilbote.config.config import Config
    from eilbote.connections.connection import Connection
    from eilbote.engine.courier import Courier
    from eilbote.engine.flow_view import FlowRun
    from eilbote.engine.run_mails import StepMail
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment
    from eilbote.testing.caught_message import CaughtMessage

EXPIRED: Final = "expired"
"""In place of a choice: nobody answers in time."""
_SENDER: Final = "Sender <sender@capture.example>"
_NOWHERE: Final = "0.0.0.0/0 ::/0"
_PUBLIC_URL: Final = "http://127.0.0.1:8025"
"""Where links in messages seem to lead; nobody answers there."""
_LOOK_SECONDS: Final = 0.02
_DELIVERY_SECONDS: Final = 10.0
_MOST_WAITS: Final = 1000
_NOTHING: Final[Mapping[str, Data]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is tried.

    Attributes:
        text: The flow.
        input: What it is given.
        session: The conversation; its own when empty.
        organization: On whose behalf.
        run_id: The id of the run; made up when ``None``.
        answers: What people choose, in order; :data:`EXPIRED` lets the time pass.
        author: Who tries it.
        answered_by: Who the flow is told has answered.
    """

    text: str
    input: Mapping[str, Data] = field(default_factory=lambda: _NOTHING)
    session: str = ""
    organization: str = ""
    run_id: str | None = None
    answers: Sequence[str] = ()
    author: str = ""
    answered_by: str = "trial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A wait that was skipped.

    Attributes:
        node: Which node waits.
        seconds: For how long.
    """

    node: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A question to which no answer was given, so that the run stays there.

    Attributes:
        node: Which node asks.
    """

    node: str


Passing: TypeAlias = Skipped | Unanswered
"""What happens on the way that nobody sees in the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of a flow that was tried.

    Attributes:
        run: How it stands.
        mails: Its messages, as the outbox had them.
        caught: The same, as they would have arrived.
        at: When it stood so, what was skipped included.
    """

    run: FlowRun
    mails: Sequence[StepMail]
    caught: tuple[CaughtMessage, ...]
    at: Moment


async def try_out(trial: Trial, *, on_passing: Callable[[Passing], None] = lambda _: None) -> Tried:
    """Run a flow to its end, with nothing kept and nothing sent.

    Args:
        trial: What is tried.
        on_passing: Hears what is skipped, and what stays unanswered.

    Raises:
        EilboteError: The flow or its input cannot be used.
    """
    with TemporaryDirectory(prefix="eilbote-") as folder:
        config = replace(
            read_config(data_dir=Path(folder)), egress=EgressSettings(deny=_NOWHERE), public_url=_PUBLIC_URL
        )
        return await _try(trial, config, on_passing)


class SkippingClock:
    """The machine's clock, and what was skipped: both of its hands go forward together, as over a night's sleep."""

    def __init__(self) -> None:
        self._real = SystemClock()
        self._skipped = 0.0

    def now(self) -> datetime:
        """Give the wall-clock time."""
        return self._real.now() + timedelta(seconds=self._skipped)

    def monotonic(self) -> float:
        """Give the seconds, those skipped among them."""
        return self._real.monotonic() + self._skipped

    def skip(self, seconds: float) -> None:
        """Set both hands forward."""
        self._skipped += max(seconds, 0.0)


async def _try(trial: Trial, config: Config, on_passing: Callable[[Passing], None]) -> Tried:
    clock = SkippingClock()
    async with Catcher() as catcher:
        connection = catcher.connection(default_from=_SENDER)
        names = dict.fromkeys(_names_in(read_flow(trial.text)), connection)
        async with Eilbote(
            config=config, store=MemoryOutbox(), connections=names, clock=clock, author=trial.author
        ) as eilbote:
            run = await eilbote.flows.begin(
                trial.text,
                trial.input,
                session=trial.session,
                organization=trial.organization,
                run_id=trial.run_id,
                author=trial.author,
            )
            onwards = _Onwards(eilbote, clock, on_passing, list(trial.answers), trial.answered_by)
            run = await _to_the_end(onwards, run, connection)
            mails = await mails_of(eilbote, run)
            return Tried(run=run, mails=mails, caught=catcher.messages, at=moment_of(clock.now()))


def _names_in(flow: Flow) -> set[str]:
    """Give the names of connections that a flow may ask for; a URI needs none."""
    names = {DEFAULT, NOTIFICATION}
    for node in flow.nodes.values():
        name = getattr(node.node, "connection", "")
        if isinstance(name, str) and name and ":" not in name:
            names.add(name)
    return names


@dataclass(slots=True)
class _Onwards:
    """Takes a run over what it waits for."""

    eilbote: Eilbote
    clock: SkippingClock
    on_passing: Callable[[Passing], None]
    answers: list[str]
    by: str
    skipped: tuple[str, Moment] | None = None

    async def over(self, run: FlowRun) -> bool:
        """Let what the run waits for be over; tells whether it is."""
        if run.has_ended or run.due is None:
            return False
        if run.awaits is Awaits.TIME:
            seconds = (run.due - moment_of(self.clock.now())) / 1000
            if (run.node, run.due) != self.skipped:  # under load the run may not have gone on yet
                self.on_passing(Skipped(node=run.node, seconds=seconds))
            self.skipped = run.node, run.due
            self.clock.skip(seconds)
            return True
        if run.awaits is not Awaits.ANSWER:
            return False
        if not self.answers:
            self.on_passing(Unanswered(node=run.node))
            return False
        answer = self.answers.pop(0)
        if answer == EXPIRED:
            self.clock.skip((run.due - moment_of(self.clock.now())) / 1000)
        else:
            await self.eilbote.answers.answer_run(run.id, answer, by=self.by)
        return True


async def _to_the_end(onwards: _Onwards, run: FlowRun, connection: Connection) -> FlowRun:
    for _ in range(_MOST_WAITS):
        async with _into_the_catcher(onwards.eilbote, connection) as courier:
            staying = asyncio.ensure_future(onwards.eilbote.flows.resume(run.id))
            try:
                while not staying.done():
                    courier.nudge()
                    await asyncio.wait({staying}, timeout=_LOOK_SECONDS)
            finally:
                staying.cancel()  # nothing, when it is done
            (run,) = staying.result()
            courier.nudge()
            await mails_on_their_way(onwards.eilbote, run, seconds=_DELIVERY_SECONDS)
        if not await onwards.over(run):
            break
    return run


@asynccontextmanager
async def _into_the_catcher(eilbote: Eilbote, connection: Connection) -> AsyncGenerator[Courier]:
    """Deliver everything to one connection, whatever it is for."""
    transports = Transports(clock=eilbote.clock, make=lambda _: way_out(connection, clock=eilbote.clock))
    courier = courier_for(eilbote, transports=transports)
    working = asyncio.ensure_future(courier.run())
    try:
        yield courier
    finally:
        courier.stop()
        await working
