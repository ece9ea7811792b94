"""What ``eilbote flow check`` does: every finding of a flow with its place, and nothing is sent or kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from eilbote.author.flow.check import check_flow
from eilbote.author.flow.definition import read_flow
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.finding_view import ERROR, Finding, show_findings, summed_up
from eilbote.cli.flow_texts import Written, read_file
from eilbote.cli.printable import counted
from eilbote.errors import EilboteError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.author.flow.definition import Flow
    from eilbote.cli.screen import Screen


def findings_of(
    text: str, *, connections: Collection[str] | None = None
) -> tuple[Flow | None, list[Finding]]:
    """Give the flow, where it can be read, and what is to be said about it.

    Args:
        text: The flow.
        connections: The names of all connections there are; ``None`` leaves connections alone.
    """
    found = [
        Finding(
            severity=each.severity.value,
            what=each.what,
            field=each.field or "",
            line=each.place.line if each.place else None,
            column=each.place.column if each.place else None,
            cause=each.cause or "",
            remedy=each.remedy or "",
        )
        for each in check_flow(text, connections=connections)
    ]
    try:
        return read_flow(text), found
    except EilboteError:
        return None, found


def check_files(
    files: Sequence[str], screen: Screen, *, strict: bool, with_connections: bool, data_dir: Path | None
) -> None:
    """Check flows.

    Args:
        files: Files; ``-`` is stdin.
        screen: Where findings go.
        strict: Whether a warning counts as well.
        with_connections: Whether the connections that they name must be known here.
        data_dir: What ``--data-dir`` said.

    Raises:
        UnreadableFileError: A file cannot be read.
        typer.Exit: A flow cannot be used (3).
    """
    known = _connections(screen, data_dir) if with_connections else None
    checked = [(written, *findings_of(written.text, connections=known)) for written in _read(files)]
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


def _connections(screen: Screen, data_dir: Path | None) -> Collection[str]:
    from eilbote.cli.at_desk import at_connections

    async def work(eilbote: Eilbote) -> Collection[str]:
        return await eilbote.connections.names()

    return at_connections(work, data_dir=data_dir, screen=screen)


def _read(files: Sequence[str]) -> list[Written]:
    return [read_file(name, field="file") for name in files]


def _conclude(written: Written, flow: Flow | None, found: Sequence[Finding], screen: Screen) -> None:
    if flow is None:
        screen.text(f"{written.name}: {summed_up(found)}; it cannot run")
    else:
        size = counted(len(flow.nodes), "node")
        screen.text(f"{written.name}: {flow.name}, {size}, {summed_up(found) or 'nothing to object to'}")
