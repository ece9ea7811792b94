"""What ``eilbote flow kinds`` shows: every kind of node, or the fields of one with an example."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Final

import typer

from eilbote.author.flow.kind_pages import kind_page
from eilbote.author.flow.registry import node_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.author.flow.kind_pages import KindPage
    from eilbote.cli.screen import Screen

_WIDEST: Final = 100
_SHARED: Final = (
    "Every kind has id, kind and label; an exit is a field as well, and names the node it leads to, or end."
)


def show_kinds(screen: Screen) -> None:
    """Write a line for each kind.

    Raises:
        FlowError: A package that brings a kind is broken.
    """
    pages = [kind_page(kind) for kind in node_kinds()]
    if screen.as_json:
        screen.data([_as_data(page) for page in pages])
        return
    width = max(len(page.kind) for page in pages)
    for page in pages:
        screen.text(_row(typer.style(f"{page.kind:<{width}}", bold=True), page.what, width))
    screen.text()
    screen.text("'eilbote flow kinds KIND' tells the fields of one.")


def show_kind(kind: str, screen: Screen) -> None:
    """Write everything about a kind.

    Raises:
        FlowError: There is none of that name.
    """
    page = kind_page(kind)
    if screen.as_json:
        screen.data(_as_data(page))
        return
    screen.text(f"{typer.style(page.kind, bold=True)}  {page.what}")
    if page.fields:
        _head("FIELDS", screen)
        width = max(len(field.name) for field in page.fields) + 1
        for field in page.fields:
            name = typer.style(f"{field.name + '*' * field.is_needed:<{width}}", bold=field.is_needed)
            usual = f" Otherwise {field.default}." if field.default else ""
            screen.text(_row(name, f"{field.what}{usual}", width))
        if any(field.is_needed for field in page.fields):
            screen.text("* cannot be left out")
    if page.exits:
        _head("EXITS", screen)
        width = max(len(name) for name in page.exits)
        for name, when in page.exits.items():
            screen.text(_row(f"{name:<{width}}", when or "the node below when it is not given", width))
    if page.example:
        _head("EXAMPLE", screen)
        screen.text(page.example)
    screen.text()
    screen.text(textwrap.fill(_SHARED, _columns()))


def _as_data(page: KindPage) -> Mapping[str, object]:
    return {
        "kind": page.kind,
        "what": page.what,
        "exits": dict(page.exits),
        "fields": [
            {
                "name": field.name,
                "required": field.is_needed,
                "default": field.default or None,
                "what": field.what,
            }
            for field in page.fields
        ],
        "example": page.example or None,
    }


def _head(title: str, screen: Screen) -> None:
    screen.text()
    screen.text(typer.style(title, bold=True))


def _row(name: str, text: str, width: int) -> str:
    filled = textwrap.fill(
        text, max(_columns(), 60), initial_indent=" " * (width + 2), subsequent_indent=" " * (width + 2)
    )
    return f"{name}  {filled.lstrip()}".rstrip()


def _columns() -> int:
    return min(shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDEST, _WIDEST)
