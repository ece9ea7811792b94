"""Names and values in a URL's query, or in a form: encoded one by one (https://url.spec.whatwg.org/#urlencoded-serializing)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from eilbote.author.plain.rendered import Rendered
from eilbote.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.flow.step import Scene
    from eilbote.model.data import Data
    from eilbote.template.template import Template


class RequestQuery:
    """Names with values.

    A list gives a name several times, and what is empty is left out.

    Args:
        said: What the author wrote: a table, or nothing.
        field: Where, for errors.

    Raises:
        FlowError: It is no table.
    """

    __slots__ = ("_field", "_values")

    def __init__(self, said: Data, *, field: str) -> None:
        if not isinstance(said, dict | None):
            raise FlowError(
                "these are no names and values",
                field=field,
                remedy='Give a table such as {number: "{{ input.number }}"}',
            )
        self._field = field
        self._values = {
            name: Rendered(value, field=f"{field}.{name}") for name, value in (said or {}).items()
        }

    def templates(self) -> Iterator[Template]:
        """Give every template in it."""
        for value in self._values.values():
            yield from value.templates()

    def encoded(self, scene: Scene) -> str:
        """Give names and values as they are written in a form.

        Raises:
            FlowError: A value is a table, or holds half of a character.
        """
        pairs: list[tuple[str, str]] = []
        for name, value in self._values.items():
            made = value.data(scene.values, locale=scene.locale, time_zone=scene.time_zone)
            for each in made if isinstance(made, list) else [made]:
                if each is not None:
                    pairs.append((name, self._text(each, name)))  # noqa: PERF401 - the list is clearer in two loops
        try:
            return urlencode(pairs, encoding="utf-8", errors="strict")
        except UnicodeEncodeError as fault:
            raise FlowError(
                "a value holds half of a character",
                field=self._field,
                remedy="Mend where the value comes from",
            ) from fault

    def added(self, url: str, scene: Scene) -> str:
        """Give a URL with these in its query."""
        query = self.encoded(scene)
        if not query:
            return url
        url = url.partition("#")[0]
        return f"{url}{'&' if '?' in url else '?'}{query}"

    def _text(self, value: Data, name: str) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | Decimal):
            return str(value)
        raise FlowError(
            "a table cannot stand here",
            field=f"{self._field}.{name}",
            remedy="Give a text, a number or a list",
        )
