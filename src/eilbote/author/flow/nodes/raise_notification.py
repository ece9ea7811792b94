"""The Raise Notification node: says that something has happened; whoever has subscribed to that is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from eilbote.author.flow.effect import RaiseNotification
from eilbote.author.flow.fields import Fields
from eilbote.author.flow.mail_texts import text_of
from eilbote.author.flow.result_target import read_result_target, result_puts
from eilbote.author.flow.step import Ask, Halt, Leave
from eilbote.author.plain.rendered import Rendered
from eilbote.errors import FlowError
from eilbote.model.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.author.flow.shelf import Target
    from eilbote.author.flow.step import Move, Outcome, Scene
    from eilbote.model.data import Data
    from eilbote.template.template import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationNode:
    """Raises an event.

    Attributes:
        event: What kind of thing has happened: a dotted name.
        severity: How bad it is.
        summary: One line about it.
        detail: More about it.
        data: Values for those who are told.
        about: What it is about: the same about the same thing is counted for a while, and not told again.
        target: Where it is kept how many were told; ``None`` keeps it nowhere.
        stops: Whether the run ends when the event cannot be raised.
    """

    kind: ClassVar[str] = "raise_notification"
    exits: ClassVar[tuple[str, ...]] = ("next",)

    event: Template
    summary: Template
    severity: Severity = Severity.INFORMATION
    detail: Template | None = None
    data: Rendered | None = None
    about: Template | None = None
    target: Target | None = None
    stops: bool = False

    @classmethod
    def read(cls, fields: Mapping[str, Data]) -> Self:
        """Make one from its fields."""
        given = Fields(fields)
        event, summary = given.template("event", required=True), given.template("summary", required=True)
        if event is None or summary is None:
            field = "event" if event is None else "summary"
            raise FlowError(f"the {field} is missing", field=field, remedy="Fill it in")
        data = given.data("data")
        if data is not None and not isinstance(data, dict):
            raise FlowError(
                "these are no values",
                field="data",
                remedy='Give a table such as {customer: "{{ input.name }}"}',
            )
        node = cls(
            event=event,
            summary=summary,
            severity=Severity(given.choice("severity", tuple(Severity), otherwise=Severity.INFORMATION)),
            detail=given.template("detail"),
            data=None if data is None else Rendered(data, field="data"),
            about=given.template("about"),
            target=read_result_target(given, example="notification"),
            stops=given.switch("stop_on_error"),
        )
        given.finish()
        return node

    def templates(self) -> Iterator[Template]:
        """Give its templates."""
        yield from (each for each in (self.event, self.summary, self.detail, self.about) if each is not None)
        if self.data is not None:
            yield from self.data.templates()

    def enter(self, scene: Scene) -> Move:
        """Ask for the event to be raised."""
        data = (
            {}
            if self.data is None
            else self.data.data(scene.values, locale=scene.locale, time_zone=scene.time_zone)
        )
        return Ask(
            effect=RaiseNotification(
                event=text_of(self.event, scene).strip(),
                severity=self.severity,
                summary=text_of(self.summary, scene),
                detail=text_of(self.detail, scene),
                data=data if isinstance(data, dict) else {},
                about=" ".join(text_of(self.about, scene).split()),
            )
        )

    def resume(self, scene: Scene, outcome: Outcome) -> Move:  # noqa: ARG002 - the outcome says it all
        """Keep how many were told."""
        result: dict[str, Data] = dict(outcome.result)
        if outcome.error is not None:
            result["error"] = dict(outcome.error)
        puts = result_puts(self.target, result)
        if outcome.error is not None and self.stops:
            return Halt(error=outcome.error, puts=puts)
        return Leave(puts=puts)
