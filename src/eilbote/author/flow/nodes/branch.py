"""Goes one of two ways, by a condition in Liquid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from eilbote.author.flow.fields import Fields
from eilbote.author.flow.step import Leave
from eilbote.errors import FlowError, TemplateError
from eilbote.template.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.author.flow.step import Move, Outcome, Scene
    from eilbote.model.data import Data


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Asks once, goes through ``then`` or ``else``.

    Attributes:
        condition: As it would stand in ``{% if ... %}``.
    """

    kind: ClassVar[str] = "branch"
    exits: ClassVar[tuple[str, ...]] = ("then", "else")

    condition: Template

    @classmethod
    def read(cls, fields: Mapping[str, Data]) -> Self:
        """Make one from its fields."""
        given = Fields(fields)
        text = given.text("if", required=True).strip()
        if "{" in text or "}" in text:
            raise FlowError(
                "a condition has no braces",
                field="if",
                remedy='Write it as it stands in an if: input.total > 100 and input.country == "DE"',
            )
        given.finish()
        return cls(condition=_condition(text, given.text("if")))

    def templates(self) -> Iterator[Template]:
        """Give its templates."""
        yield self.condition

    def enter(self, scene: Scene) -> Move:
        """Choose."""
        return Leave(by="then" if self.condition.render(scene.values) else "else")

    def resume(self, scene: Scene, outcome: Outcome) -> Move:  # noqa: ARG002 - nothing is ever asked for
        """Choose."""
        return self.enter(scene)


def _condition(text: str, written: str) -> Template:
    begin = "{% if "
    try:
        return Template(f"{begin}{text} %}}1{{% endif %}}", field="if")
    except TemplateError as fault:
        if fault.position is not None:  # in the condition, not in what was put around it
            inside = min(max(fault.position - len(begin), 0), len(text))
            fault.position = inside + len(written) - len(written.lstrip())
        raise
