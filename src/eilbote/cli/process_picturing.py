"""What ``eilbote process diagram`` does: a picture of a file, of a published process, or of an instance as it stands."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from eilbote.author.process.bundle import read_bundle, write_bundle
from eilbote.author.process.diagram import Diagram
from eilbote.author.process.picture.picture import draw
from eilbote.author.process.picture.state import state_of
from eilbote.author.process.written.read_definition import read_definition
from eilbote.cli.at_desk import at_desk
from eilbote.cli.faults import CommandLineError, UnreadableFileError
from eilbote.cli.printable import printable
from eilbote.cli.process_mails import mails_of
from eilbote.cli.process_texts import is_diagram, read_process
from eilbote.errors import InstanceNotFoundError, ProcessError, ProcessNotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.process_mails import ElementMail
    from eilbote.cli.screen import Screen
    from eilbote.engine.process.process_view import ProcessInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """How the picture is to be.

    Attributes:
        output: Where it is written; stdout when ``None``.
        format: ``svg`` or ``png``; by the file's ending when ``None``.
        scale: Pixels for each unit of the diagram.
        force: Whether a file that is there is written over.
        settings: The settings beside a diagram in a file.
        version: Of a published process.
        organization: Whose process.
    """

    output: Path | None = None
    format: str | None = None
    scale: float = 2.0
    force: bool = False
    settings: Path | None = None
    version: int | None = None
    organization: str = ""

    @property
    def is_png(self) -> bool:
        """Whether pixels are wanted."""
        if self.format is not None:
            return self.format == "png"
        return self.output is not None and self.output.suffix.lower() == ".png"


def draw_what(what: str, wished: Wished, screen: Screen, *, data_dir: Path | None) -> None:
    """Draw a diagram, and write it.

    Raises:
        EilboteError: There is nothing of that name, it cannot be read, or the picture not be written.
    """
    if wished.is_png and wished.output is None and sys.stdout.isatty():
        raise CommandLineError(
            "a PNG cannot be shown on a terminal",
            field="file",
            remedy="Name a file with --output",
        )
    if is_diagram(what):
        svg = _of_file(what, wished.settings)
    else:
        svg = at_desk(
            lambda eilbote: _of_kept(eilbote, what, wished), data_dir=data_dir, screen=screen, quietly=True
        )
    _write(svg, wished, screen)


def instance_picture(instance: ProcessInstance, mails: Sequence[ElementMail]) -> str:
    """Draw an instance as it stands."""
    diagram, _ = _readable(instance.text)
    state = state_of(
        instance.passages,
        taken=instance.taken,
        incidents=[
            (each.element, str(each.error.get("message") or each.error.get("code") or ""))
            for each in instance.incidents
        ],
        mails=[(each.element, each.mark) for each in mails],
        tokens=instance.tokens,
    )
    said = [f"version {instance.version}", instance.id, instance.status.value]
    if instance.stage:
        said.append(instance.stage)
    return draw(diagram, title=instance.process, subtitle=" · ".join(said), state=state)


def _of_file(what: str, settings: Path | None) -> str:
    written = read_process(what, settings)
    diagram, title = _readable(write_bundle(written.bundle))
    return draw(diagram, title=title)


def _readable(text: str) -> tuple[Diagram, str]:
    """Give a diagram with what its settings make of it; the diagram alone when they cannot be read."""
    try:
        definition = read_definition(text)
    except ProcessError:
        from eilbote.author.process.bpmn.reading import read_bpmn

        diagram = read_bpmn(read_bundle(text).bpmn)
        return diagram, next((plan.name for plan in diagram.processes if plan.name), "")
    return definition.diagram, definition.title


async def _of_kept(eilbote: Eilbote, what: str, wished: Wished) -> str:
    if wished.version is None:
        try:
            instance = await eilbote.processes.get(what)
        except InstanceNotFoundError:
            pass
        else:
            return instance_picture(instance, await mails_of(eilbote, instance))
    try:
        text = await eilbote.processes.text(what, organization=wished.organization, version=wished.version)
    except ProcessNotFoundError as fault:
        if wished.version is not None:
            raise
        raise ProcessNotFoundError(
            f"nothing is called {what[:60]!r}: no file, no process, and no instance",
            field="what",
            cause=fault.cause,
            remedy="'eilbote process list' shows all processes, 'eilbote process instances' what they have begun",
        ) from None
    diagram, title = _readable(text)
    return draw(diagram, title=title)


def _write(svg: str, wished: Wished, screen: Screen) -> None:
    if wished.is_png:
        from eilbote.cli.process_raster import has_fonts, png_of

        octets = png_of(svg, scale=wished.scale)
        if not has_fonts():
            screen.note(
                "eilbote: this machine has no fonts, so the PNG has no words; install some, such as fonts-dejavu-core"
            )
    else:
        octets = f"{svg}\n".encode()
    if wished.output is None:
        typer.echo(octets, nl=False)
        return
    try:
        with wished.output.open("wb" if wished.force else "xb") as stream:
            stream.write(octets)
    except OSError as fault:
        is_there = isinstance(fault, FileExistsError)
        raise UnreadableFileError(
            f"{str(wished.output)!r} is there already"
            if is_there
            else f"{str(wished.output)!r} cannot be written",
            field="file",
            cause=None if is_there else fault.strerror,
            remedy="Name another one, or write over it with --force"
            if is_there
            else "Name a place where this user may write",
        ) from fault
    screen.note(f"{printable(str(wished.output))} is written")
