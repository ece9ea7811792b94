"""What a kind of node is; those of eilbote and those of others are found by the same registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.author.flow.step import Move, Outcome, Scene
    from eilbote.model.data import Data
    from eilbote.template.template import Template


class Node(Protocol):
    """A node of a flow, made from its fields and checked by that; it decides and does nothing itself.

    Attributes:
        kind: What authors call it.
        exits: The ways out of it; the first is taken when nothing else is said.
    """

    kind: ClassVar[str]
    exits: ClassVar[tuple[str, ...]]

    @classmethod
    def read(cls, fields: Mapping[str, Data]) -> Self:
        """Make one from its fields.

        Raises:
            EilboteError: A field is unknown, missing or wrong; ``field`` names it.
        """
        ...

    def templates(self) -> Iterator[Template]:
        """Give every template in it, for checks of the variables."""
        ...

    def enter(self, scene: Scene) -> Move:
        """Decide when a run comes to it.

        Raises:
            EilboteError: A template cannot be rendered, or a value cannot be used.
        """
        ...

    def resume(self, scene: Scene, outcome: Outcome) -> Move:
        """Decide when something that it asked for was done.

        Raises:
            EilboteError: As :meth:`enter`.
        """
        ...
