"""What ``eilbote process new`` does: a first diagram, the settings beside it, and the route that it sends over."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from eilbote.cli.faults import NameNotValidError
from eilbote.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eilbote.cli.screen import Screen

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_ENDINGS: Final = (".bpmn", ".yaml", ".route.yaml")


def write_starter(name: str, directory: Path | None, screen: Screen) -> None:
    """Write the three files.

    Raises:
        NameNotValidError: The process cannot be called so.
        SettingsError: One of the files is there already, or cannot be written; none is written then.
    """
    if not _NAME.fullmatch(name):
        raise NameNotValidError(
            f"{name[:60]!r} cannot be the name of a process",
            field="name",
            remedy="Give letters, digits, _ and -, beginning with a letter",
        )
    folder = directory or Path()
    paths = [folder / f"{name}{ending}" for ending in _ENDINGS]
    for path in paths:
        if path.exists():
            raise SettingsError(
                f"{str(path)!r} is there already",
                field="name",
                cause="What you have written is never written over",
                remedy="Choose another name, or --into DIR",
            )
    texts = starter(name, {"diagram": str(paths[0]), "route": str(paths[2])})
    for path, text in zip(paths, texts, strict=True):
        _write(path, text)
    diagram, settings, route = paths
    if screen.as_json:
        screen.data({"diagram": str(diagram), "settings": str(settings), "route": str(route)})
        return
    screen.text(f"{diagram}, {settings} and {route} are written; next:")
    for command in (
        f"eilbote process check {diagram}",
        f"eilbote route save {route}",
        f"eilbote process publish {diagram}",
        f"eilbote process start {name} --set order.number=4711 --set order.total=70 --set customer.name=Anna --set customer.email=anna@example.org --wait",
    ):
        screen.text(f"  {command}")


def show_settings(file: str, screen: Screen) -> None:
    """Write settings to begin with for a diagram.

    Raises:
        UnreadableFileError: The file cannot be read.
        ProcessError: It is no diagram.
    """
    from eilbote.author.process.bpmn.xml_text import decoded
    from eilbote.author.process.written.skeleton import settings_skeleton
    from eilbote.cli.process_texts import read_octets

    text = settings_skeleton(decoded(read_octets(file)))
    if screen.as_json:
        screen.data({"settings": text})
    else:
        typer.echo(text, nl=False)


def starter(name: str, places: Mapping[str, str]) -> tuple[str, str, str]:
    """Give the texts of a first process: diagram, settings, route."""
    title = name.replace("-", " ").replace("_", " ").strip().capitalize() or name
    values = {"name": name, "title": title, **places}

    def text(file: str) -> str:
        written = files("eilbote.cli").joinpath("starters", file).read_text("utf-8")
        for (
            key,
            value,
        ) in values.items():  # not by the engine for templates: the text holds templates of its own
            written = written.replace(f"{{{{{key}}}}}", value)
        return written

    return text("process.bpmn"), text("process.yaml"), text("process.route.yaml")


_REASONS: Final[dict[type[OSError], str]] = {
    FileExistsError: "It is there already",
    FileNotFoundError: "The folder is not there",
}


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as fault:
        raise SettingsError(
            f"{str(path)!r} cannot be written",
            field="name" if isinstance(fault, FileExistsError) else "into",
            cause=_REASONS.get(type(fault), fault.strerror),
            remedy="Choose another place with --into DIR",
        ) from fault
