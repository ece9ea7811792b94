"""Puts together what works flows and processes and tells people: the desks, their workers, and everybody who does what they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from eilbote.engine.answers import Answers
from eilbote.engine.ask_people import PeopleAsker
from eilbote.engine.everybody import Everybody
from eilbote.engine.fetch import file_door
from eilbote.engine.flow_branding import branding_or_usual
from eilbote.engine.flow_connections import FlowConnections
from eilbote.engine.flow_desk import FlowDesk
from eilbote.engine.flow_effects import Effects
from eilbote.engine.flow_files import with_files
from eilbote.engine.flow_mail import FlowMail
from eilbote.engine.flow_upkeep import FlowUpkeep
from eilbote.engine.flow_web import FlowWeb
from eilbote.engine.flow_worker import FlowWorker
from eilbote.engine.mail_awaited import Heard
from eilbote.engine.notify_node import NotificationRaiser
from eilbote.engine.process.asking_tasks import AskingTasks
from eilbote.engine.process.runs_awaited import RunsAwaited
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.wall_clock import WallClock
from eilbote.engine.web_request import request_door
from eilbote.engine.worker import WorkerOptions
from eilbote.record.log import EventLog
from eilbote.record.report import Reports

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.author.flow.store import FlowStore
    from eilbote.author.process.store import ProcessStore
    from eilbote.author.questions import QuestionStore
    from eilbote.connections.known import KnownConnections
    from eilbote.engine.courier import Courier
    from eilbote.engine.everybody import Desk
    from eilbote.engine.flow_mail import Submit
    from eilbote.engine.notify_desk import NotifyDesk
    from eilbote.engine.process.process_desk import ProcessDesk
    from eilbote.engine.process.process_wiring import ProcessWiring
    from eilbote.engine.process.reply_keys import ReplyKeys
    from eilbote.engine.process.route_desk import RouteDesk
    from eilbote.engine.web_request import Secrets
    from eilbote.model.clock import Clock
    from eilbote.model.ids import EntryId
    from eilbote.net.egress import EgressPolicy
    from eilbote.outbox.store import OutboxStore
    from eilbote.record.report import Report
    from eilbote.record.step import Steps
    from eilbote.settings.endpoint_book import EndpointBook


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowParts:
    """What flows and notifications are made of.

    Attributes:
        flows: Where flows and runs are kept.
        processes: Gives where processes, routes and instances are kept.
        questions: Where questions to people are.
        reply_keys: What references for replies are signed with.
        notify: Whoever has to be told hears it here.
        outbox: Where messages are; open when it is asked.
        submit: Hands a message to the outbox.
        connections: All connections; those that stand in flows are kept with the stored ones.
        settings: How notifications look.
        egress: Which addresses flows may ask.
        web_ports: At which ports.
        secrets: Where the secrets are that nodes name.
        public_url: Under which address people answer; empty when they cannot.
        clock: Tells the time.
        author: Who begins runs, when nobody says so.
        steps: Hears of runs and instances that were worked.
        retention_seconds: How long runs and events are kept that are over.
        options: How workers work.
    """

    flows: FlowStore
    processes: Callable[[], ProcessStore]
    questions: QuestionStore
    reply_keys: ReplyKeys
    notify: NotifyDesk
    outbox: Callable[[], OutboxStore]
    submit: Submit
    connections: KnownConnections
    settings: EndpointBook
    egress: EgressPolicy
    web_ports: frozenset[int] | None
    secrets: Secrets
    public_url: str
    clock: Clock
    author: str
    steps: Steps
    retention_seconds: float
    options: WorkerOptions


class Wiring:
    """Flows, processes and notifications of one program.

    Args:
        parts: What they are made of.

    Attributes:
        flows: For those who run flows.
        answers: For those who answer what runs and tasks ask.
    """

    def __init__(self, parts: FlowParts) -> None:
        self._parts = parts
        self._ids = RandomIds()
        self._inline = FlowConnections(parts.connections.stored, secrets=parts.secrets, outbox=parts.outbox)
        self.answers = Answers(
            parts.questions,
            parts.flows,
            tasks=AskingTasks(parts.processes),
            clock=parts.clock,
            on_decided=self._nudge,
        )
        self._runs = RunsAwaited(self._nudge)
        self._report = Reports(EventLog(), parts.notify, self._runs, parts.steps)
        asker = PeopleAsker(
            parts.questions, self.answers, parts.submit, parts.outbox, public_url=parts.public_url
        )
        door = file_door(parts.egress, parts.web_ports)
        self._effects = Effects(
            mail=FlowMail(
                parts.submit,
                parts.outbox,
                with_files=partial(with_files, door=door),
                connections=self._inline,
            ),
            web=FlowWeb(door=request_door(parts.egress, parts.web_ports), secrets=parts.secrets),
            people=asker,
            notifications=NotificationRaiser(parts.notify.notifier),
        )
        self.flows = FlowDesk(
            parts.flows,
            worker=self._flow_worker,
            clock=parts.clock,
            ids=self._ids,
            report=self._report,
            author=parts.author,
            check=asker.check,
        )

    def report(self, report: Report | None = None) -> Report:
        """Give what a courier tells: everything to a report, the log when ``None``, and to those who work here."""
        return Reports(report or EventLog(), self._parts.notify, Heard(self._hear))

    def everybody(self, courier: Courier, others: Sequence[Desk] = ()) -> Everybody:
        """Put a courier together with those who work flows and processes and tell people, and with others."""
        return Everybody(
            courier,
            (self.flows, self.processes, *others),
            self._parts.notify,
            report=self._report,
            clock=self._parts.clock,
        )

    # -- processes -----------------------------------------------------------------------------------------------

    @cached_property
    def process_wiring(self) -> ProcessWiring:
        """What works processes, put together when somebody asks for it: commands of flows need none of it."""
        from eilbote.engine.process.people import people_of
        from eilbote.engine.process.process_wiring import ProcessParts, ProcessWiring

        parts = self._parts
        return ProcessWiring(
            ProcessParts(
                processes=parts.processes(),
                flows=parts.flows,
                run_flows=lambda: self.flows,
                runs=self._runs,
                people=people_of(
                    parts.processes,
                    questions=parts.questions,
                    answers=self.answers,
                    submit=parts.submit,
                    outbox=parts.outbox,
                    keys=parts.reply_keys,
                    clock=parts.clock,
                    public_url=parts.public_url,
                    branding=partial(branding_or_usual, parts.settings),
                    on_taken=self._nudge,
                ),
                close_orphans=self.answers.close_orphans,
                notifier=parts.notify.notifier,
                outbox=parts.outbox,
                submit=parts.submit,
                connections=parts.connections,
                web=request_door(parts.egress, parts.web_ports),
                secrets=parts.secrets,
                clock=parts.clock,
                report=self._report,
                author=parts.author,
                retention_seconds=parts.retention_seconds,
                options=parts.options,
            )
        )

    @property
    def processes(self) -> ProcessDesk:
        """For those who run processes."""
        return self.process_wiring.processes

    @property
    def routes(self) -> RouteDesk:
        """For those who look after communication routes."""
        return self.process_wiring.routes

    # -- within ------------------------------------------------------------------------------------------------

    def _flow_worker(self, only: Sequence[str] | None, let_go: Callable[[str], None]) -> FlowWorker:
        parts = self._parts
        return FlowWorker(
            store=parts.flows,
            outbox=parts.outbox,
            effects=self._effects,
            clock=parts.clock,
            ids=self._ids,
            report=self._report,
            options=parts.options,
            only=only,
            let_go=let_go,
            branding=partial(branding_or_usual, parts.settings),
            upkeep=None if only is not None else self._upkeep(),
        )

    def _upkeep(self) -> FlowUpkeep:
        parts = self._parts
        return FlowUpkeep(
            parts.flows,
            answers=self.answers,
            questions=parts.questions,
            connections=self._inline,
            time=WallClock(parts.clock),
            monotonic=parts.clock.monotonic,
            retention_seconds=parts.retention_seconds,
        )

    def _nudge(self) -> None:
        self.flows.nudge()
        if self._has_processes:
            self.processes.nudge()

    def _hear(self, entries: Sequence[EntryId]) -> None:
        self.flows.hear(entries)
        if self._has_processes:
            self.processes.hear(entries)

    @property
    def _has_processes(self) -> bool:
        """Whether anybody here has to do with processes."""
        return "process_wiring" in self.__dict__
