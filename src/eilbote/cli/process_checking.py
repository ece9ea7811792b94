"""What ``eilbote process check`` does: every finding about a diagram and its settings, and nothing is kept or started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from eilbote.author.process.bundle import write_bundle
from eilbote.author.process.check.check import check_process
from eilbote.author.process.check.known import Known
from eilbote.author.process.check.unreadable import unreadable
from eilbote.author.process.finding import FoundIn, ProcessFinding, Severity
from eilbote.author.process.route.text import read_route
from eilbote.author.process.written.read_definition import read_definition
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.finding_view import Finding, show_findings, summed_up
from eilbote.cli.flow_texts import Written, read_file
from eilbote.cli.printable import counted, printable
from eilbote.cli.process_texts import WrittenProcess, read_process
from eilbote.errors import ProcessError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eilbote.author.process.definition import Definition
    from eilbote.author.process.route.route import Route
    from eilbote.cli.screen import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedProcess:
    """A process that was looked through.

    Attributes:
        written: As it was given.
        definition: The process; ``None`` when it cannot be read at all.
        findings: What is to be said about it.
    """

    written: WrittenProcess
    definition: Definition | None
    findings: tuple[ProcessFinding, ...]

    @property
    def name(self) -> str:
        """What the process is called, as far as that is known."""
        return self.definition.name if self.definition is not None else self.written.diagram.name

    def is_bad(self, *, strict: bool = False) -> bool:
        """Tell whether it cannot be used."""
        bad = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
        return any(each.severity in bad for each in self.findings)


def check_written(written: WrittenProcess, known: Known) -> CheckedProcess:
    """Look a process through."""
    try:
        definition = read_definition(write_bundle(written.bundle))
    except ProcessError as fault:
        return CheckedProcess(written=written, definition=None, findings=(unreadable(fault),))
    return CheckedProcess(
        written=written, definition=definition, findings=tuple(check_process(definition, known))
    )


def check_diagrams(
    files: Sequence[str],
    screen: Screen,
    *,
    settings: Path | None,
    routes: Sequence[str],
    strict: bool,
) -> None:
    """Check processes in files.

    Args:
        files: Diagrams; ``-`` is stdin.
        screen: Where findings go.
        settings: The settings beside the diagram; only with one.
        routes: Files with all the routes there are; when none is named, routes are left alone.
        strict: Whether a warning counts as well.

    Raises:
        UnreadableFileError: A file cannot be read.
        RouteError: A route cannot be read.
        typer.Exit: A process cannot be published (3).
    """
    known = Known(routes=_routes(routes)) if routes else Known()
    checked = [_checked(file, settings, known) for file in files]
    failed = [each for each in checked if each.is_bad(strict=strict)]
    if screen.as_json:
        screen.data({"ok": not failed, "files": [checked_data(each) for each in checked]})
    else:
        for each in checked:
            show_checked(each, screen)
            show_verdict(each, screen)
    if failed:
        raise typer.Exit(ExitCode.INVALID)


def _checked(file: str, settings: Path | None, known: Known) -> CheckedProcess:
    try:
        return check_written(read_process(file, settings), known)
    except ProcessError as fault:  # its octets are no text
        nothing = WrittenProcess(diagram=Written(name=file, text=""), settings=None)
        return CheckedProcess(written=nothing, definition=None, findings=(unreadable(fault),))


def show_checked(checked: CheckedProcess, screen: Screen) -> None:
    """Write findings for people, those in the diagram first."""
    written = checked.written
    in_settings = [each for each in checked.findings if each.found_in is FoundIn.SETTINGS]
    in_diagram = [each for each in checked.findings if each.found_in is not FoundIn.SETTINGS]
    show_findings(
        written.diagram.name, written.diagram.text, [_finding(each, checked) for each in in_diagram], screen
    )
    if in_settings:
        name, text = (written.settings.name, written.settings.text) if written.settings else ("settings", "")
        show_findings(name, text, [_finding(each, checked) for each in in_settings], screen)


def finding_data(finding: ProcessFinding, *, file: str | None = None) -> Mapping[str, object]:
    """Give a finding for programs; what is unknown is ``None``."""
    return {
        "severity": finding.severity.value,
        "element": finding.element or None,
        "field": finding.field or None,
        "what": finding.what,
        "cause": finding.cause,
        "remedy": finding.remedy,
        "found_in": finding.found_in.value,
        "file": file,
        "line": finding.line or None,
    }


def checked_data(checked: CheckedProcess) -> Mapping[str, object]:
    """Give what was found for programs."""
    written, definition = checked.written, checked.definition
    names = {
        FoundIn.DIAGRAM: written.diagram.name,
        FoundIn.SETTINGS: written.settings.name if written.settings else None,
    }
    return {
        "file": written.diagram.name,
        "settings": written.settings.name if written.settings else None,
        "process": definition.name if definition else None,
        "elements": len(definition.diagram.elements) if definition else None,
        "findings": [finding_data(each, file=names[each.found_in]) for each in checked.findings],
    }


def _finding(finding: ProcessFinding, checked: CheckedProcess) -> Finding:
    element = checked.definition.diagram.elements.get(finding.element) if checked.definition else None
    name = f" ({element.name})" if element is not None and element.name else ""
    where = f"{finding.element}{name}" if finding.element else ""
    return Finding(
        severity=finding.severity.value,
        what=finding.what,
        field=".".join(part for part in (where, finding.field) if part),
        line=finding.line or None,
        cause=finding.cause or "",
        remedy=finding.remedy or "",
    )


def _routes(files: Sequence[str]) -> Mapping[str, Route]:
    routes = [read_route(read_file(file, field="route", what="route").text) for file in files]
    return {route.message_name: route for route in routes}


def show_verdict(checked: CheckedProcess, screen: Screen) -> None:
    """Write the line that sums a process up."""
    name, found = checked.written.diagram.name, _counted(checked)
    if checked.definition is None or checked.is_bad():
        screen.text(f"{name}: {found}; it cannot be published")
        return
    size = counted(len(checked.definition.diagram.elements), "element")
    beside = f" with {checked.written.settings.name}" if checked.written.settings else ""
    screen.text(f"{name}{beside}: {printable(checked.name)}, {size}, {found or 'nothing to object to'}")


def _counted(checked: CheckedProcess) -> str:
    return summed_up([_finding(each, checked) for each in checked.findings])
