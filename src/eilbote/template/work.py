"""Counts what a template does, so that one whose loops go over long texts ends in seconds, and in the same way everywhere.

The engine counts turns of loops and what is written. What one turn costs it does not ask: ten thousand turns that each sort ten
thousand names, or write a megabyte in capitals, write nothing at all and take hours.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, cast

from liquid import BoundTemplate, RenderContext
from liquid.undefined import UNDEFINED

from eilbote.template.limits import WORK, too_much

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

    from liquid import Token

_A_PART: Final = 10
_A_LOOK: Final = 3
_A_FILTER: Final = 5
_CHARACTERS_IN_A_PIECE: Final = 50
_PIECES_OF_AN_ITEM: Final = 3
_PAIRS_IN_A_PIECE: Final = 50
_ARGUMENT: Final = 10
"""How much dearer it is what a filter is told than what it is given: a date is made anew for each letter of its pattern."""
_COMPARING: Final = frozenset({"uniq"})
"""Filters that compare each item with each other one."""


class CountingContext(RenderContext):
    """What a template knows while it is rendered; every look at it is counted."""

    __slots__ = ("_disabled", "_left")

    @property
    def disabled_tags(self) -> list[str]:
        """Tags that cannot be used here: what the engine asks before each piece of a template, so that all are counted."""
        self._spend(_A_PART)
        return self._disabled

    @disabled_tags.setter
    def disabled_tags(self, names: list[str]) -> None:  # pyright: ignore[reportIncompatibleVariableOverride] - read and set alike
        self._disabled = names
        self._left = WORK

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        """Look a value up."""
        found = super().get(path, token=token, default=default)
        self._spend(_A_LOOK + _pieces(found))
        return found

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        """Give a filter."""
        return partial(self._filtered, name, super().filter(name, token))

    def _filtered(
        self,
        name: str,
        function: Callable[..., object],
        left: object,
        *arguments: object,
        **options: object,
    ) -> object:
        pieces = _pieces(left)
        self._spend(_A_FILTER + pieces + _ARGUMENT * sum(map(_pieces, arguments)))
        if name in _COMPARING:
            self._spend(pieces * pieces // _PAIRS_IN_A_PIECE)
        made = function(left, *arguments, **options)
        self._spend(_pieces(made))
        return made

    def _spend(self, pieces: int) -> None:
        self._left -= pieces
        if self._left < 0:
            raise too_much(
                "more work than a mail needs: its loops go over long texts or lists again and again"
            )


class CountedTemplate(BoundTemplate):
    """A template that is rendered in a :class:`CountingContext`."""

    context_class = CountingContext


def _pieces(value: object) -> int:
    """Tell how much work it is to go over a value."""
    match value:
        case str():
            return len(value) // _CHARACTERS_IN_A_PIECE
        case list() | tuple() | dict() | range():
            return len(cast("Sized", value)) * _PIECES_OF_AN_ITEM
        case _:
            return 0
