"""Every command that takes a name or an id says in the same way that there is nothing of that name: exit code 3, and where."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from tests.acceptance.in_process import Program
from typer.core import TyperGroup

from eilbote.cli.application import application

NOWHERE = "nowhere"
NAMES = {"NAME", "ID", "USER", "RUN", "INSTANCE", "KIND", "WORD", "MESSAGE", "DELIVERY", "SESSION", "SOURCE"}
"""What arguments are called that name something that has to be there."""
MAKES = {
    # they make what they name
    *(
        "connection add",
        "connection authorize",
        "flow new",
        "process new",
        "organization create",
        "api-key create",
    ),
    # what was never kept of a conversation is kept of it: nothing
    "flow context",
}
MORE = {
    "connection update": "host=mail.example.org",
    "flow answer": "yes",
    "route test": "--to anna@example.org",
    "webhook redeliver": NOWHERE,
    "organization update": "--title Acme",
    "user change": "--role viewer",
    "webhook change": "--event job.*",
}
"""What a command wants besides."""
OTHERS = (
    "connection test nowhere",
    "settings test --org nowhere",
    "settings show --org nowhere",
    "user create ben@example.org --org nowhere",
    "api-key create printer --org nowhere --allow messages:submit",
    "suppression remove nobody@example.org",
    "bounce take nowhere",
    "process reply nowhere",
    "snapshot restore nowhere",
    "send -f a@example.org -t b@example.org --text x --queue --connection nowhere",
)


def naming() -> Iterator[str]:
    """Give a line for each command whose first argument names something."""
    stack = [("", typer.main.get_command(application))]
    while stack:
        path, command = stack.pop()
        if isinstance(command, TyperGroup):
            stack += [(f"{path} {name}".strip(), found) for name, found in command.commands.items()]
            continue
        first = next((each for each in command.params if each.param_type_name == "argument"), None)
        words = set(re.findall("[A-Z]+", "" if first is None else first.metavar or ""))
        if words & NAMES and path not in MAKES:
            yield f"{path} {NOWHERE} {MORE.get(path, '')}".strip()


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    made = Program(tmp_path, monkeypatch)
    for line in (
        "settings set uri=smtp://127.0.0.1:1",
        "connection add office smtp://127.0.0.1:1",
        "organization create acme",
        "user create anna@example.org --org acme --role viewer",
    ):
        assert made.run(*shlex.split(line)).code == 0, line
    return made


def test_most_commands_are_looked_at() -> None:
    assert len(list(naming())) > 50


@pytest.mark.parametrize("line", [*sorted(naming()), *OTHERS])
def test_what_is_not_there_is_told_by_the_documented_code(program: Program, line: str) -> None:
    ended = program.run(*shlex.split(line))
    assert ended.code == 3, ended.told
    if ended.out:  # nothing is written where a file would be
        assert json.loads(ended.out)["error"]["exit_code"] == 3
    assert "  where   " in ended.err
    assert "  do      " in ended.err
    assert "--output" not in ended.err


@pytest.mark.parametrize(
    "line, told",
    [
        ("organization create 'Not A Name'", "cannot be the name of an organization"),
        ("organization update acme --time-zone Nowhere", "is no time zone"),
        ("user create ben@example.org --org acme --role system_administrator", "is no role here"),
        ("user change anna@example.org --language xx", "none of our languages"),
        ("api-key create x --org acme --allow nonsense", "is no permission"),
        ("api-key create x --org acme --allow messages:submit --expires 2001-01-01", "this time is over"),
        ("notify subscribe role:nobody", "is no role"),
        ("notify subscribe anna@example.org --event job.", "cannot be a pattern of events"),
        ("notify events --event a..b", "cannot be a pattern of events"),
        ("webhook add nonsense", "the URL cannot be used"),
        ("webhook add https://example.org --event a..b", "cannot be a kind of events"),
        ("serve --listen nonsense", "is no address with a port"),
        ("serve --public-url example.com", "Give https://example.com"),
    ],
)
def test_what_cannot_be_used_is_told_by_the_same_code(program: Program, line: str, told: str) -> None:
    ended = program.run(*shlex.split(line))
    assert (ended.code, told in " ".join(ended.told.split())) == (3, True), ended.told


def test_a_setting_that_is_wrong_keeps_its_own_code(program: Program) -> None:
    ended = program.run("organization", "create", "other", EILBOTE_PUBLIC_URL="example.com")
    assert ended.code == 1, ended.told
    assert "https:// has to stand in front" in " ".join(ended.told.split())


def test_a_name_that_is_taken_is_no_name_that_is_missing(program: Program) -> None:
    assert program.run("organization", "create", "acme").code == 1
