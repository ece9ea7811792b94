"""Routes in files: read, checked, and refused with every finding in its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import typer

from eilbote.author.process.route.check import check_route_text
from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.finding_view import ERROR, Finding, show_findings, summed_up
from eilbote.cli.flow_texts import read_file
from eilbote.cli.printable import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.author.process.route.route import Route
    from eilbote.cli.screen import Screen

BETWEEN: Final = "---\n"
_BETWEEN: Final = re.compile(r"^---[ \t]*\r?\n", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRoute:
    """A route in a file.

    Attributes:
        name: What the file is called when something is said about it.
        text: The route.
        line: How many lines of the file stand before it.
        whole: The text of the file.
        route: The route as it was read; ``None`` when it cannot be.
        findings: What is to be said about it, with lines of the file.
    """

    name: str
    text: str
    line: int
    whole: str
    route: Route | None
    findings: tuple[Finding, ...]

    @property
    def is_refused(self) -> bool:
        """Whether there is an error in it."""
        return any(each.severity == ERROR for each in self.findings)


def read_files(files: Sequence[str], *, connections: Collection[str] | None = None) -> list[WrittenRoute]:
    """Read and check the routes of files.

    Args:
        files: Files; ``-`` is stdin.
        connections: The names of all connections there are; ``None`` leaves connections alone.

    Raises:
        UnreadableFileError: A file cannot be read.
    """
    found: list[WrittenRoute] = []
    for file in files:
        written = read_file(file, field="file", what="route")
        texts = _apart(written.text)
        for line, text in texts:
            route, findings = check_route_text(text, connections)
            found.append(
                WrittenRoute(
                    name=written.name,
                    text=text,
                    line=line,
                    whole=written.text,
                    route=route,
                    findings=tuple(
                        Finding(
                            severity=each.severity.value,
                            what=each.what,
                            field=each.field,
                            line=each.place.line + line if each.place else None,
                            column=each.place.column if each.place else None,
                            cause=each.cause or "",
                            remedy=each.remedy or "",
                        )
                        for each in findings
                    ),
                )
            )
    return found


def check_files(
    files: Sequence[str], screen: Screen, *, strict: bool, with_connections: bool, data_dir: Path | None
) -> None:
    """Check routes.

    Args:
        files: Files; ``-`` is stdin.
        screen: Where findings go.
        strict: Whether a warning counts as well.
        with_connections: Whether the connections that they name must be known here.
        data_dir: What ``--data-dir`` said.

    Raises:
        UnreadableFileError: A file cannot be read.
        typer.Exit: A route cannot be used (3).
    """
    found = read_files(files, connections=_connections(screen, data_dir) if with_connections else None)
    bad = (ERROR, "warning") if strict else (ERROR,)
    is_failed = any(each.severity in bad for written in found for each in written.findings)
    if screen.as_json:
        screen.data({"ok": not is_failed, "routes": [_data(each) for each in found]})
    else:
        for each in found:
            show_findings(each.name, each.whole, each.findings, screen)
            _conclude(each, screen)
    if is_failed:
        raise typer.Exit(ExitCode.INVALID)


def sound_routes(files: Sequence[str], screen: Screen) -> list[tuple[WrittenRoute, Route]]:
    """Give the routes of files that are to be used; what is wrong with any of them is told.

    Raises:
        UnreadableFileError: A file cannot be read.
        typer.Exit: There is an error in one (3).
    """
    found = read_files(files)
    refused = [each for each in found if each.is_refused]
    if refused:
        if screen.as_json:
            screen.data({"ok": False, "routes": [_data(each) for each in refused]})
        else:
            for each in refused:
                show_findings(each.name, each.whole, each.findings, screen)
        raise typer.Exit(ExitCode.INVALID)
    return [(each, each.route) for each in found if each.route is not None]


def _apart(text: str) -> list[tuple[int, str]]:
    """Give the texts of a file, each with the number of lines before it; one that is empty is none, but of an empty file."""
    found: list[tuple[int, str]] = []
    begin = 0
    for end, after in [*((each.start(), each.end()) for each in _BETWEEN.finditer(text)), (len(text), 0)]:
        if text[begin:end].strip():
            found.append((text.count("\n", 0, begin), text[begin:end]))
        begin = after
    return found or [(0, text)]


def _connections(screen: Screen, data_dir: Path | None) -> Collection[str]:
    from eilbote.cli.at_desk import at_connections

    async def work(eilbote: Eilbote) -> Collection[str]:
        return await eilbote.connections.names()

    return at_connections(work, data_dir=data_dir, screen=screen)


def _data(written: WrittenRoute) -> dict[str, object]:
    return {
        "file": written.name,
        "route": written.route.message_name if written.route else None,
        "attributes": len(written.route.attributes) if written.route else None,
        "findings": [each.as_data() for each in written.findings],
    }


def _conclude(written: WrittenRoute, screen: Screen) -> None:
    if written.route is None or written.is_refused:
        screen.text(f"{written.name}: {summed_up(written.findings)}; nothing can go over it")
        return
    size = counted(len(written.route.attributes), "attribute")
    said = summed_up(written.findings) or "nothing to object to"
    screen.text(f"{written.name}: {written.route.message_name}, {size}, {said}")
