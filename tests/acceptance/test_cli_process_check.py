"""Processes in files, from the command line: a first one, what is wrong with one, and its picture; no database is opened."""

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.acceptance.in_process import Program
from tests.acceptance.program import environment

CORPUS = Path(__file__).parents[1] / "corpus" / "bpmn"
FOREIGN = CORPUS / "camunda7-order-ready.bpmn"
SETTINGS = """\
process: order-ready
elements:
  Event_0kx1:
    system_name: order_ready
    state: Notified
    route: order-ready
    mapping: {Customer: "{{ customer.name }}"}
"""
ROUTE = """\
message_name: order-ready
attributes:
  - {system_name: Customer, type: text, required: true}
properties: {to: anna@example.org, subject: Ready, message: "Dear {Customer}"}
"""
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def eilbote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    for name in [name for name in os.environ if name.startswith("EILBOTE")]:
        monkeypatch.delenv(name)
    program = Program(tmp_path, monkeypatch)
    shutil.copy(FOREIGN, tmp_path / "order.bpmn")
    program.write("order.yaml", SETTINGS)
    return program


def untouched(eilbote: Program) -> bool:
    """Tell whether no outbox was made."""
    return not (eilbote.folder / "data").exists()


# -- new -----------------------------------------------------------------------------------------------------------


def test_a_first_process_is_written_and_nothing_can_be_objected_to(eilbote: Program) -> None:
    made = eilbote.run("process", "new", "my-first", "--no-json")
    assert made.code == 0, made.err
    assert made.out.splitlines()[1] == "  eilbote process check my-first.bpmn"
    checked = eilbote.run(
        "process", "check", "my-first.bpmn", "--route", "my-first.route.yaml", "--strict", "--json"
    )
    assert (checked.code, checked.data["ok"]) == (0, True), checked.out
    assert checked.data["files"][0]["process"] == "my-first"
    assert checked.data["files"][0]["settings"] == "my-first.yaml"
    for name in ("my-first.bpmn", "my-first.yaml", "my-first.route.yaml"):
        assert "{{name}}" not in (eilbote.folder / name).read_text()
    assert untouched(eilbote)


def test_a_first_process_writes_over_nothing(eilbote: Program) -> None:
    eilbote.write("mine.route.yaml", "precious")
    refused = eilbote.run("process", "new", "mine")
    assert refused.code == 1
    assert "is there already" in refused.err
    assert (eilbote.folder / "mine.route.yaml").read_text() == "precious"
    assert not (eilbote.folder / "mine.bpmn").exists()


@pytest.mark.parametrize("name", ["../etc", "a b", "", "1st", "<x>"])
def test_a_process_cannot_be_called_anything(eilbote: Program, name: str) -> None:
    refused = eilbote.run("process", "new", name)
    assert refused.code == 3
    assert "Give letters, digits" in refused.err


def test_settings_for_a_foreign_diagram_are_what_it_lacked(eilbote: Program) -> None:
    written = eilbote.run("process", "settings", "order.bpmn", "--no-json")
    assert written.code == 0, written.err
    (eilbote.folder / "order.yaml").write_text(written.out, encoding="utf-8")
    checked = eilbote.run("process", "check", "order.bpmn", "--no-json")
    assert checked.code == 0, checked.out
    assert eilbote.run("process", "settings", "nothing.bpmn").code != 0


# -- check ---------------------------------------------------------------------------------------------------------


def test_a_foreign_diagram_takes_the_settings_of_its_name(eilbote: Program) -> None:
    checked = eilbote.run("process", "check", "order.bpmn", "--no-json")
    assert checked.code == 0, checked.out
    assert checked.out.splitlines()[-1].startswith("order.bpmn with order.yaml: order-ready, 6 elements")
    assert "camunda:formKey" in checked.out
    assert untouched(eilbote)


def test_without_settings_it_says_what_is_missing_and_where(eilbote: Program) -> None:
    (eilbote.folder / "order.yaml").unlink()
    checked = eilbote.run("process", "check", "order.bpmn", "--no-json")
    assert checked.code == 3
    assert "order.bpmn:37  error  Event_0kx1 (Customer told).system_name" in checked.out
    assert "  37 |     <bpmn:intermediateThrowEvent id=" in checked.out
    assert "it cannot be published" in checked.out


