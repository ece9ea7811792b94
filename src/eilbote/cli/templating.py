"""What ``eilbote template render`` and ``lint`` do once everything is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import typer

from eilbote.cli.exit_codes import ExitCode
from eilbote.cli.finding_view import ERROR, Finding, position_in, show_findings, summed_up
from eilbote.cli.flow_texts import Written, read_file, read_input
from eilbote.errors import SettingsError, TemplateError
from eilbote.template.lint import lint
from eilbote.template.template import Markup, Missing, Template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from eilbote.cli.screen import Screen
    from eilbote.model.data import Data
    from eilbote.template.finding import TextFinding

_HTML_ENDINGS: Final = (".html", ".htm", ".html.liquid", ".htm.liquid")
_PREVIEW_ID: Final = "preview"


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What the template is given.

    Attributes:
        input: What ``--input`` said.
        context: What ``--context`` said.
        sets: What each ``--set`` said.
        locale: In which language numbers, money and times are written.
        time_zone: In which zone times are told.
        strict: Whether a variable must have a value.
    """

    input: str | None = None
    context: str | None = None
    sets: tuple[str, ...] = ()
    locale: str = "en"
    time_zone: str = "UTC"
    strict: bool = False

    def read(self) -> Mapping[str, Data] | None:
        """Give the values by name; ``None`` when there are none."""
        given, kept = read_input(self.input, self.sets), read_input(self.context, ())
        if given is None and kept is None:
            return None
        return {"input": given or {}, "context": kept or {}}


def render_file(
    file: str, values: Values, screen: Screen, *, is_html: bool | None, frame: bool, into: Path | None
) -> None:
    """Put values into a template.

    Raises:
        TemplateError: The values or the language cannot be used.
        UnreadableFileError: A file cannot be read.
        SettingsError: The result cannot be written.
        typer.Exit: The template cannot be used (3).
    """
    written = read_file(file, field="file", what="template")
    markup = _markup(written, is_html=True if frame and is_html is None else is_html)
    given = values.read() or {"input": {}, "context": {}}
    try:
        missing = Missing.ERROR if values.strict else Missing.EMPTY
        template = Template(written.text, markup=markup, missing=missing)
        made = template.render(given, locale=values.locale, time_zone=values.time_zone)
    except TemplateError as fault:
        if fault.field != "template":
            raise
        _tell([(written, [_of_fault(fault, written.text)])], screen)
        raise typer.Exit(ExitCode.INVALID) from None
    _give(_framed(made, markup, values.locale) if frame else made, written, markup, into, screen)


def lint_files(files: Sequence[str], values: Values, screen: Screen, *, is_html: bool | None) -> None:
    """Check templates.

    Raises:
        UnreadableFileError: A file cannot be read.
        typer.Exit: One cannot be used (3).
    """
    given = values.read()
    checked: list[tuple[Written, list[Finding]]] = []
    for file in files:
        written = read_file(file, field="file", what="template")
        found = lint(written.text, markup=_markup(written, is_html=is_html), sample=given)
        checked.append((written, [_of_lint(each, written.text) for each in found]))
    _tell(checked, screen)
    if any(each.severity == ERROR for _, found in checked for each in found):
        raise typer.Exit(ExitCode.INVALID)


def _markup(written: Written, *, is_html: bool | None) -> Markup:
    if is_html is None:
        is_html = written.name.lower().endswith(_HTML_ENDINGS)
    return Markup.HTML if is_html else Markup.TEXT


def _framed(made: str, markup: Markup, language: str) -> str:
    from html import escape

    from eilbote.template.frame import framed
    from eilbote.template.rich_content import safe_content

    content = made if markup is Markup.HTML else escape(made).replace("\n", "<br>\n")
    return framed(safe_content(content), heading="Subject", report_id=_PREVIEW_ID, language=language)


def _give(made: str, written: Written, markup: Markup, into: Path | None, screen: Screen) -> None:
    if into is not None:
        try:
            into.write_text(made, encoding="utf-8")
        except OSError as fault:
            raise SettingsError(
                f"{str(into)!r} cannot be written",
                field="into",
                cause=fault.strerror,
                remedy="Choose another place",
            ) from fault
        screen.note(f"{into} is written")
        return
    if screen.as_json:
        screen.data({"file": written.name, "markup": markup.value, "rendered": made})
    else:
        typer.echo(made, nl=not made.endswith("\n"))


def _tell(checked: Sequence[tuple[Written, Sequence[Finding]]], screen: Screen) -> None:
    if screen.as_json:
        failed = any(each.severity == ERROR for _, found in checked for each in found)
        screen.data(
            {
                "ok": not failed,
                "files": [
                    {"file": written.name, "findings": [each.as_data() for each in found]}
                    for written, found in checked
                ],
            }
        )
        return
    for written, found in checked:
        show_findings(written.name, written.text, found, screen)
        screen.text(f"{written.name}: {summed_up(found) or 'nothing to object to'}")


def _of_fault(fault: TemplateError, text: str) -> Finding:
    line, column = position_in(text, fault.position)
    return Finding(
        severity=ERROR,
        what=fault.what,
        line=line,
        column=column,
        cause=fault.cause or "",
        remedy=fault.remedy or "",
    )


def _of_lint(found: TextFinding, text: str) -> Finding:
    line, column = position_in(text, found.position)
    return Finding(
        severity=found.severity.value,
        what=found.what,
        line=line,
        column=column,
        cause=found.cause or "",
        remedy=found.remedy or "",
    )
