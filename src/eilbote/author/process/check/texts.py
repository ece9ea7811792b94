"""Whether templates, names and times that authors have written can be used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eilbote.author.process.interpret.timer import read_duration
from eilbote.errors import EilboteError
from eilbote.template.finding import Weight
from eilbote.template.known_values import OPEN
from eilbote.template.lint import lint_template
from eilbote.template.template import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eilbote.author.process.check.scene import Scene
    from eilbote.author.process.diagram import Element
    from eilbote.model.data import Data

_RESULT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_TAKEN: Final = frozenset({"process", "loop"})
"""Names that templates know otherwise."""
_OPENED: Final = re.compile(r"\{[{%]")


def is_literal(text: str) -> bool:
    """Say whether a text has no places for values."""
    return _OPENED.search(text) is None


def check_texts(scene: Scene, element: Element, said: Data, *, field: str) -> None:
    """Check every template in plain data."""
    for below, text in _texts(said, field):
        try:
            template = Template(text, field=below)
            found = list(lint_template(template, OPEN))
        except EilboteError as fault:
            scene.fault(element, fault, field=below)
            continue
        for each in found:
            tell = scene.note if each.severity is Weight.HINT else scene.warning
            tell(element, each.what, field=below, cause=each.cause, remedy=each.remedy)


def check_result(scene: Scene, element: Element, name: str, *, field: str = "result") -> None:
    """Check the name under which something is put into the process data; none at all is allowed."""
    if not name:
        return
    if not _RESULT.fullmatch(name):
        scene.error(
            element,
            f"{name[:60]!r} cannot be asked for in templates",
            field=field,
            remedy="Give a letter, then letters, digits and _; at most 64",
        )
    elif name in _TAKEN:
        scene.error(
            element,
            f"{name!r} is what templates call something else",
            field=field,
            remedy="Give another name",
        )


def check_duration(scene: Scene, element: Element, text: str, *, field: str) -> None:
    """Check a duration that is written out; a template is read in an instance."""
    if not is_literal(text):
        check_texts(scene, element, text, field=field)
    elif text:
        try:
            read_duration(text, field=field)
        except EilboteError as fault:
            scene.fault(element, fault, field=field)


def _texts(said: Data, field: str) -> Iterator[tuple[str, str]]:
    match said:
        case str():
            yield field, said
        case dict():
            for name, value in said.items():
                yield from _texts(value, f"{field}.{name}")
        case list():
            for number, value in enumerate(said):
                yield from _texts(value, f"{field}[{number}]")
        case _:
            return
