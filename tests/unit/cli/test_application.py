"""The commands inside this process: help, output rules, and the way from an error to an exit code."""

import json

import pytest
from typer.testing import CliRunner, Result

from eilbote.cli.application import application


def invoke(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(application, arguments, env={"COLUMNS": "100", **environment})


@pytest.mark.parametrize(
    "arguments, titles",
    [
        (("--help",), ("Options:", "Commands:")),
        (
            ("send", "-h"),
            ("Recipients and author:", "Content:", "Server:", "Outbox:", "Output:", "Options:"),
        ),
        (
            ("connection", "test", "--help"),
            ("Arguments:", "Server:", "Steps:", "Outbox:", "Output:", "Options:"),
        ),
        (
            ("outbox", "retry", "--help"),
            ("Arguments:", "Which entries:", "What to do:", "Outbox:", "Output:", "Options:"),
        ),
        (("services", "--help"), ("Arguments:", "Output:", "Options:")),
        (("catch", "--help"), ("Server:", "Output:", "Options:")),
        (("demo", "--help"), ("Options:",)),
    ],
)
def test_help_groups_the_options_in_order(arguments: tuple[str, ...], titles: tuple[str, ...]) -> None:
    ended = invoke(*arguments)
    assert ended.exit_code == 0
    shown = [line for line in ended.output.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert tuple(shown) == titles


def test_the_exit_codes_are_on_the_first_help_page() -> None:
    page = " ".join(invoke("--help").output.split())
    assert "0 done, 1 failed, 2 usage, 3 not found or not valid, 4 try again later, 5 sign-in" in page


def test_short_descriptions_are_whole_sentences() -> None:
    """A list of commands that ends in dots tells half of what it should."""
    for arguments in (("--help",), ("connection", "--help"), ("outbox", "--help"), ("db", "--help")):
        listed = invoke(*arguments).output.partition("Commands:")[2].split("\n\n")[0]
        assert listed.strip()
        assert "..." not in listed


def test_into_a_pipe_goes_json_and_nothing_else() -> None:
    ended = invoke("services", "gmail")
    assert [service["name"] for service in json.loads(ended.stdout)] == ["Gmail", "GmailWorkspace"]
    assert ended.stderr == ""


def test_an_expected_error_is_no_traceback() -> None:
    ended = invoke("services", "gmaill", "--no-json")
    assert (ended.exit_code, ended.stdout) == (3, "")
    assert ended.stderr.startswith("eilbote: no service is called 'gmaill'\n")


def test_an_unexpected_error_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of our own keeps its traceback: that is what a report of it needs."""

    def broken() -> None:
        raise LookupError("a fault of ours")

    monkeypatch.setattr("eilbote.connections.catalogue.services", broken)
    ended = invoke("services")
    assert ended.exit_code == 1
    assert isinstance(ended.exception, LookupError)


def test_no_colour_when_nobody_wants_any() -> None:
    coloured = CliRunner().invoke(application, ["services", "gmaill"], color=True)
    plain = CliRunner().invoke(application, ["services", "gmaill"], color=True, env={"NO_COLOR": "1"})
    assert "\x1b" in coloured.stderr
    assert "\x1b" not in plain.stderr
