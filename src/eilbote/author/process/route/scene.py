"""The values of one message, and how they are written in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from eilbote.author.process.route.attribute_values import text_of
from eilbote.author.process.route.placeholder import pattern_of
from eilbote.author.process.route.placeholder_html import TAKES_VALUES, written

if TYPE_CHECKING:
    from eilbote.author.process.route.attribute_values import AttributeValue, Values
    from eilbote.author.process.route.placeholder import Placeholder


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the texts of a route are filled with.

    Attributes:
        values: Of the declared attributes, by their keys.
        locale: The language.
        time_zone: The zone in which times are told.
    """

    values: Values
    locale: str
    time_zone: str

    def value(self, place: Placeholder) -> AttributeValue | None:
        """Give what stands for a place; the place itself, as a text, where nobody declared it."""
        return self.values.get(place.key) if place.key in self.values else str(place)

    def text(self, said: str) -> str:
        """Give a text with values in it."""
        return pattern_of(said).fill(self._words)

    def html(self, said: str) -> str:
        """Give an HTML text with values in it, each of which is text there and nothing else."""

        def put(place: Placeholder) -> str | None:
            if place.where not in TAKES_VALUES or (words := self._words(place)) is None:
                return None
            return written(words, place.where, before=place.before)

        return pattern_of(said, is_html=True).fill(put)

    def machine(self, said: str) -> str:
        """Give a text with values in it as programs read them: times in ISO 8601."""

        def put(place: Placeholder) -> str | None:
            value = self.values.get(place.key)
            return value.isoformat() if isinstance(value, datetime) else self._words(place)

        return pattern_of(said).fill(put)

    def _words(self, place: Placeholder) -> str | None:
        if place.key not in self.values:
            return None
        return text_of(self.values[place.key], locale=self.locale, time_zone=self.time_zone)
