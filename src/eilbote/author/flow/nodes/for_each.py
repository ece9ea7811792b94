"""Goes through the same nodes once for each item of a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

from eilbote.author.flow.fields import Fields
from eilbote.author.flow.step import Repeat
from eilbote.author.plain.rendered import Rendered
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eilbote.author.flow.step import Move, Outcome, Scene
    from eilbote.model.data import Data
    from eilbote.template.template import Template

_NAME: Final = re.compile(r"[A-Za-z_]\w{0,63}")
_TAKEN: Final = frozenset({"input", "context"})
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ForEach:
    """Repeats what is behind ``do``, then goes on to ``next``.

    Attributes:
        items: The list.
        name: What an item is called inside.
        most: Of more items none is taken: a list that grew by mistake must not become ten thousand mails.
    """

    kind: ClassVar[str] = "for_each"
    exits: ClassVar[tuple[str, ...]] = ("next", "do")

    items: Rendered
    name: str = "item"
    most: int = 1000

    @classmethod
    def read(cls, fields: Mapping[str, Data]) -> Self:
        """Make one from its fields."""
        given = Fields(fields)
        items = given.data("items")
        if items is None:
            raise FlowError(
                "the items are missing", field="items", remedy='Give a list, such as "{{ input.orders }}"'
            )
        name = given.text("as").strip() or "item"
        if not _NAME.fullmatch(name) or name in _TAKEN:
            raise FlowError(f"{name[:60]!r} cannot be a name", field="as", remedy="Give a name such as order")
        most = given.count("most", otherwise=1000, most=_MOST)
        given.finish()
        return cls(items=Rendered(items, field="items"), name=name, most=most)

    def templates(self) -> Iterator[Template]:
        """Give its templates."""
        yield from self.items.templates()

    def enter(self, scene: Scene) -> Move:
        """Look the list up, once: what the turns change does not change the turns.

        Raises:
            FlowError: There is no list, or it is longer than allowed.
        """
        found = self.items.data(scene.values, locale=scene.locale, time_zone=scene.time_zone)
        if found is None:
            found = []
        if not isinstance(found, list):
            raise FlowError(
                "the items are no list",
                field="items",
                remedy="Give a variable that holds a list, alone in its braces",
            )
        if len(found) > self.most:
            raise FlowError(
                f"there are {len(found):,} items",
                field="items",
                cause=f"This loop takes at most {self.most:,}",
                remedy="Give fewer, or raise 'most'",
            )
        return Repeat(items=tuple(found), name=self.name)

    def resume(self, scene: Scene, outcome: Outcome) -> Move:  # noqa: ARG002 - nothing is ever asked for
        """Look the list up."""
        return self.enter(scene)
