"""Texts, paths and defaults of a command line, taken as they are.

Typer has pydantic turn the text of every option into the option's type, those included that nobody has given, and so
loads all of pydantic for a command without options. Most of ours are texts and paths, of which there is nothing to turn;
the others (numbers in a range, words of a list) still go that way.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from typer.core import TyperArgument, TyperOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer
    from typer._click import Parameter

_NOT_PLAIN = object()


class _PlainOption(TyperOption):
    """An option whose value is looked at before anything is loaded for it."""

    def process_value(self, ctx: typer.Context, value: Any) -> Any:  # type: ignore[override]  # noqa: ANN401
        """Give the value in its type."""
        plain = _plain(self, value)
        if plain is _NOT_PLAIN:
            return super().process_value(ctx, value)
        return plain if self.callback is None else self.callback(ctx, self, plain)


class _PlainArgument(TyperArgument):
    """An argument of the same kind."""

    def process_value(self, ctx: typer.Context, value: Any) -> Any:  # type: ignore[override]  # noqa: ANN401
        """Give the value in its type."""
        plain = _plain(self, value)
        if plain is _NOT_PLAIN:
            return super().process_value(ctx, value)
        return plain if self.callback is None else self.callback(ctx, self, plain)


def take_as_they_are(parameters: list[Parameter]) -> list[Parameter]:
    """Let parameters whose values need no turning do without pydantic."""
    for parameter in parameters:
        if type(parameter) is TyperOption:
            parameter.__class__ = _PlainOption
        elif type(parameter) is TyperArgument:
            parameter.__class__ = _PlainArgument
    return parameters


def _plain(parameter: TyperOption | TyperArgument, value: object) -> object:
    """Give the value when nothing has to be done with it, or what says that something has to."""
    info = parameter.type_descriptor.parameter_info
    if parameter.required or info.parser is not None:
        return _NOT_PLAIN
    kind = parameter.type_descriptor.annotation
    if parameter.multiple or parameter.nargs != 1:
        if value is None:
            return ()
        return list(value) if kind == list[str] and _are_texts(value) else _NOT_PLAIN
    if value is None:
        return None
    if kind is Path and isinstance(value, str):
        return _NOT_PLAIN if info.exists or info.resolve_path else Path(value)
    if kind is str or not isinstance(value, str):  # what is no text is a default, and of its type already
        return value if isinstance(kind, type) and isinstance(value, kind) else _NOT_PLAIN
    return _NOT_PLAIN


def _are_texts(value: object) -> TypeGuard[Sequence[str]]:
    return isinstance(value, list | tuple) and all(
        isinstance(each, str) for each in cast("Sequence[object]", value)
    )
