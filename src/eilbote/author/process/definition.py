"""A process that can be published: its diagram, and what is known of its elements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eilbote.author.process.details import Details
    from eilbote.author.process.diagram import Diagram
    from eilbote.author.process.finding import ProcessFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A process as it was read, not checked yet.

    Attributes:
        name: What the process is called; unique in its organization.
        title: What people read.
        process: The id of the process in the diagram that begins.
        diagram: The diagram.
        details: What is known of elements, by their ids.
        conditions: For sequence flows by their ids: the expression that must hold, in place of the diagram's.
        correlation: A template over the data that an instance begins with, for its correlation key; empty: none but its id.
        text: What was read: the bundle of diagram and settings.
        faults: What could not be read in settings and extension elements; with any error among them it is not published.
    """

    name: str
    title: str
    process: str
    diagram: Diagram
    details: Mapping[str, Details]
    conditions: Mapping[str, str]
    correlation: str = ""
    text: str
    faults: tuple[ProcessFinding, ...] = ()
