"""Something about a communication route: a noun for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from eilbote.author.plain.source import cause_with_place
from eilbote.errors import RouteError

if TYPE_CHECKING:
    from eilbote.author.plain.place import Place
    from eilbote.author.plain.source import Source
    from eilbote.template.finding import Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFinding:
    """Something about a route.

    Attributes:
        severity: How much it weighs.
        field: The property of the route or of its messages: ``subject``, ``attributes[0].system_name``.
        what: What it is, one sentence without the full stop.
        position: Offset in the property's text, in characters from 0; ``None`` when it concerns all of it.
        place: Where it stands in the text that was read; ``None`` when that cannot be said.
        cause: Why, as far as it is known.
        remedy: What to do.
    """

    severity: Weight
    field: str
    what: str
    position: int | None = None
    place: Place | None = None
    cause: str | None = None
    remedy: str | None = None

    def placed(self, source: Source) -> Self:
        """Give the same with its place in the text that it was found in."""
        properties = source.place_of(self.field, "properties", position=self.position)
        within = properties if properties != source.place("properties") else None
        return replace(self, place=within or source.place_of(self.field, position=self.position))

    def as_error(self, *, more: int = 0) -> RouteError:
        """Give it as an error.

        Args:
            more: How many other errors there are.
        """
        others = f"There {'is' if more == 1 else 'are'} {more} more" if more else None
        causes = [each.rstrip(".") for each in (self.cause, others) if each]
        return RouteError(
            self.what,
            field=self.field or None,
            position=self.position if self.place is None else None,
            cause=cause_with_place(". ".join(causes) or None, self.place),
            remedy=self.remedy,
        )
