"""Templates from the command line: rendered, checked, and never sent."""

import json
import os
from pathlib import Path

import pytest
from tests.acceptance.in_process import Program


@pytest.fixture
def eilbote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    for name in [name for name in os.environ if name.startswith("EILBOTE")]:
        monkeypatch.delenv(name)
    return Program(tmp_path, monkeypatch)


def test_values_come_from_json_a_file_stdin_and_single_ones(eilbote: Program) -> None:
    file = eilbote.write("t.txt", "{{ input.a }}/{{ input.b.c }}/{{ context.d }}\n")
    eilbote.write("in.json", '{"a": 1}')
    eilbote.write("in.yaml", "a: 1\n")
    for given in ('{"a": 1}', "in.json", "in.yaml", "-"):
        ended = eilbote.run(
            *("template", "render", file, "--input", given, "--set", "b.c=two words"),
            *("--context", '{"d": 1.10}'),
            stdin='{"a": 1}',
        )
        assert (ended.code, ended.out) == (0, "1/two words/1.10\n"), ended.err


def test_numbers_and_times_are_written_in_the_language_and_zone(eilbote: Program) -> None:
    text = '{{ input.sum | currency: "EUR" }} {{ input.at | datetime: "short" }}'
    ended = eilbote.run(
        *("template", "render", "-", "--set", "sum=1234.5", "--set", "at=2026-11-22T08:00:00Z"),
        *("--locale", "de", "--time-zone", "Europe/Berlin"),
        stdin=text,
    )
    assert ended.out.split() == ["1.234,50", "€", "22.11.26,", "09:00"]


def test_html_is_escaped_and_the_ending_tells(eilbote: Program) -> None:
    arguments = ("--set", "a=<b>")
    html, text = eilbote.write("t.html", "{{ input.a }}"), eilbote.write("t.txt", "{{ input.a }}")
    assert eilbote.run("template", "render", html, *arguments).out == "&lt;b&gt;\n"
    assert eilbote.run("template", "render", text, *arguments).out == "<b>\n"
    assert eilbote.run("template", "render", html, "--text", *arguments).out == "<b>\n"


def test_a_preview_in_the_frame_goes_to_a_file(eilbote: Program) -> None:
    file = eilbote.write("t.html", "<p>Hello {{ input.name }}</p><script>x</script>")
    ended = eilbote.run("template", "render", file, "--set", "name=Anna", "--frame", "--into", "out.html")
    assert (ended.code, ended.out) == (0, "")
    made = (eilbote.folder / "out.html").read_text()
    assert made.startswith("<!DOCTYPE html>")
    assert "Hello Anna" in made
    assert "<script" not in made


@pytest.mark.parametrize(
    "arguments, code, told",
    [
        (("render", "none.html"), 3, "No such file"),
        (("render", "t.txt", "--input", '{"a": }'), 3, "line 1, column 7"),
        (("render", "t.txt", "--input", "[1]"), 3, "the input is no table"),
        (("render", "t.txt", "--input", '{"a": NaN}'), 3, "NaN is no number"),
        (("render", "t.txt", "--input", "none.json"), 3, "No such file"),
        (("render", "t.txt", "--set", "novalue"), 2, "key=value"),
        (("render", "t.txt", "--locale", "klingon"), 3, "is no language"),
        (("render", "t.txt", "--time-zone", "Mars/Base"), 3, "is no time zone"),
        (("render", "t.txt", "--into", "no/such/folder"), 1, "cannot be written"),
    ],
)
def test_what_cannot_be_used_says_why(
    eilbote: Program, arguments: tuple[str, ...], code: int, told: str
) -> None:
    eilbote.write("t.txt", '{{ input.a }}{{ "2026-11-22T08:00" | datetime }}')
    ended = eilbote.run("template", *arguments, "--no-json")
    assert ended.code == code, ended.err
    assert told in ended.told
    assert " do " in ended.err


def test_a_fault_is_shown_in_its_line(eilbote: Program) -> None:
    file = eilbote.write("t.html", "<p>\n  {{ input.a ?? 'x' }}\n</p>\n")
    for command in ("render", "lint"):
        ended = eilbote.run("template", command, file, "--no-json")
        assert ended.code == 3
        assert f"{file}:2:" in ended.out
        assert "| default: 'x' }}" in ended.out


def test_a_variable_must_have_a_value_when_it_is_asked_for(eilbote: Program) -> None:
    ended = eilbote.run("template", "render", "-", "--strict", "--no-json", stdin="Hello {{ input.name }}")
    assert ended.code == 3
    assert "stdin:1:10" in ended.out
    assert "has no value" in ended.out


def test_variables_are_checked_against_the_values(eilbote: Program) -> None:
    file = eilbote.write("t.txt", "{{ input.nmae }} {{ input.name }}")
    ended = eilbote.run("template", "lint", file, "--input", '{"name": "Anna"}')
    (finding,) = json.loads(ended.out)["files"][0]["findings"]
    assert (finding["severity"], finding["line"], finding["column"]) == ("warning", 1, 4)
    assert finding["remedy"] == "Did you mean 'name'?"
    assert ended.code == 0
