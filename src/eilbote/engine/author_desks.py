"""The desks of those who write automations, beside the one that takes messages: flows, processes, routes, and people's answers."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from eilbote.engine.submission_desk import SubmissionDesk

if TYPE_CHECKING:
    from eilbote.engine.answers import Answers
    from eilbote.engine.flow_desk import FlowDesk
    from eilbote.engine.flow_wiring import Wiring
    from eilbote.engine.process.process_desk import ProcessDesk
    from eilbote.engine.process.route_desk import RouteDesk


class AuthorDesks(SubmissionDesk):
    """An outbox with every desk; each is put together when it is first used."""

    @property
    @abstractmethod
    def wiring(self) -> Wiring:
        """What works flows and processes."""

    @property
    def flows(self) -> FlowDesk:
        """Flows, their runs and their conversations."""
        return self.wiring.flows

    @property
    def processes(self) -> ProcessDesk:
        """Processes and their instances."""
        return self.wiring.processes

    @property
    def routes(self) -> RouteDesk:
        """Communication routes, over which processes send."""
        return self.wiring.routes

    @property
    def answers(self) -> Answers:
        """What people answer to runs that ask them, and to tasks of processes."""
        return self.wiring.answers
