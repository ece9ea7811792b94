"""The reference page names every command and every option, and no others."""

import re
from collections.abc import Iterator
from pathlib import Path

import typer.main
from typer.core import TyperGroup

from eilbote.cli.application import application
from eilbote.cli.exit_codes import ExitCode

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "reference" / "cli.md").read_text("utf-8")


def commands() -> Iterator[tuple[str, set[str]]]:
    """Give each command's full name with its long options."""
    stack = [("eilbote", typer.main.get_command(application))]
    while stack:
        name, command = stack.pop()
        if isinstance(command, TyperGroup):
            stack += [(f"{name} {child}", found) for child, found in command.commands.items()]
        options = {
            text
            for parameter in command.params
            for text in (*parameter.opts, *parameter.secondary_opts)
            if text.startswith("--")
        }
        if options or not isinstance(command, TyperGroup):
            yield name, options


def section(title: str) -> str:
    """Give the text below a heading, up to the next one."""
    found = re.search(rf"^##+ `{re.escape(title)}`$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"the page has no section on `{title}`"
    return found[1]


def test_every_option_of_every_command_is_documented() -> None:
    seen = 0
    for name, options in commands():
        documented = set(re.findall(r"`(?:-\w`, `)?(--[\w-]+)", section(name)))
        missing = options - documented
        assert not missing, f"{name}: {sorted(missing)} are not on the page"
        seen += len(options)
    assert seen > 40


def test_no_table_documents_an_option_that_is_not_there() -> None:
    for name, options in commands():
        rows = re.findall(r"^\| `(?:-\w`, `)?(--[\w-]+)", section(name), re.MULTILINE)
        unknown = set(rows) - options - {"--help"}
        assert not unknown, f"{name}: {sorted(unknown)} are on the page only"


def test_every_exit_code_is_documented() -> None:
    rows = re.findall(r"^\| (\d+) \|", (DOCS / "operations.md").read_text("utf-8"), re.MULTILINE)
    assert [int(row) for row in rows] == [int(code) for code in ExitCode]
