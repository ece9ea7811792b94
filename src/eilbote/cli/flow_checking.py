"""What ``eilbote flow check`` does: every finding of a flow with its place, and nothing is sent or kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from eilbote.author.flow.definition import read_flow
from eilbote.author.flow.source import FlowTextError
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.finding_view import ERROR, Finding, show_findings, summed_up
from eilbote.cli.flow_texts import Written, read_file
from eilbote.cli.printable import counted
from eilbote.errors import EilboteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eilbote.author.flow.definition import Flow
    from eilbote.cli.screen import Screen


def findings_of(text: str) -> tuple[Flow | None, list[Finding]]:
    """Give the flow, where it can be read, and what is to be said about it."""
    try:
        flow = read_flow(text)
    except FlowTextError as fault:
        place = fault.place
        return None, [
            Finding(
                severity=ERROR,
                what=fault.what,
                field=fault.field or "",
                line=place.line if place else None,
                column=place.column if place else None,
                cause=fault.reason or "",
                remedy=fault.remedy or "",
            )
        ]
    except EilboteError as fault:
        return None, [
            Finding(
                severity=ERROR,
                what=fault.what,
                field=fault.field or "",
                cause=fault.cause or "",
                remedy=fault.remedy or "",
            )
        ]
    return flow, []


def check_files(files: Sequence[str], screen: Screen, *, strict: bool) -> None:
    """Check flows.

    Args:
        files: Files; ``-`` is stdin.
        screen: Where findings go.
        strict: Whether a warning counts as well.

    Raises:
        UnreadableFileError: A file cannot be read.
        typer.Exit: A flow cannot be used (3).
    """
    checked = [(written, *findings_of(written.text)) for written in _read(files)]
    bad = (ERROR, "warning") if strict else (ERROR,)
    failed = [written.name for written, _, found in checked if any(each.severity in bad for each in found)]
    if screen.as_json:
        screen.data(
            {
                "ok": not failed,
                "files": [
                    {
                        "file": written.name,
                        "flow": flow.name if flow else None,
                        "nodes": len(flow.nodes) if flow else None,
                        "findings": [each.as_data() for each in found],
                    }
                    for written, flow, found in checked
                ],
            }
        )
    else:
        for written, flow, found in checked:
            show_findings(written.name, written.text, found, screen)
            _conclude(written, flow, found, screen)
    if failed:
        raise typer.Exit(ExitCode.INVALID)


def show_and_refuse(written: Written, findings: Sequence[Finding], screen: Screen) -> None:
    """Tell what is wrong with a flow that was to be used.

    Raises:
        typer.Exit: There is an error among it (3).
    """
    if not any(each.severity == ERROR for each in findings):
        return
    if screen.as_json:
        screen.data({"ok": False, "file": written.name, "findings": [each.as_data() for each in findings]})
    else:
        show_findings(written.name, written.text, findings, screen)
    raise typer.Exit(ExitCode.INVALID)


def _read(files: Sequence[str]) -> list[Written]:
    return [read_file(name, field="file") for name in files]


def _conclude(written: Written, flow: Flow | None, found: Sequence[Finding], screen: Screen) -> None:
    if flow is None:
        screen.text(f"{written.name}: {summed_up(found)}; it cannot run")
    else:
        size = counted(len(flow.nodes), "node")
        screen.text(f"{written.name}: {flow.name}, {size}, {summed_up(found) or 'nothing to object to'}")
