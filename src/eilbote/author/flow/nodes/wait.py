"""Lets time pass; the run lies in the database meanwhile and outlives restarts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Self

from eilbote.author.flow.duration import LONGEST_SECONDS, read_seconds
from eilbote.author.flow.effect import WaitUntil
from eilbote.author.flow.fields import Fields
from eilbote.author.flow.step import Ask, Leave
from eilbote.errors import FlowError
from eilbote.model.moment import later, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.author.flow.step import Move, Outcome, Scene
    from eilbote.model.data import Data
    from eilbote.template.template import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Waits for a time, or until one.

    Attributes:
        duration: How long: ``2d 4h``, ``90m``, or seconds.
        until: Until when, in ISO 8601; the other one is empty.
    """

    kind: ClassVar[str] = "wait"
    exits: ClassVar[tuple[str, ...]] = ("next",)

    duration: Template | None = None
    until: Template | None = None

    @classmethod
    def read(cls, fields: Mapping[str, Data]) -> Self:
        """Make one from its fields.

        Raises:
            FlowError: A time that is written out is none; one with values in it is read in a run.
        """
        given = Fields(fields)
        duration, until = given.template("for"), given.template("until")
        if (duration is None) is (until is None):
            raise FlowError(
                "it is not said how long to wait",
                field="for",
                remedy="Give either 'for', such as 2h, or 'until'",
            )
        given.finish()
        if duration is not None and duration.is_literal:
            read_seconds(duration.text, field="for")
        if until is not None and until.is_literal:
            _time(until.text)
        return cls(duration=duration, until=until)

    def templates(self) -> Iterator[Template]:
        """Give its templates."""
        yield from (each for each in (self.duration, self.until) if each is not None)

    def enter(self, scene: Scene) -> Move:
        """Begin to wait.

        Raises:
            FlowError: What the template gives is no time.
        """
        if self.duration is not None:
            return Ask(
                effect=WaitUntil(
                    due=later(scene.now, read_seconds(self.duration.render(scene.values), field="for"))
                )
            )
        if self.until is None:
            return Leave()
        due = moment_of(_time(self.until.render(scene.values)))
        if due > later(scene.now, LONGEST_SECONDS):
            raise FlowError("this is more than 400 days away", field="until", remedy="Give an earlier time")
        return Ask(effect=WaitUntil(due=due))

    def resume(self, scene: Scene, outcome: Outcome) -> Move:  # noqa: ARG002 - the time has come
        """Go on."""
        return Leave()


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise FlowError(
            f"{text[:60]!r} is no time", field="until", remedy="Give a time such as 2026-11-22T08:00:00Z"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
