"""What ``eilbote flow new`` does: a first flow in a file, with comments, that runs as it is."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eilbote.cli.faults import NameNotValidError
from eilbote.errors import SettingsError

if TYPE_CHECKING:
    from eilbote.cli.screen import Screen

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def write_starter(name: str, template: str, output: Path | None, screen: Screen) -> None:
    """Write a flow.

    Raises:
        NameNotValidError: The flow cannot be called so.
        SettingsError: The file is there already, or cannot be written.
    """
    if not _NAME.fullmatch(name) or name == "end":
        raise NameNotValidError(
            f"{name[:60]!r} cannot be the name of a flow",
            field="name",
            remedy="Give letters, digits, _ and -, beginning with a letter",
        )
    file = output or Path(f"{name}.yaml")
    text = starter(template, name=name, file=str(file) if str(file) != "-" else f"{name}.yaml")
    if str(file) == "-":
        screen.text(text.rstrip("\n"))
        return
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as fault:
        raise SettingsError(
            f"{str(file)!r} is there already",
            field="file",
            cause="What you have written is never written over",
            remedy="Choose another name, or --output FILE",
        ) from fault
    except OSError as fault:
        raise SettingsError(
            f"{str(file)!r} cannot be written",
            field="file",
            cause=fault.strerror,
            remedy="Choose another place",
        ) from fault
    screen.text(f"{file} is written; next:")
    for command in (f"eilbote flow check {file}", f"eilbote flow run {file} --capture"):
        screen.text(f"  {command}")


def starter(template: str, *, name: str, file: str) -> str:
    """Give the text of a first flow."""
    text = files("eilbote.cli").joinpath("starters", f"{template}.yaml").read_text("utf-8")
    # Not by the engine for templates: the text holds templates of its own.
    return text.replace("{{name}}", name).replace("{{file}}", file)
