"""A piece of work beside delivering, told when it has ended: how long it took, and whether it went well.

Whoever counts or traces hears of it; nobody else needs to. It names what was worked on, and never an address, a path or a content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.model.attempt import Event
    from eilbote.model.moment import Moment
    from eilbote.record.notice import Notice


class StepKind(StrEnum):
    """What was done."""

    TOKEN_REFRESH = "token_refresh"  # noqa: S105 - a word, no secret
    """Another access token was asked for."""
    WEBHOOK = "webhook"
    """Something was brought to a webhook."""
    FLOW = "flow"
    """A run of a flow was worked, from one wait to the next."""
    PROCESS = "process"
    """The same of a process instance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A piece of work.

    Attributes:
        kind: What was done.
        about: With what: the connection, the webhook, the run, the instance.
        organization: On whose behalf; empty for the host.
        began: When it began.
        seconds: How long it took.
        is_well: Whether it went as it should.
        facts: What else a span may tell, such as ``http.response.status_code``.
    """

    kind: StepKind
    about: str
    organization: str = ""
    began: Moment
    seconds: float
    is_well: bool = True
    facts: Mapping[str, str | int] = field(default_factory=lambda: MappingProxyType({}))


@runtime_checkable
class StepReport(Protocol):
    """A report that hears of work beside delivering as well."""

    def stepped(self, step: Step) -> None:
        """Hear of a piece of work that has ended. Must be quick and must not raise."""
        ...


class Steps:
    """A report that passes work beside delivering on to whoever listens, who may come later than those who tell.

    What else is told to it is for others.
    """

    def __init__(self) -> None:
        self._listener: StepReport | None = None

    def tell(self, report: object) -> None:
        """Pass on to a report from now on, if it is one that hears of such work."""
        if isinstance(report, StepReport):
            self._listener = report

    def stepped(self, step: Step) -> None:
        """Pass on a piece of work."""
        if self._listener is not None:
            self._listener.stepped(step)

    def happened(self, events: Sequence[Event]) -> None:
        """Leave events to others."""

    def noticed(self, notice: Notice) -> None:
        """Leave notices to others."""
