"""What ``eilbote process diagram`` does: a picture of a file, of a published process, or of an instance as it stands."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from eilbote.author.process.bundle import write_bundle
from eilbote.cli.at_desk import at_desk
from eilbote.cli.faults import CommandLineError, UnreadableFileError
from eilbote.cli.printable import printable
from eilbote.cli.process_texts import is_diagram, read_process
from eilbote.engine.process.instance_mails import mails_of
from eilbote.engine.process.instance_picture import instance_picture, process_picture
from eilbote.errors import InstanceNotFoundError, ProcessNotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from eilbote.app import Eilbote
    from eilbote.cli.screen import Screen


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


def _of_file(what: str, settings: Path | None) -> str:
    written = read_process(what, settings)
    return process_picture(write_bundle(written.bundle))


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
    return process_picture(text)


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
