"""What every check of a process is handed: the process, what is known around it, and where findings are put."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from eilbote.author.process.bpmn.extension import read_extensions
from eilbote.author.process.bpmn.names import words_of
from eilbote.author.process.bpmn.xml_document import read_document
from eilbote.author.process.bundle import read_bundle
from eilbote.author.process.check.graph import Graph
from eilbote.author.process.diagram import Element, SequenceFlow
from eilbote.author.process.finding import FoundIn, ProcessFinding, Severity
from eilbote.author.process.given_settings import ProcessSettings, merged
from eilbote.author.process.interpret.condition import in_liquid
from eilbote.author.process.written.sidecar import read_settings
from eilbote.errors import EilboteError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eilbote.author.process.check.known import Known
    from eilbote.author.process.definition import Definition

_MOST_NAMES: Final = 12
_MOST_TRANSLATIONS: Final = 100
_MOST_COMPARISONS: Final = 10_000
"""Names that are compared with one another in one check; then no name is suggested any more, for comparing takes its time."""


class _More(TypedDict, total=False):
    """What a finding may say beside what is wrong: in which field, why, and what to do."""

    field: str
    cause: str | None
    remedy: str | None


class Scene:
    """Everything that a check looks at.

    Args:
        definition: The process.
        known: What is known around it.
    """

    def __init__(self, definition: Definition, known: Known) -> None:
        self.definition = definition
        self.known = known
        self.graph = Graph(definition)
        self.found: list[ProcessFinding] = []
        self._said = _said(definition)
        self._comparisons = 0
        self._translations = 0

    def error(self, at: Element | SequenceFlow | str, what: str, **more: Unpack[_More]) -> None:
        """Tell what keeps the process from being published."""
        self._tell(Severity.ERROR, at, what, **more)

    def warning(self, at: Element | SequenceFlow | str, what: str, **more: Unpack[_More]) -> None:
        """Tell what is hardly meant so."""
        self._tell(Severity.WARNING, at, what, **more)

    def note(self, at: Element | SequenceFlow | str, what: str, **more: Unpack[_More]) -> None:
        """Tell what is worth knowing."""
        self._tell(Severity.NOTE, at, what, **more)

    def fault(self, at: Element | SequenceFlow | str, fault: EilboteError, *, field: str) -> None:
        """Tell an error of ours as a finding."""
        where = fault.field or field
        cause = fault.cause
        if fault.position is not None:
            said = f"It is at character {fault.position + 1}"
            cause = f"{cause.rstrip('.')}. {said}" if cause else said
        self._tell(
            Severity.ERROR,
            at,
            fault.what,
            field=where if where.startswith(field) else field,
            cause=cause,
            remedy=fault.remedy,
        )

    def in_liquid(self, condition: str) -> str | None:
        """Give how a condition of another language is written in Liquid; ``None`` when that cannot be said, or is not told any more."""
        self._translations += 1
        return in_liquid(condition) if self._translations <= _MOST_TRANSLATIONS else None

    def nearest(
        self, name: str, known: Iterable[str], *, otherwise: str = "There are", none: str = ""
    ) -> str:
        """Give the remedy for a name that is not known: the nearest one, or those that there are.

        Args:
            name: What was written.
            known: What could have been meant.
            otherwise: What to say before those that there are.
            none: What to say when there are none.
        """
        if self._comparisons > _MOST_COMPARISONS:
            return none
        names = sorted(known)
        if name:
            self._comparisons += len(names)
            if alike := difflib.get_close_matches(name[:60], names, n=1, cutoff=0.5):
                return f"Did you mean {alike[0]!r}?"
            folded = {each.casefold(): each for each in names}
            if name.casefold() in folded:
                return f"Did you mean {folded[name.casefold()]!r}?"
        if not names:
            return none
        more = " and others" if len(names) > _MOST_NAMES else ""
        return f"{otherwise} {', '.join(names[:_MOST_NAMES])}{more}"

    def _tell(
        self,
        severity: Severity,
        at: Element | SequenceFlow | str,
        what: str,
        *,
        field: str = "",
        cause: str | None = None,
        remedy: str | None = None,
    ) -> None:
        name = at if isinstance(at, str) else at.id
        line, found_in = self._place(name, field)
        if not line and not isinstance(at, str):
            line, found_in = at.line, FoundIn.DIAGRAM
        self.found.append(
            ProcessFinding(
                severity=severity,
                element=name,
                field=field,
                what=what,
                cause=cause,
                remedy=remedy,
                line=line,
                found_in=found_in,
            )
        )

    def _place(self, element: str, field: str) -> tuple[int, FoundIn]:
        """Give where a field is said; where the element is first mentioned in the settings does not count."""
        if field == "condition" and (said := self._said.conditions.get(element)) is not None:
            return said.line, said.found_in
        head, _, below = field.partition("[")[0].partition(".")
        given = self._said.elements.get(element, {}).get(head) if element else self._said.process.get(head)
        if given is None:
            return 0, FoundIn.DIAGRAM
        return given.lines.get(below.partition(".")[0], given.line), given.found_in


def _said(definition: Definition) -> ProcessSettings:
    """Read once more what was said, for the lines of it; a definition that was made without a text has none."""
    try:
        bundle = read_bundle(definition.text)
        return merged(read_settings(bundle.settings), read_extensions(read_document(bundle.bpmn)))
    except EilboteError:
        return ProcessSettings()


def called(element: Element) -> str:
    """Say what an element is, for people: ``the send task 'Tell Anna'``."""
    return f"the {words_of(element.tag, element.name)}"


def flow_called(flow: SequenceFlow) -> str:
    """Say which sequence flow it is."""
    return f"the {words_of('sequenceFlow', flow.name)}"
