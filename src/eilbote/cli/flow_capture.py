"""What ``eilbote flow run --capture`` does: the whole of a run, with nothing kept and nothing sent.

Outbox, flows and connections are in memory, large parts in a folder that is taken away again. Whatever connection a message is
for, it goes to a catcher inside this process; the gate for addresses refuses everything, so no web request leaves either. Waits
end at once: the clock of the run is set forward.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from eilbote.app import Eilbote, courier_for
from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.store import Awaits
from eilbote.cli.flow_captured import captured_data, show_captured, write_captured
from eilbote.cli.flow_data import run_data
from eilbote.cli.flow_mails import mails_of, mails_on_their_way
from eilbote.cli.flow_view import show_run
from eilbote.cli.flow_wish import conclude, quiet_log
from eilbote.cli.lost_output import outliving_lost_output
from eilbote.cli.printable import counted
from eilbote.cli.times import span_text
from eilbote.config.config import EgressSettings
from eilbote.config.reading import read_config
from eilbote.connections.known import DEFAULT, NOTIFICATION
from eilbote.engine.system_clock import SystemClock
from eilbote.engine.transports import Transports
from eilbote.engine.way_out import way_out
from eilbote.model.moment import moment_of
from eilbote.store.memory_outbox import MemoryOutbox
from eilbote.testing.catcher import Catcher

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from eilbote.author.flow.definition import Flow
    from eilbote.cli.flow_mails import StepMail
    from eilbote.cli.flow_wish import Wish
    from eilbote.cli.screen import Screen
    from eilbote.config.config import Config
    from eilbote.connections.connection import Connection
    from eilbote.engine.courier import Courier
    from eilbote.engine.flow_view import FlowRun
    from eilbote.model.data import Data
    from eilbote.model.moment import Moment
    from eilbote.testing.caught_message import CaughtMessage

_SENDER: Final = "Sender <sender@capture.example>"
_NOWHERE: Final = "0.0.0.0/0 ::/0"
_PUBLIC_URL: Final = "http://127.0.0.1:8025"
"""Where links in messages seem to lead; nobody answers there."""
_EXPIRED: Final = "expired"
_LOOK_SECONDS: Final = 0.02
_DELIVERY_SECONDS: Final = 10.0
_MOST_WAITS: Final = 1000


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


def capture(
    text: str, flow: Flow | None, wish: Wish, given: Mapping[str, Data] | None, screen: Screen
) -> None:
    """Try a flow, and show what would have arrived.

    Raises:
        EilboteError: The flow or its input cannot be used, or a message not be written to a file.
        typer.Exit: The run has failed (1).
    """
    if given is None:
        given = dict(flow.sample) if flow else {}
        if given:
            screen.note("eilbote: no input is given; the run gets the flow's sample")
    tried = try_flow(text, wish, given, screen)
    with outliving_lost_output():
        files = [] if wish.into is None else write_captured(tried.caught, wish.into)
        if screen.as_json:
            screen.data({**run_data(tried.run, tried.mails), "captured": captured_data(tried.caught, files)})
        else:
            show_run(tried.run, tried.mails, screen, now=tried.at, links=False)
            show_captured(tried.caught, files, screen)
            screen.note(
                f"{counted(len(tried.caught), 'message')} would have been sent; nothing has left this machine, and nothing is kept"
            )
    conclude(tried.run)


def try_flow(text: str, wish: Wish, given: Mapping[str, Data], screen: Screen) -> Tried:
    """Run a flow to its end, with nothing kept and nothing sent.

    Args:
        text: The flow.
        wish: Session, organization, and id of the run, and what people answer.
        given: The input.
        screen: Where it is noted what was skipped.

    Raises:
        EilboteError: The flow or its input cannot be used.
    """
    with quiet_log(screen), TemporaryDirectory(prefix="eilbote-") as folder:
        config = replace(
            read_config(data_dir=Path(folder)), egress=EgressSettings(deny=_NOWHERE), public_url=_PUBLIC_URL
        )
        return asyncio.run(_try(text, wish, given, screen, config))


async def _try(text: str, wish: Wish, given: Mapping[str, Data], screen: Screen, config: Config) -> Tried:
    clock = SkippingClock()
    async with Catcher() as catcher:
        connection = catcher.connection(default_from=_SENDER)
        names = dict.fromkeys(_names_in(read_flow(text)), connection)
        async with Eilbote(
            config=config, store=MemoryOutbox(), connections=names, clock=clock, author="cli"
        ) as eilbote:
            run = await eilbote.flows.begin(
                text,
                given,
                session=wish.session,
                organization=wish.organization,
                run_id=wish.run_id,
                author="cli",
            )
            steps = _Onwards(eilbote, clock, screen, list(wish.answers))
            run = await _to_the_end(steps, run, connection)
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
    screen: Screen
    answers: list[str]

    async def over(self, run: FlowRun) -> bool:
        """Let what the run waits for be over; tells whether it is."""
        if run.has_ended or run.due is None:
            return False
        if run.awaits is Awaits.TIME:
            seconds = (run.due - moment_of(self.clock.now())) / 1000
            self.screen.note(f"eilbote: {run.node} waits {span_text(round(seconds))}; that is skipped")
            self.clock.skip(seconds)
            return True
        if run.awaits is not Awaits.ANSWER:
            return False
        if not self.answers:
            self.screen.note(
                f"eilbote: {run.node} waits for an answer; --answer CHOICE gives one, --answer {_EXPIRED} lets its time pass"
            )
            return False
        answer = self.answers.pop(0)
        if answer == _EXPIRED:
            self.clock.skip((run.due - moment_of(self.clock.now())) / 1000)
        else:
            await self.eilbote.answers.answer_run(run.id, answer, by="--answer")
        return True


async def _to_the_end(onwards: _Onwards, run: FlowRun, connection: Connection) -> FlowRun:
    for _ in range(_MOST_WAITS):
        async with _into_the_catcher(onwards.eilbote, connection) as courier:
            staying = asyncio.ensure_future(onwards.eilbote.flows.resume(run.id))
            while not staying.done():
                courier.nudge()
                await asyncio.wait({staying}, timeout=_LOOK_SECONDS)
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
