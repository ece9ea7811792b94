"""Processes as they stand on a command line: a diagram in a file, the settings beside it, or the name of a kept one."""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eilbote.cli.faults import UnreadableFileError
from eilbote.cli.flow_texts import STDIN, Written, read_file

if TYPE_CHECKING:
    from eilbote.author.process.bundle import Bundle

SUFFIXES: Final = (".bpmn", ".bpmn20.xml", ".xml")
_SETTINGS: Final = (".yaml", ".yml")
_MOST: Final = 4 * 1024 * 1024
"""Octets that are read of a diagram; in UTF-16 a diagram of the largest size has as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenProcess:
    """A process that was given.

    Attributes:
        diagram: Its diagram.
        settings: The settings beside it; ``None`` when there are none.
    """

    diagram: Written
    settings: Written | None

    @property
    def bundle(self) -> Bundle:
        """Both as they are kept."""
        from eilbote.author.process.bundle import Bundle

        return Bundle(bpmn=self.diagram.text, settings=self.settings.text if self.settings else "")


def is_diagram(said: str) -> bool:
    """Tell whether a word means a file rather than the name of a kept process."""
    return said == STDIN or "/" in said or said.lower().endswith(SUFFIXES) or Path(said).is_file()


def read_process(said: str, settings: Path | None) -> WrittenProcess:
    """Read a diagram, and the settings beside it.

    Args:
        said: The diagram's file; ``-`` is stdin.
        settings: The settings' file; ``None`` takes the one of the same name, where it is there.

    Raises:
        UnreadableFileError: A file cannot be read.
        ProcessError: The diagram is in no encoding that is read.
    """
    from eilbote.author.process.bpmn.xml_text import decoded

    octets = read_octets(said)
    diagram = Written(name="stdin" if said == STDIN else said, text=decoded(octets))
    if settings is not None:
        return WrittenProcess(
            diagram=diagram, settings=read_file(str(settings), field="settings", what="settings")
        )
    beside = None if said == STDIN else _beside(Path(said).expanduser())
    return WrittenProcess(
        diagram=diagram,
        settings=None if beside is None else read_file(str(beside), field="settings", what="settings"),
    )


def stem_of(path: Path) -> str:
    """Give the name of a diagram's file without its ending, of whichever length."""
    name = path.name
    for suffix in SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return path.stem


def _beside(diagram: Path) -> Path | None:
    for suffix in _SETTINGS:
        path = diagram.with_name(f"{stem_of(diagram)}{suffix}")
        if path.is_file() and path != diagram:
            return path
    return None


def read_octets(said: str, *, is_drawn: bool = True) -> bytes:
    """Read a file as it is; ``-`` is stdin.

    Args:
        said: Which.
        is_drawn: Whether a diagram is wanted, and no mail.

    Raises:
        UnreadableFileError: It cannot be read, or is larger than any diagram or message of ours.
    """
    if said == STDIN:
        return sys.stdin.buffer.read(_MOST + 1)
    path = Path(said).expanduser()
    try:
        with path.open("rb") as stream:
            octets = stream.read(_MOST + 1)
    except (OSError, ValueError) as fault:
        raise UnreadableFileError(
            f"the file {said!r} cannot be read",
            field="file",
            cause=fault.strerror if isinstance(fault, OSError) else str(fault),
            remedy=_remedy(path) if is_drawn else "Check the path",
        ) from fault
    if len(octets) > _MOST:
        raise UnreadableFileError(
            f"the file {said!r} is too large",
            field="file",
            cause=f"At most {_MOST:,} octets are read",
            remedy="Leave pictures and attachments out of the diagram, or take it apart into several processes"
            if is_drawn
            else "Give the mail without what is attached to it",
        )
    return octets


def _remedy(path: Path) -> str:
    try:
        beside = sorted(each.name for each in path.parent.iterdir() if each.name.lower().endswith(SUFFIXES))
    except OSError:
        beside = []
    if alike := difflib.get_close_matches(path.name, beside, n=1):
        return f"Did you mean {str(path.with_name(alike[0]))!r}?"
    return "Check the path; 'eilbote process new NAME' writes a first one"
