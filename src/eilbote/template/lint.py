"""What can be said of a template without sending anything: whether it is Liquid, and whether its variables will have values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.errors import TemplateError
from eilbote.template.finding import TextFinding, Weight
from eilbote.template.known_values import OPEN, Known, KnownTable, Unknown, known_from, unknown_part
from eilbote.template.template import Markup, Template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from eilbote.template.template import Variable

_FOREIGN_NAMES: Final = {
    "ci": "input",
    "cc": "context",
    "inputs": "input",
    "ctx": "context",
    "$json": "input",
    "payload": "input",
}
"""Names under which other products keep the same."""
_FOREIGN_ENDS: Final = {"length": "size", "count": "size"}
"""Properties of other languages, and the filter that gives the same."""
_FOREIGN_PLACES: Final = re.compile(
    r"\$\{(?P<a>[A-Za-z_][\w.]*)\}|<%=\s*(?P<b>[A-Za-z_][\w.]*)\s*%>|(?<!\{)\{(?P<c>(?:input|context)\.[\w.]+)\}(?!\})"
)
"""Places for values as other template languages write them; here they are text."""
_LONGEST: Final = 200


def lint(
    text: str,
    *,
    markup: Markup = Markup.TEXT,
    sample: Mapping[str, object] | None = None,
    field: str = "template",
) -> tuple[TextFinding, ...]:
    """Check a template.

    Args:
        text: The template.
        markup: What it is.
        sample: Values such as it will get, by name; ``None`` when nothing is known about them.
        field: Where it stands.
    """
    try:
        template = Template(text, markup=markup, field=field)
    except TemplateError as fault:
        return (
            TextFinding(
                severity=Weight.ERROR,
                field=field,
                position=fault.position,
                what=fault.what,
                cause=fault.cause,
                remedy=fault.remedy,
            ),
        )
    found = [*lint_template(template, OPEN if sample is None else known_from(sample))]
    if sample is not None:
        try:
            template.render(sample)
        except TemplateError as fault:
            found.append(
                TextFinding(
                    severity=Weight.ERROR,
                    field=fault.field or field,
                    position=fault.position,
                    what=f"with the sample it cannot be made: {fault.what}",
                    cause=fault.cause,
                    remedy=fault.remedy,
                )
            )
    return tuple(found)


def lint_template(
    template: Template, known: Known, *, is_sure: Callable[[tuple[str | int, ...]], bool] | None = None
) -> Iterator[TextFinding]:
    """Check a template that is Liquid.

    Args:
        template: The template.
        known: What is known of the values that it may get.
        is_sure: Whether it will get one in any case.
    """
    if not template.is_literal:
        for variable in template.variables():
            found = _of_variable(template, variable, known)
            if found is None and is_sure is not None and not is_sure(variable.path):
                found = TextFinding(
                    severity=Weight.WARNING,
                    field=template.field,
                    position=variable.position,
                    what=f"{variable} may be empty",
                    cause="Not every way that leads here has put a value there",
                    remedy=f'Keep one before, or write {{{{ {variable} | default: "" }}}}',
                )
            if found is not None:
                yield found
    for place in _FOREIGN_PLACES.finditer(template.text):
        name = place["a"] or place["b"] or place["c"]
        yield TextFinding(
            severity=Weight.HINT,
            field=template.field,
            position=place.start(),
            what=f"{place[0][:60]!r} stays as it is: it is no place for a value here",
            remedy=f"Write {{{{ {name[:60]} }}}}",
        )


def _of_variable(template: Template, variable: Variable, known: Known) -> TextFinding | None:
    last = variable.path[-1]
    unknown = unknown_part(known, variable.path)
    if isinstance(last, str) and last in _FOREIGN_ENDS and (unknown is not None or _is_guess(last, known)):
        *before, _ = variable.path
        return TextFinding(
            severity=Weight.WARNING if unknown is not None else Weight.HINT,
            field=template.field,
            position=variable.position,
            what=f"{variable} is empty"
            if unknown is not None
            else f"{variable} is empty, of a list or a text",
            cause=f"Liquid has no property {last!r}; it has a filter",
            remedy=f"Write {{{{ {_written(before)} | {_FOREIGN_ENDS[last]} }}}}",
        )
    if unknown is None:
        return None
    return TextFinding(
        severity=Weight.WARNING if unknown.below else Weight.ERROR,
        field=template.field,
        position=variable.position,
        what=f"{variable} is not known" if len(str(variable)) <= _LONGEST else "a variable is not known",
        cause=_why(unknown),
        remedy=_remedy(unknown, known),
    )


def _written(path: list[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _why(unknown: Unknown) -> str:
    if unknown.below:
        return f"There is no {unknown.name[:60]!r} in {unknown.below[:100]} as far as is known, so it will be empty"
    return f"No value is called {unknown.name[:60]!r}, so it is always empty"


def _is_guess(name: str, known: Known) -> bool:
    """Tell whether a name is hardly that of a value, when nothing is known of values: an order may well have a ``count``."""
    return known == OPEN and name == "length"


def _remedy(unknown: Unknown, known: Known) -> str:
    if not unknown.below and unknown.name in _FOREIGN_NAMES:
        return f"Write {_FOREIGN_NAMES[unknown.name]}"
    if unknown.nearest is not None:
        return f"Did you mean {unknown.nearest!r}?"
    if unknown.below.partition(".")[0] == "context":
        return "Correct the name, or keep a value there before; another flow of the conversation may have done so"
    if unknown.below:
        return "Correct the name, or add it to the sample when it may be there"
    names = sorted(known.members) if isinstance(known, KnownTable) else []
    return f"There are {', '.join(names[:10])}" if names else "Give it a value"
