"""What is said about a process beside what BPMN knows, before anybody has looked what it means: nouns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from eilbote.author.process.finding import FoundIn

if TYPE_CHECKING:
    from eilbote.author.process.finding import ProcessFinding
    from eilbote.model.data import Data

_NO_LINES: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The value of a field, and where it was said.

    Attributes:
        value: Plain data.
        line: Where, counted from 1; 0 when nobody knows.
        found_in: In which text.
        lines: For tables: where each of their fields stands.
    """

    value: Data
    line: int = 0
    found_in: FoundIn = FoundIn.SETTINGS
    lines: Mapping[str, int] = field(default_factory=lambda: _NO_LINES)


GivenFields: TypeAlias = dict[str, Given]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSettings:
    """Everything that one text says.

    Attributes:
        process: About the process itself: ``process``, ``title``, ``diagram_process``, ``correlation``.
        elements: About elements, by their ids.
        conditions: Of sequence flows, by their ids.
        faults: What cannot be read.
        lines: Where each element is first spoken of.
    """

    process: GivenFields = field(default_factory=dict[str, Given])
    elements: dict[str, GivenFields] = field(default_factory=dict[str, GivenFields])
    conditions: GivenFields = field(default_factory=dict[str, Given])
    faults: tuple[ProcessFinding, ...] = ()
    lines: Mapping[str, int] = field(default_factory=lambda: _NO_LINES)


def merged(nearer: ProcessSettings, farther: ProcessSettings) -> ProcessSettings:
    """Put two together, field by field; what the nearer one says is heard."""
    names = dict.fromkeys((*farther.elements, *nearer.elements))
    return ProcessSettings(
        process={**farther.process, **nearer.process},
        elements={
            name: {**farther.elements.get(name, {}), **nearer.elements.get(name, {})} for name in names
        },
        conditions={**farther.conditions, **nearer.conditions},
        faults=(*farther.faults, *nearer.faults),
        lines={**farther.lines, **nearer.lines},
    )
