"""Templates in Liquid: a text with values put in, in one pass (https://shopify.github.io/liquid/).

Rules it keeps:

* Values are put in once. What stands in a value is never read as a template, whatever it looks like.
* In HTML everything that is put in is escaped; a template cannot switch that off.
* A template sees plain data only (:mod:`eilbote.template.values`) and opens nothing: no files, no other templates.
* Its work is bounded (:mod:`eilbote.template.limits`).
* A fault names the field, the position in it, and what to write instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eilbote.errors import EilboteError, TemplateError
from eilbote.model.kinds import check_kind
from eilbote.template.filters import install_filters
from eilbote.template.foreign import liquid_form
from eilbote.template.limits import (
    EXPRESSION_CHARACTERS,
    LOOP_TURNS,
    NESTED_BLOCKS,
    OUTPUT_CHARACTERS,
    SOURCE_CHARACTERS,
    too_much,
)
from eilbote.template.localized import LOCALE, TIME_ZONE, read_locale
from eilbote.template.mending import how_to_mend
from eilbote.template.values import plain_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from liquid import BoundTemplate, Environment
    from liquid.exceptions import LiquidError, UndefinedError

_TAGS: Final = frozenset(
    {
        "assign",
        "break",
        "capture",
        "case",
        "comment",
        "continue",
        "cycle",
        "decrement",
        "echo",
        "for",
        "if",
        "ifchanged",
    }
    | {"increment", "liquid", "tablerow", "unless", "#", "raw", "content", "output", "illegal", "doc"}
)
_OPENED: Final = re.compile(r"\{[{%]")
_CLOSED: Final = re.compile(r"[%}]\}")
_BRACES: Final = 2
_LONGEST_EXPRESSION = 200
_TOO_MUCH: Final = {
    "LoopIterationLimitError": f"more than {LOOP_TURNS:,} turns of its loops",
    "OutputStreamLimitError": f"a text of more than {OUTPUT_CHARACTERS:,} characters",
    "LocalNamespaceLimitError": "variables of more than a million characters",
    "ContextDepthError": "blocks nested too deeply",
    "BlockNestingError": f"blocks nested more than {NESTED_BLOCKS} deep",
}


class Markup(StrEnum):
    """What a template's text is."""

    TEXT = "text"
    HTML = "html"


class Missing(StrEnum):
    """What becomes of a variable that has no value."""

    EMPTY = "empty"
    """Nothing stands in its place."""
    ERROR = "error"
    """The text is not made, and the error names the variable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A value that a template asks for.

    Attributes:
        path: Its names from the outside to the inside; a number stands for an item of a list.
        position: Offset in the template's text, in characters.
    """

    path: tuple[str | int, ...]
    position: int

    def __str__(self) -> str:
        """Write it as templates do."""
        first, *rest = self.path
        return f"{first}" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)


class Template:
    """A text with places for values.

    Args:
        text: The text, in Liquid.
        markup: What it is; in HTML, values are escaped.
        missing: What becomes of variables without a value.
        field: Where the text stands, for errors.

    Raises:
        TemplateError: It is not Liquid, or uses what is not there.
    """

    __slots__ = ("_bound", "_field", "_text")

    def __init__(
        self,
        text: str,
        *,
        markup: Markup = Markup.TEXT,
        missing: Missing = Missing.EMPTY,
        field: str = "template",
    ) -> None:
        check_kind(text, (str,), field=field, fault=TemplateError)
        self._text = text
        self._field = field
        if len(text) > SOURCE_CHARACTERS:
            raise TemplateError(
                f"the template has {len(text):,} characters",
                field=field,
                remedy=f"Give at most {SOURCE_CHARACTERS:,}; pictures belong into attachments",
            )
        _check_expressions(text, field)
        with _Faults(text, field):
            self._bound: BoundTemplate = _environment(Markup(markup), Missing(missing)).from_string(text)

    @property
    def text(self) -> str:
        """The template itself."""
        return self._text

    @property
    def field(self) -> str:
        """Where it stands."""
        return self._field

    @property
    def is_literal(self) -> bool:
        """Whether it has no places for values."""
        return _OPENED.search(self._text) is None

    def render(self, values: Mapping[str, object], *, locale: str = "en", time_zone: str = "UTC") -> str:
        """Put values in.

        Args:
            values: By name: plain data of any depth.
            locale: In which language dates, numbers and money are written, such as ``de`` or ``en_GB``.
            time_zone: In which zone times are told, by its IANA name.

        Raises:
            TemplateError: A variable has no value and must have one, a filter cannot use its value, or the work is too much.
        """
        reader = {LOCALE: read_locale(locale), TIME_ZONE: time_zone}
        with _Faults(self._text, self._field):
            return self._bound.render(**plain_values(values), **reader)

    def variables(self) -> tuple[Variable, ...]:
        """Give the values it asks for, in their order."""
        with _Faults(self._text, self._field):
            found = self._bound.analyze(include_partials=False).globals
        return tuple(
            sorted(
                (
                    Variable(path=tuple(_parts(variable.segments)), position=variable.span.index)
                    for uses in found.values()
                    for variable in uses
                ),
                key=lambda variable: variable.position,
            )
        )


