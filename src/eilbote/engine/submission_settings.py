"""Options of a submission as callers write them: an object, keywords beside it, or keywords alone."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, TypedDict, TypeVar

from eilbote.errors import DraftError
from eilbote.model.draft import Priority
from eilbote.model.kinds import shown
from eilbote.model.submission import InDoubtPolicy, PartialPolicy, SubmissionOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_Word = TypeVar("_Word", bound=StrEnum)
_DEFAULT = SubmissionOptions()


class SubmissionSettings(TypedDict, total=False):
    """The fields of :class:`SubmissionOptions`; policies and priority as words as well, one connection as its name."""

    idempotency_key: str | None
    connections: str | Sequence[str]
    priority: Priority | str | None
    send_at: datetime | None
    expires_at: datetime | None
    on_in_doubt: InDoubtPolicy | str
    on_partial: PartialPolicy | str
    organization: str


_NAMES = SubmissionSettings.__annotations__.keys()
_STEADY = _NAMES - {"idempotency_key", "send_at", "expires_at"}
"""What does not differ from call to call."""
_WORDS = (
    ("priority", Priority),
    ("on_in_doubt", InDoubtPolicy),
    ("on_partial", PartialPolicy),
)


def options_of(options: SubmissionOptions | None, settings: SubmissionSettings) -> SubmissionOptions:
    """Give the options, with what the keywords say put over them.

    Raises:
        DraftError: An option is unknown or cannot be used, with its field.
    """
    if options is None:
        if settings.keys() <= _STEADY:
            with suppress(TypeError):  # what cannot be looked up is looked at
                return _remembered(tuple(settings.items()))
        options = _DEFAULT
    elif not isinstance(options, SubmissionOptions):
        raise DraftError(
            f"a value of type {type(options).__name__} cannot stand here",
            field="options",
            remedy='Give SubmissionOptions(...), or keywords such as idempotency_key="invoice-17"',
        )
    return _with(options, settings) if settings else options


@lru_cache(maxsize=256)
def _remembered(settings: tuple[tuple[str, object], ...]) -> SubmissionOptions:
    """Give the options again that many calls of a program say in the same words."""
    return _with(_DEFAULT, dict(settings))


def _with(options: SubmissionOptions, settings: Mapping[str, object]) -> SubmissionOptions:
    given: dict[str, object] = dict(settings)
    if not given.keys() <= _NAMES:
        unknown = sorted(given.keys() - _NAMES)
        raise DraftError(
            f"there is no option {unknown[0]!r}",
            field=unknown[0],
            remedy=f"Options are {', '.join(SubmissionSettings.__annotations__)}",
        )
    connections = given.get("connections")
    if isinstance(connections, str):
        given["connections"] = (connections,)
    elif isinstance(connections, list):
        given["connections"] = tuple(connections)  # pyright: ignore[reportUnknownArgumentType] - looked at below
    for name, words in _WORDS:
        if given.get(name) is not None:
            given[name] = _word(given[name], words, name)
    if options is _DEFAULT:  # the rule, and half the price
        return SubmissionOptions(**given)  # type: ignore[arg-type] # which looks at each
    return replace(options, **given)  # type: ignore[arg-type] # as above


def _word(value: object, words: type[_Word], field: str) -> _Word:
    try:
        return words(value)  # type: ignore[arg-type] # a value of another kind is no word either
    except ValueError:
        raise DraftError(
            f"{shown(value)} is not a word for this",
            field=field,
            remedy=f"Use {', '.join(word.value for word in words)}",
        ) from None