def test_routes_are_compared_when_they_are_named(eilbote: Program) -> None:
    eilbote.write("good.yaml", ROUTE)
    eilbote.write("bad.yaml", ROUTE.replace("Customer", "Number"))
    good = eilbote.run("process", "check", "order.bpmn", "--route", "good.yaml", "--json")
    assert good.data["ok"] is True
    bad = eilbote.run("process", "check", "order.bpmn", "--route", "bad.yaml", "--json")
    assert bad.code == 3
    errors = [each for each in bad.data["files"][0]["findings"] if each["severity"] == "error"]
    assert {(each["element"], each["field"]) for each in errors} == {
        ("Event_0kx1", "mapping"),
        ("Event_0kx1", "mapping.Customer"),
    }
    assert {(each["file"], each["found_in"]) for each in errors} == {("order.yaml", "settings")}
    assert all(each["line"] and each["remedy"] for each in errors)


def test_a_diagram_comes_through_stdin(eilbote: Program) -> None:
    checked = eilbote.run(
        "process", "check", "-", "--settings", "order.yaml", "--no-json", stdin=FOREIGN.read_text()
    )
    assert checked.code == 0, checked.out
    assert "stdin with order.yaml: order-ready" in checked.out


def test_the_settings_of_one_diagram_are_not_those_of_two(eilbote: Program) -> None:
    refused = eilbote.run("process", "check", "order.bpmn", "order.bpmn", "--settings", "order.yaml")
    assert refused.code == 2
    assert "--settings" in refused.err


@pytest.mark.parametrize(
    "text, told",
    [
        pytest.param("", "empty", id="empty"),
        pytest.param("<html></html>", "web page", id="a page"),
        pytest.param("%PDF-1.7", "PDF", id="a document"),
        pytest.param('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "DOCTYPE", id="entities"),
    ],
)
def test_what_is_no_diagram_is_told_by_what_it_is(eilbote: Program, text: str, told: str) -> None:
    eilbote.write("bad.bpmn", text)
    checked = eilbote.run("process", "check", "bad.bpmn", "--no-json")
    assert checked.code == 3
    assert told in checked.out
    assert "  do   " in checked.out


def test_a_file_that_is_not_there_has_a_name_like_one_that_is(eilbote: Program) -> None:
    refused = eilbote.run("process", "check", "ordr.bpmn", "--no-json")
    assert refused.code == 3
    assert "Did you mean 'order.bpmn'?" in refused.err


# -- pictures ------------------------------------------------------------------------------------------------------


def test_a_diagram_is_drawn_without_a_database(eilbote: Program) -> None:
    drawn = eilbote.run("process", "diagram", "order.bpmn")
    assert drawn.code == 0, drawn.err
    assert ET.fromstring(drawn.out).tag.endswith("}svg")  # noqa: S314 - a picture of ours
    assert "Customer told (message event)" in drawn.out
    assert untouched(eilbote)


def test_a_diagram_whose_settings_are_broken_is_drawn_all_the_same(eilbote: Program) -> None:
    eilbote.write("order.yaml", "elements: [")
    assert eilbote.run("process", "diagram", "order.bpmn").code == 0


def test_a_png_is_drawn_by_its_ending(eilbote: Program) -> None:
    drawn = eilbote.run("process", "diagram", "order.bpmn", "-o", "order.png")
    assert drawn.code == 0, drawn.err
    assert (eilbote.folder / "order.png").read_bytes().startswith(PNG)


def test_a_picture_writes_over_nothing_unless_it_may(eilbote: Program) -> None:
    eilbote.write("order.svg", "precious")
    refused = eilbote.run("process", "diagram", "order.bpmn", "-o", "order.svg")
    assert refused.code == 3
    assert "--force" in refused.err
    assert (eilbote.folder / "order.svg").read_text() == "precious"
    assert eilbote.run("process", "diagram", "order.bpmn", "-o", "order.svg", "--force").code == 0
    assert (eilbote.folder / "order.svg").read_text().startswith("<svg")


def test_without_the_renderer_the_remedy_is_told(eilbote: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    refused = eilbote.run("process", "diagram", "order.bpmn", "-o", "order.png")
    assert refused.code == 3
    assert "pip install 'eilbote[picture]'" in refused.err
    assert not (eilbote.folder / "order.png").exists()


# -- what it costs to ask ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [(), ("check",), ("diagram",), ("start",), ("show",)])
def test_help_loads_no_reader_and_no_interpreter(command: tuple[str, ...]) -> None:
    script = (
        "import sys\nfrom eilbote.cli import main\n"
        f"sys.argv = ['eilbote', 'process', *{command!r}, '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'lxml', 'SpiffWorkflow', 'liquid', 'sqlalchemy', 'resvg_py', 'yaml'} & set(sys.modules)\n"
        "sys.exit(f'loaded {sorted(heavy)}' if heavy else 0)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Usage: eilbote process" in ended.stdout
