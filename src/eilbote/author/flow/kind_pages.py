"""What authors are told about each kind of node: what it does, its exits, its fields, an example.

For the kinds that come with eilbote it stands in ``kinds.toml``; a kind of another package tells what its class says.
"""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypedDict, cast

from eilbote.author.flow.registry import node_kind

if TYPE_CHECKING:
    from collections.abc import Iterator


class FieldType(StrEnum):
    """What a form shows for a field."""

    TEXT = "text"
    """A text, in which values may stand."""
    WORDS = "words"
    """A text, or one for each language."""
    DURATION = "duration"
    """``2d 4h``, ``90m``."""
    SWITCH = "switch"
    NUMBER = "number"
    CHOICE = "choice"
    LIST = "list"
    TABLE = "table"
    CONNECTION = "connection"
    """The name of a connection, or all that is to be said about one."""
    ANY = "any"


class _Field(TypedDict, total=False):
    type: str
    choices: list[str]
    need: bool
    default: str
    what: str


class _Kind(TypedDict, total=False):
    what: str
    parts: list[str]
    exits: dict[str, str]
    fields: dict[str, _Field]
    example: str


class _File(TypedDict):
    parts: dict[str, dict[str, _Field]]
    kinds: dict[str, _Kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPage:
    """A field of a kind of node.

    Attributes:
        name: What it is called.
        what: What it is for.
        is_needed: Whether it cannot be left out.
        default: What holds when it is left out; may be empty.
        type: What a form shows for it.
        choices: The words there are to choose from, the usual one first.
    """

    name: str
    what: str
    is_needed: bool = False
    default: str = ""
    type: FieldType = FieldType.TEXT
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KindPage:
    """A kind of node.

    Attributes:
        kind: What authors call it.
        what: What it does.
        exits: Each way out, and when it is taken; empty where there is nothing to choose.
        fields: Those of its own, besides id, kind, label and the exits; empty when they are not known.
        example: The shortest one that works, in YAML; may be empty.
    """

    kind: str
    what: str
    exits: Mapping[str, str]
    fields: tuple[FieldPage, ...] = ()
    example: str = ""


def kind_page(kind: str) -> KindPage:
    """Tell about a kind.

    Raises:
        FlowError: There is none of that name, or the package that brings it is broken.
    """
    made = node_kind(kind)
    told = _pages()["kinds"].get(kind)
    if told is None:
        what = (inspect.getdoc(made) or "").partition("\n")[0]
        return KindPage(kind=kind, what=what, exits=dict.fromkeys(made.exits, ""))
    when = told.get("exits", {})
    return KindPage(
        kind=kind,
        what=told.get("what", ""),
        exits={exit_: when.get(exit_, "") for exit_ in made.exits},
        fields=tuple(_fields(told)),
        example=told.get("example", "").strip("\n"),
    )


def _fields(told: _Kind) -> Iterator[FieldPage]:
    tables = [_pages()["parts"][part] for part in told.get("parts", [])]
    for table in (*tables, told.get("fields", {})):
        for name, field in table.items():
            yield FieldPage(
                name=name,
                what=field.get("what", ""),
                is_needed=field.get("need", False),
                default=field.get("default", ""),
                type=FieldType(field.get("type", FieldType.TEXT)),
                choices=tuple(field.get("choices", ())),
            )


@cache
def _pages() -> _File:
    text = files("eilbote.author.flow").joinpath("kinds.toml").read_text("utf-8")
    return cast("_File", tomllib.loads(text))
