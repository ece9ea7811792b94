"""A text in one language or in several, of which each reader gets the nearest.

::

    subject:
      en: "Your order {{ input.number }}"
      de: "Ihre Bestellung {{ input.number }}"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from eilbote.errors import EilboteError, FlowError
from eilbote.template.localized import read_locale
from eilbote.template.template import Markup, Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.flow.fields import Fields


@dataclass(frozen=True, slots=True)
class Wording:
    """A text with places for values.

    Attributes:
        by_language: A template for each language, in the order in which they were written; under the empty name one that is
            for all.
    """

    by_language: Mapping[str, Template]

    @classmethod
    def read(cls, given: Fields, name: str, *, markup: Markup = Markup.TEXT) -> Self | None:
        """Take a field: a text, or a table of texts by language; ``None`` when it is blank.

        Raises:
            FlowError: A language is none, or has no text.
            TemplateError: A text is no template.
        """
        said = given.data(name)
        if not isinstance(said, dict):
            alone = given.text(name)
            return cls(MappingProxyType({"": Template(alone, markup=markup, field=name)})) if alone else None
        found: dict[str, Template] = {}
        for written, text in said.items():
            field = f"{name}.{written}"
            try:
                language = read_locale(written)
            except EilboteError as fault:
                fault.field = field
                raise
            if not isinstance(text, str) or not text.strip():
                raise FlowError(
                    "there is no text in this language",
                    field=field,
                    remedy="Give one, or leave the language out",
                )
            found[language] = Template(text, markup=markup, field=field)
        if not found:
            raise FlowError("there is no text in any language", field=name, remedy="Give one, such as en")
        return cls(MappingProxyType(found))

    def templates(self) -> Iterator[Template]:
        """Give the text in every language."""
        yield from self.by_language.values()

    def template(self, locale: str) -> Template:
        """Give the text for a reader: in the very language, in one that is near, in English, or in the first there is."""
        language = locale.replace("-", "_").partition("_")[0]
        near = (each for each in self.by_language if each.partition("_")[0] == language)
        for wanted in (locale.replace("-", "_"), language, *near, "en", *self.by_language):
            if (found := self.by_language.get(wanted)) is not None:
                return found
        raise AssertionError(self)  # there is at least one
