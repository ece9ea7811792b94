"""Who asks over HTTP has no shell at the machine: what errors say names operations that are there, and never commands."""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.unit.api.server import Server, house
from tests.unit.api.test_description import operations

import eilbote
from eilbote.api.remedies import AT_THE_MACHINE, OPERATIONS, for_clients

COMMAND = re.compile(r"[`']eilbote ([a-z][a-z-]*(?: [a-z][a-z-]*)?)")


@pytest_asyncio.fixture
async def server() -> AsyncGenerator[Server]:
    async with house() as made:
        yield made


def commands_in_texts() -> Iterator[tuple[str, str]]:
    """Give the commands that texts of the program name, outside of the command line itself and of what documents the code."""
    folder = Path(eilbote.__file__).parent
    for file in folder.rglob("*.py"):
        if file.relative_to(folder).parts[0] in {"cli", "adapters"}:
            continue
        tree = ast.parse(file.read_text())
        documents = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
                yield from ((found[1], file.name) for found in COMMAND.finditer(node.value))


def test_each_command_that_some_error_names_has_its_word_for_clients() -> None:
    known = OPERATIONS.keys() | AT_THE_MACHINE.keys()
    found = {
        (command, file)
        for command, file in commands_in_texts()
        if command not in known and command.split()[0] not in known
    }
    assert not found, f"say in api/remedies.py what clients do in place of {sorted(found)}"


def test_each_operation_that_is_named_is_there() -> None:
    there = {f"{method.upper()} {path}" for method, path, _ in operations()}
    assert set(OPERATIONS.values()) <= there


@pytest.mark.parametrize(
    "said, told",
    [
        ("See `eilbote outbox list`", "See `GET /api/v1/messages`"),
        ("`eilbote connection add office URI` makes one", "`POST /api/v1/connections` makes one"),
        (
            "`eilbote connection enable office --org acme`",
            "`POST /api/v1/connections/office/enable`",
        ),
        ("See 'eilbote webhook deliveries ID'", "See `GET /api/v1/webhooks/{id}/deliveries`"),
        ("unlocked: `eilbote settings set --unlock host`", "unlocked: `PATCH /api/v1/settings`"),
        ("Run `eilbote db check`; mend it", "Run the check of the database at the server; mend it"),
        ("Try `eilbote something new`", "Try a command at the server"),
        ("Nothing of that; eilbote writes it", "Nothing of that; eilbote writes it"),
        # what others write does not become a part of an address
        ("`eilbote outbox show ../../users?x`", "`GET /api/v1/messages/{message}`"),
    ],
)
def test_operations_stand_in_place_of_commands(said: str, told: str) -> None:
    assert for_clients(said) == told


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "path",
    ["/messages/0000000000000", "/webhooks/none", "/connections/none", "/runs/none", "/instances/none"],
)
async def test_what_is_not_there_is_told_without_commands(server: Server, path: str) -> None:
    said = await server.get(path)
    assert said.status_code in {404, 422}
    assert "eilbote " not in said.text
