"""The end of a run, wherever it is reached; with an error, when its author says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from eilbote.author.flow.fields import Fields
from eilbote.author.flow.step import Halt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.author.flow.step import Move, Outcome, Scene
    from eilbote.model.data import Data
    from eilbote.template.template import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Ends the run.

    Attributes:
        error: Why it ends badly; ``None`` when it ends well.
    """

    kind: ClassVar[str] = "end"
    exits: ClassVar[tuple[str, ...]] = ()

    error: Template | None = None

    @classmethod
    def read(cls, fields: Mapping[str, Data]) -> Self:
        """Make one from its fields."""
        given = Fields(fields)
        node = cls(error=given.template("error"))
        given.finish()
        return node

    def templates(self) -> Iterator[Template]:
        """Give its templates."""
        if self.error is not None:
            yield self.error

    def enter(self, scene: Scene) -> Move:
        """End."""
        said = "" if self.error is None else self.error.render(scene.values, locale=scene.locale).strip()
        return Halt(error={"code": "ended", "message": said} if said else {})

    def resume(self, scene: Scene, outcome: Outcome) -> Move:  # noqa: ARG002 - nothing is ever asked for
        """End."""
        return self.enter(scene)
