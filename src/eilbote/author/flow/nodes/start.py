"""Where runs begin: what they must be given, and what is taken where it is not given.

A flow needs no such node; with one, a run that lacks something is refused before it is kept, and not by a message with a hole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self, cast

from eilbote.author.flow.fields import Fields
from eilbote.author.flow.shelf import Put, Shelf, read_key
from eilbote.author.flow.step import Leave
from eilbote.author.plain.rendered import value_at
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.author.flow.definition import Flow
    from eilbote.author.flow.step import Move, Outcome, Scene
    from eilbote.model.data import Data
    from eilbote.template.template import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Begins a run.

    Attributes:
        needs: Values that the input must have, by their paths.
        defaults: Values for what the input does not say, by their paths.
    """

    kind: ClassVar[str] = "start"
    exits: ClassVar[tuple[str, ...]] = ("next",)

    needs: tuple[str, ...] = ()
    defaults: tuple[tuple[str, Data], ...] = ()

    @classmethod
    def read(cls, fields: Mapping[str, Data]) -> Self:
        """Make one from its fields."""
        given = Fields(fields)
        needs, defaults = given.data("needs"), given.data("defaults")
        given.finish()
        if needs is None:
            needs = []
        if not isinstance(needs, list):
            raise FlowError("this is no list", field="needs", remedy="Give names: [email, order.number]")
        if defaults is None:
            defaults = {}
        if not isinstance(defaults, dict):
            raise FlowError(
                "this is no table", field="defaults", remedy="Give names and values: {locale: en}"
            )
        return cls(
            needs=tuple(
                read_key(name if isinstance(name, str) else "", field=f"needs[{number}]")
                for number, name in enumerate(needs)
            ),
            defaults=tuple(
                (read_key(name, field=f"defaults.{name}"), value) for name, value in defaults.items()
            ),
        )

    def templates(self) -> Iterator[Template]:
        """Give its templates: none, what stands here is taken as it is."""
        return iter(())

    def check(self, given: Mapping[str, Data]) -> None:
        """See that an input has what runs need.

        Raises:
            FlowError: Something is missing; ``field`` is the path to the first of it.
        """
        usual = dict(self.defaults)
        missing = [
            name for name in self.needs if _is_missing(value_at(given, name)) and usual.get(name) is None
        ]
        if missing:
            raise FlowError(
                f"the input does not say {', '.join(missing)}",
                field=f"input.{missing[0]}",
                cause="The flow begins with a node that needs it",
                remedy="Give it; nothing was begun",
            )

    def enter(self, scene: Scene) -> Move:
        """Begin, with what is usual in place of what is missing.

        Raises:
            FlowError: Something that is needed is missing.
        """
        given = cast("Mapping[str, Data]", scene.values["input"])  # the interpreter's own shelf
        self.check(given)
        return Leave(
            puts=tuple(
                Put(shelf=Shelf.INPUT, key=name, value=value)
                for name, value in self.defaults
                if _is_missing(value_at(given, name))
            )
        )

    def resume(self, scene: Scene, outcome: Outcome) -> Move:  # noqa: ARG002 - nothing is ever asked for
        """Begin."""
        return self.enter(scene)


def check_input(flow: Flow, given: Mapping[str, Data]) -> None:
    """See that an input has what a flow's runs need, where the flow says so.

    Raises:
        FlowError: Something is missing.
    """
    first = flow.nodes[flow.start].node
    if isinstance(first, Start):
        first.check(given)


def _is_missing(value: Data) -> bool:
    return value is None or value == ""
