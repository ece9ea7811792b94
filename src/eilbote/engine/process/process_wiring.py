"""Puts together what works processes: the desks of processes and routes, their workers, and everybody who does what instances want."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eilbote.author.process.written.read_definition import read_definition
from eilbote.engine.process.announcements import Announcements
from eilbote.engine.process.process_deeds import Deeds
from eilbote.engine.process.process_desk import ProcessDesk
from eilbote.engine.process.process_flows import ProcessFlows
from eilbote.engine.process.process_mail import ProcessMail
from eilbote.engine.process.process_messages import ProcessMessages
from eilbote.engine.process.process_starts import ProcessStarts
from eilbote.engine.process.process_upkeep import ProcessUpkeep
from eilbote.engine.process.process_web import ProcessWeb
from eilbote.engine.process.process_worker import ProcessWorker
from eilbote.engine.process.route_desk import RouteDesk
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.wall_clock import WallClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from eilbote.author.flow.store import FlowStore
    from eilbote.author.process.store import ProcessStore
    from eilbote.connections.known import KnownConnections
    from eilbote.engine.flow_mail import Submit
    from eilbote.engine.notify import Notifier
    from eilbote.engine.process.people import People
    from eilbote.engine.process.process_flows import Flows
    from eilbote.engine.process.publish import World
    from eilbote.engine.process.runs_awaited import RunsAwaited
    from eilbote.engine.web_request import Secrets
    from eilbote.engine.worker import WorkerOptions
    from eilbote.model.clock import Clock
    from eilbote.net.http import HttpDoor
    from eilbote.outbox.store import OutboxStore
    from eilbote.record.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessParts:
    """What processes are made of.

    Attributes:
        processes: Where processes, routes and instances are kept.
        flows: Which flows there are.
        run_flows: Runs them.
        runs: The runs that instances wait for.
        people: Tells people of their tasks, and reads their answers.
        close_orphans: Closes questions of tasks that are gone.
        notifier: Tells subscribers.
        outbox: Where messages are; open when it is asked.
        submit: Hands a message to the outbox.
        connections: All connections.
        web: The way to web servers.
        secrets: Where the secrets are that requests name.
        clock: Tells the time.
        report: Hears what happens.
        author: Who begins instances, when nobody says so.
        retention_seconds: How long instances are kept that have ended.
        options: How workers work.
    """

    processes: ProcessStore
    flows: FlowStore
    run_flows: Callable[[], Flows]
    runs: RunsAwaited
    people: People
    close_orphans: Callable[[], Awaitable[object]]
    notifier: Notifier
    outbox: Callable[[], OutboxStore]
    submit: Submit
    connections: KnownConnections
    web: HttpDoor
    secrets: Secrets
    clock: Clock
    report: Report
    author: str
    retention_seconds: float
    options: WorkerOptions


class ProcessWiring:
    """Processes and routes of one program.

    Args:
        parts: What they are made of.

    Attributes:
        processes: For those who run processes.
        routes: For those who look after communication routes.
    """

    def __init__(self, parts: ProcessParts) -> None:
        self._parts = parts
        self._ids = RandomIds()
        self.routes = RouteDesk(
            lambda: parts.processes,
            submit=parts.submit,
            connections=parts.connections,
            read_definition=read_definition,
            clock=parts.clock,
            author=parts.author,
        )
        starts = ProcessStarts(
            parts.processes, time=WallClock(parts.clock), report=parts.report, nudge=self._nudge
        )
        messages = ProcessMessages(parts.processes, starts, nudge=self._nudge)
        self._deeds = Deeds(
            mail=ProcessMail(
                self.routes,
                parts.submit,
                parts.outbox,
                mark=parts.people.replies.mark,
                built_in=parts.people.replies.built_in,
            ),
            web=ProcessWeb(door=parts.web, secrets=parts.secrets),
            flows=ProcessFlows(parts.run_flows, await_run=parts.runs.await_run),
            messages=messages,
            announcements=Announcements(parts.notifier),
        )
        self.processes = ProcessDesk(
            parts.processes,
            world=self._world,
            worker=self._worker,
            starts=starts,
            messages=messages,
            people=parts.people.teller,
            replies=parts.people.replies,
            clock=parts.clock,
            ids=self._ids,
            author=parts.author,
            check=parts.people.teller.check,
        )

    def _worker(self, only: Sequence[str] | None, let_go: Callable[[str], None]) -> ProcessWorker:
        parts = self._parts
        return ProcessWorker(
            store=parts.processes,
            outbox=parts.outbox,
            deeds=self._deeds,
            people=parts.people.teller,
            clock=parts.clock,
            ids=self._ids,
            report=parts.report,
            options=parts.options,
            only=only,
            let_go=let_go,
            upkeep=ProcessUpkeep(
                parts.processes,
                runs=parts.runs,
                close_orphans=parts.close_orphans,
                time=WallClock(parts.clock),
                monotonic=parts.clock.monotonic,
                retention_seconds=parts.retention_seconds,
            ),
        )

    def _world(self) -> World:
        from eilbote.engine.process.publish import World  # who only works instances publishes none

        parts = self._parts
        return World(parts.processes, connections=parts.connections, flows=parts.flows)

    def _nudge(self) -> None:
        self.processes.nudge()
