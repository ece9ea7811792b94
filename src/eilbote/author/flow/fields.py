"""Reads the fields of nodes: every text is a template, and what is missing or unknown is told with its name."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from eilbote.errors import FlowError
from eilbote.template.template import Markup, Missing, Template

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eilbote.model.data import Data


class Fields:
    """The fields of one node, taken one by one; :meth:`finish` refuses those that nobody took.

    Args:
        given: By name.
        below: The field that they stand in, for faults of their templates.
    """

    def __init__(self, given: Mapping[str, Data], *, below: str = "") -> None:
        self._given = dict(given)
        self._below = f"{below}." if below else ""
        self._taken: list[str] = []

    def template(
        self,
        name: str,
        *,
        markup: Markup = Markup.TEXT,
        required: bool = False,
        missing: Missing = Missing.EMPTY,
    ) -> Template | None:
        """Take a text with places for values; ``None`` when it is blank."""
        text = self.text(name, required=required)
        return Template(text, markup=markup, missing=missing, field=f"{self._below}{name}") if text else None

    def text(self, name: str, *, required: bool = False) -> str:
        """Take a text; numbers and truth values are read as they are written."""
        value = self.data(name)
        if isinstance(value, bool):
            value = "true" if value else "false"
        if isinstance(value, int | Decimal):
            value = str(value)
        if value is not None and not isinstance(value, str):
            raise FlowError("this is no text", field=name, remedy="Give a text, in quotes")
        if required and not (value or "").strip():
            raise self.missing(name)
        return value or ""

    def choice(self, name: str, words: Iterable[str], *, otherwise: str) -> str:
        """Take one of several words."""
        known = tuple(words)
        value = self.text(name).strip().lower().replace("-", "_") or otherwise
        if value not in known:
            raise FlowError(
                f"{value[:60]!r} cannot be chosen",
                field=name,
                cause="Without quotes, words such as yes, no, on and off are read as truth values"
                if isinstance(self.data(name), bool)
                else None,
                remedy=f"Give {' or '.join(known)}",
            )
        return value

    def switch(self, name: str, *, otherwise: bool = False) -> bool:
        """Take a yes or no."""
        value = self.data(name)
        if value is None:
            return otherwise
        if isinstance(value, str) and value.strip().lower() in {"true", "false", "yes", "no", "on", "off"}:
            return value.strip().lower() in {"true", "yes", "on"}
        if not isinstance(value, bool):
            raise FlowError("this is neither yes nor no", field=name, remedy="Give true or false")
        return value

    def count(self, name: str, *, otherwise: int, most: int) -> int:
        """Take a whole number from 1."""
        value = self.data(name)
        if value is None:
            return otherwise
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise FlowError(
                "this is no possible number", field=name, remedy=f"Give a whole number from 1 to {most}"
            )
        return value

    def data(self, name: str) -> Data:
        """Take whatever is there; ``None`` when nothing is."""
        self._taken.append(name)
        return self._given.get(name)

    def missing(self, name: str) -> FlowError:
        """Give the error for a field that is needed: it is missing, or there under a name that looks like it."""
        import difflib

        others = [given for given in self._given if given not in self._taken]
        if alike := difflib.get_close_matches(name, others, n=1, cutoff=0.7):
            return FlowError(
                f"this kind of node has no field {alike[0][:60]!r}",
                field=alike[0],
                cause=f"The {name.replace('_', ' ')} is missing",
                remedy=f"Did you mean {name!r}?",
            )
        return FlowError(f"the {name.replace('_', ' ')} is missing", field=name, remedy="Fill it in")

    def finish(self) -> None:
        """Refuse fields that nobody took.

        Raises:
            FlowError: There is one; the nearest name is told.
        """
        for name in self._given:
            if name not in self._taken:
                import difflib

                alike = difflib.get_close_matches(name[:60], self._taken, n=1, cutoff=0.5)
                raise FlowError(
                    f"this kind of node has no field {name[:60]!r}",
                    field=name,
                    remedy=f"Did you mean {alike[0]!r}?"
                    if alike
                    else f"It has {', '.join(sorted(self._taken))}",
                )
