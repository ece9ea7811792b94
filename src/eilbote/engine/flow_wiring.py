"""Puts together what works flows and tells people: the desks, their workers, and everybody who performs what runs ask for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
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
from eilbote.engine.random_ids import RandomIds
from eilbote.engine.wall_clock import WallClock
from eilbote.engine.web_request import request_door
from eilbote.engine.worker import WorkerOptions
from eilbote.record.log import EventLog
from eilbote.record.report import Reports

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eilbote.author.flow.store import FlowStore
    from eilbote.author.questions import QuestionStore
    from eilbote.connections.known import KnownConnections
    from eilbote.engine.courier import Courier
    from eilbote.engine.flow_mail import Submit
    from eilbote.engine.notify_desk import NotifyDesk
    from eilbote.engine.web_request import Secrets
    from eilbote.model.clock import Clock
    from eilbote.net.egress import EgressPolicy
    from eilbote.outbox.store import OutboxStore
    from eilbote.record.report import Report
    from eilbote.settings.endpoint_book import EndpointBook


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowParts:
    """What flows and notifications are made of.

    Attributes:
        flows: Where flows and runs are kept.
        questions: Where questions to people are.
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
        retention_seconds: How long runs and events are kept that are over.
        options: How workers work.
    """

    flows: FlowStore
    questions: QuestionStore
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
    retention_seconds: float
    options: WorkerOptions


class Wiring:
    """Flows and notifications of one program.

    Args:
        parts: What they are made of.

    Attributes:
        flows: For those who run flows.
        answers: For those who answer what runs ask.
    """

    def __init__(self, parts: FlowParts) -> None:
        self._parts = parts
        self._ids = RandomIds()
        self._inline = FlowConnections(parts.connections.stored, secrets=parts.secrets, outbox=parts.outbox)
        self.answers = Answers(parts.questions, parts.flows, clock=parts.clock, on_decided=self._nudge)
        self._report = Reports(EventLog(), parts.notify)
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
        return Reports(report or EventLog(), self._parts.notify, Heard(self.flows.hear))

    def everybody(self, courier: Courier) -> Everybody:
        """Put a courier together with those who work flows and tell people."""
        return Everybody(
            courier, (self.flows,), self._parts.notify, report=self._report, clock=self._parts.clock
        )

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
