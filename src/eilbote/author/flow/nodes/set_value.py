"""Keeps values under names, for later nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from eilbote.author.flow.fields import Fields
from eilbote.author.flow.shelf import Put, read_target
from eilbote.author.flow.step import Leave
from eilbote.author.plain.rendered import Rendered
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.author.flow.shelf import Shelf
    from eilbote.author.flow.step import Move, Outcome, Scene
    from eilbote.model.data import Data
    from eilbote.template.template import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValue:
    """Keeps values.

    Attributes:
        values: Where each is kept, and what it is.
    """

    kind: ClassVar[str] = "set_value"
    exits: ClassVar[tuple[str, ...]] = ("next",)

    values: tuple[tuple[Shelf, str, Rendered], ...]

    @classmethod
    def read(cls, fields: Mapping[str, Data]) -> Self:
        """Make one from its fields."""
        given = Fields(fields)
        said = given.data("values")
        if not isinstance(said, dict) or not said:
            raise FlowError(
                "there are no values to keep",
                field="values",
                remedy='Give a table such as {context.greeting: "Hello {{ input.name }}"}',
            )
        values = tuple(
            (*read_target(target, field=f"values.{target}"), Rendered(value, field=f"values.{target}"))
            for target, value in said.items()
        )
        given.finish()
        return cls(values=values)

    def templates(self) -> Iterator[Template]:
        """Give its templates."""
        for _, _, value in self.values:
            yield from value.templates()

    def enter(self, scene: Scene) -> Move:
        """Keep them."""
        return Leave(
            puts=tuple(
                Put(
                    shelf=shelf,
                    key=key,
                    value=value.data(scene.values, locale=scene.locale, time_zone=scene.time_zone),
                )
                for shelf, key, value in self.values
            )
        )

    def resume(self, scene: Scene, outcome: Outcome) -> Move:  # noqa: ARG002 - nothing is ever asked for
        """Keep them."""
        return self.enter(scene)