def _check_expressions(text: str, field: str) -> None:
    position = 0
    for piece in _OPENED.split(text):
        if len(piece) > EXPRESSION_CHARACTERS and position:
            closed = _CLOSED.search(piece)
            if closed is None or closed.start() > EXPRESSION_CHARACTERS:
                raise TemplateError(
                    f"an expression has more than {EXPRESSION_CHARACTERS:,} characters",
                    field=field,
                    position=position - _BRACES,
                    remedy="Close its braces, or take it apart with {% assign %}",
                )
        position += len(piece) + _BRACES


def _parts(segments: Iterable[object]) -> Iterator[str | int]:
    for segment in segments:
        if isinstance(segment, str | int):
            yield segment
        else:
            return  # a name that is itself looked up: what is inside is not known before


@lru_cache(maxsize=8)
def _environment(markup: Markup, missing: Missing) -> Environment:
    from liquid import DictLoader, Environment, StrictUndefined, Undefined
    from liquid.extra import add_filters

    from eilbote.template.work import CountedTemplate

    class Bounded(Environment):
        template_class = CountedTemplate
        loop_iteration_limit = LOOP_TURNS
        output_stream_limit = OUTPUT_CHARACTERS
        local_namespace_limit = OUTPUT_CHARACTERS
        context_depth_limit = NESTED_BLOCKS
        block_nesting_limit = NESTED_BLOCKS

    made = Bounded(
        loader=DictLoader({}),
        autoescape=markup is Markup.HTML,
        undefined=StrictUndefined if missing is Missing.ERROR else Undefined,
    )
    add_filters(made)
    made.tags = {name: tag for name, tag in made.tags.items() if name in _TAGS}
    install_filters(made)
    return made


class _Faults:
    """Tells every fault of the engine as one of ours, with its place."""

    __slots__ = ("_field", "_text")

    def __init__(self, text: str, field: str) -> None:
        self._text = text
        self._field = field

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: object) -> None:
        from liquid.exceptions import LiquidError

        match fault:
            case None:
                return
            case LiquidError():
                raise self._told(fault) from None
            case EilboteError():
                fault.field = fault.field or self._field
            case RecursionError() | MemoryError():
                told = too_much("more than this machine can hold")
                told.field = self._field
                raise told from None
            case ArithmeticError() | ValueError() | TypeError() | LookupError():
                raise TemplateError(
                    "a filter cannot use its value",
                    field=self._field,
                    cause=str(fault)[:_LONGEST_EXPRESSION],
                    remedy="Give a value of the kind that the filter is for, or leave the filter out",
                ) from None
            case _:
                return

    def _told(self, fault: LiquidError) -> TemplateError:
        from liquid.exceptions import UndefinedError

        if (much := _TOO_MUCH.get(type(fault).__name__)) is not None:
            told = too_much(much)
            told.field = self._field
            return told
        position = fault.token.start_index if fault.token is not None else -1
        if isinstance(fault, UndefinedError):
            return self._without_value(fault, position)
        expression = self._expression_at(position)
        known = liquid_form(expression) if expression else None
        said = str(fault.args[0] if fault.args else fault).partition("\n")[0][:_LONGEST_EXPRESSION]
        return TemplateError(
            said,
            field=self._field,
            position=position if position >= 0 else None,
            cause=f"It stands in {expression[:_LONGEST_EXPRESSION]!r}" if expression else None,
            remedy=(f"Write {known}" if known else how_to_mend(said))
            or "See the reference of Liquid for what can be written here",
        )

    def _without_value(self, fault: UndefinedError, position: int) -> TemplateError:
        name = str(fault.args[0]).partition(" is undefined")[0].strip("'")[:_LONGEST_EXPRESSION]
        return TemplateError(
            f"{name} has no value",
            field=self._field,
            position=position if position >= 0 else None,
            cause="The text is not made when a value is missing",
            remedy=f'Give it a value, or write {{{{ {name} | default: "" }}}}',
        )

    def _expression_at(self, position: int) -> str:
        """Give what stands between the braces around a position."""
        if position < 0:
            return ""
        begin = max(self._text.rfind("{{", 0, position + 2), self._text.rfind("{%", 0, position + 2))
        ends = [end for mark in ("}}", "%}") if (end := self._text.find(mark, position)) >= 0]
        if begin < 0 or not ends:
            return ""
        return self._text[begin + 2 : min(ends)].strip(" -\n\t")
