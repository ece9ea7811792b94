"""Writing flows from the command line: a first one, the kinds there are, and every mistake a beginner makes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.acceptance.in_process import Program
from tests.acceptance.program import environment

HEAD = "name: test\nnodes:\n"
NOTIFY = f"{HEAD}  - id: notify\n    kind: email_notification\n    to: anna@example.org\n"


@pytest.fixture
def eilbote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    for name in [name for name in os.environ if name.startswith("EILBOTE")]:
        monkeypatch.delenv(name)
    return Program(tmp_path, monkeypatch)


@pytest.mark.parametrize("template", ["notification", "approval", "loop"])
def test_a_first_flow_is_written_and_nothing_can_be_objected_to(eilbote: Program, template: str) -> None:
    made = eilbote.run("flow", "new", "my-first", "--template", template)
    assert made.code == 0, made.err
    assert made.out.splitlines()[1:] == [
        "  eilbote flow check my-first.yaml",
        "  eilbote flow run my-first.yaml --capture",
    ]
    checked = eilbote.run("flow", "check", "my-first.yaml", "--strict")
    assert (checked.code, checked.data["ok"]) == (0, True), checked.out
    assert checked.data["files"][0]["flow"] == "my-first"
    assert "{{file}}" not in (eilbote.folder / "my-first.yaml").read_text()


def test_a_first_flow_writes_over_nothing(eilbote: Program) -> None:
    eilbote.write("mine.yaml", "precious")
    refused = eilbote.run("flow", "new", "mine")
    assert refused.code == 1
    assert "is there already" in refused.err
    assert (eilbote.folder / "mine.yaml").read_text() == "precious"


def test_a_first_flow_goes_to_stdout_and_through_check(eilbote: Program) -> None:
    text = eilbote.run("flow", "new", "piped", "-o", "-").out
    assert eilbote.run("flow", "check", "-", "--no-json", stdin=text).out == (
        "stdin: piped, 3 nodes, nothing to object to\n"
    )


@pytest.mark.parametrize(
    "text, told",
    [
        pytest.param("", ["bad.yaml  error  the flow is empty"], id="empty"),
        pytest.param(
            f"{HEAD}\t- id: a\n",
            [
                "bad.yaml:3:1  error  a tab",
                "   3 | \N{RIGHTWARDS ARROW}- id: a",
                "     | ^",
                "Indent with blanks",
            ],
            id="tab",
        ),
        pytest.param(
            f"{NOTIFY}    to: max@example.org\n",
            ["bad.yaml:6:5  error  'to' is said twice", "Keep one"],
            id="duplicate key",
        ),
        pytest.param(
            f"{HEAD}  - !!python/object/apply:os.system [ls]\n", ["bad.yaml:3:5", "cannot be used"], id="tag"
        ),
        pytest.param("a: &x [1]\nb: *x\n", ["bad.yaml:1:4", "anchors and aliases"], id="anchor"),
        pytest.param(
            f"{HEAD}  - id: a\n    kind: emial_notification\n",
            ["bad.yaml:4:5  error  a.kind", "Did you mean 'email_notification'?"],
            id="unknown kind",
        ),
        pytest.param(
            f"{NOTIFY}    subjekt: Hello\n    subject: Hello\n",
            ["bad.yaml:6:5  error  notify.subjekt", "Did you mean 'subject'?"],
            id="typo in a field",
        ),
        pytest.param(
            f"{NOTIFY}    subjekt: Hello\n",
            ["bad.yaml:6:5  error  notify.subjekt", "The subject is missing", "Did you mean 'subject'?"],
            id="typo in a field that is needed",
        ),
        pytest.param(
            f"{NOTIFY}    subject:\n", ["notify.subject: the subject is missing"], id="missing field"
        ),
        pytest.param(
            f"{HEAD}  - id: a\n    kind: email_notification\n    to: {{{{ input.email }}}}\n",
            ["bad.yaml:5:9", "has no quotes", '"{{ input.name }}"'],
            id="braces without quotes",
        ),
        pytest.param(
            f"{NOTIFY}    subject: \"Hello {{{{ input.name || 'you' }}}}\"\n",
            ["bad.yaml:6:35  error", f"     | {' ' * 34}^", "Write {{ input.name | default: 'you' }}."],
            id="another language",
        ),
        pytest.param(
            f"{NOTIFY}    subject: Hello\n    next: nobody\n",
            ["bad.yaml:7:5", "no node is called 'nobody'"],
            id="exit",
        ),
        pytest.param('{"name": "test", "nodes": [}', ["bad.yaml:1:28", "neither YAML nor JSON"], id="JSON"),
    ],
)
def test_a_mistake_is_shown_where_it_stands_and_how_to_mend_it(
    eilbote: Program, text: str, told: list[str]
) -> None:
    ended = eilbote.run("flow", "check", eilbote.write("bad.yaml", text), "--no-json")
    assert ended.code == 3
    for each in told:
        assert each in ended.out
    assert "  do   " in ended.out
    assert "Traceback" not in ended.err


def test_findings_are_data_for_programs(eilbote: Program) -> None:
    eilbote.write("bad.yaml", f"{NOTIFY}    subjekt: Hello\n    subject: Hello\n")
    ended = eilbote.run("flow", "check", "bad.yaml")
    assert (ended.code, ended.err) == (3, "")
    assert ended.data["files"][0]["findings"] == [
        {
            "severity": "error",
            "what": "this kind of node has no field 'subjekt'",
            "field": "notify.subjekt",
            "line": 6,
            "column": 5,
            "cause": None,
            "remedy": "Did you mean 'subject'?",
        }
    ]


def test_a_file_that_is_not_there_is_said_with_the_one_that_is(eilbote: Program) -> None:
    eilbote.write("order-ready.yaml", "x")
    ended = eilbote.run("flow", "check", "order-reday.yaml", "--no-json")
    assert ended.code == 3
    assert "Did you mean 'order-ready.yaml'?" in ended.told
    assert "No such file" in ended.told


def test_a_file_that_is_no_text_is_said_to_be(eilbote: Program) -> None:
    (eilbote.folder / "x.yaml").write_bytes(b"name: \xff")
    ended = eilbote.run("flow", "check", "x.yaml", "--no-json")
    assert ended.code == 3
    assert "is not UTF-8" in ended.told


def test_a_long_line_is_shown_around_the_place(eilbote: Program) -> None:
    text = f'{NOTIFY}    subject: "{"x" * 200} {{{{ a || b }}}} {"y" * 200}"\n'
    ended = eilbote.run("flow", "check", eilbote.write("long.yaml", text), "--no-json")
    shown, mark = ended.out.splitlines()[1:3]
    assert len(shown) < 115
    assert shown[mark.index("^") :].startswith("|| b")


def test_kinds_are_listed_and_told(eilbote: Program) -> None:
    listed = {each["kind"]: each for each in eilbote.run("flow", "kinds").data}
    assert {"email_notification", "send_smtp_email", "branch", "wait", "end"} <= set(listed)
    assert {key: listed["email_notification"]["fields"][0][key] for key in ("name", "required")} == {
        "name": "to",
        "required": True,
    }
    page = eilbote.run("flow", "kinds", "branch", "--no-json").out
    assert all(word in page for word in ("FIELDS", "EXITS", "EXAMPLE", "if*", "kind: branch"))
    unknown = eilbote.run("flow", "kinds", "brnch", "--no-json")
    assert unknown.code == 3
    assert "Did you mean 'branch'?" in unknown.told


def test_help_loads_neither_templates_nor_a_database() -> None:
    """One process tells for all pages: what is in it stays there, so the page that loads most is last."""
    pages = [["flow", "--help"], ["flow", "run", "--help"], ["template", "render", "--help"]]
    told = subprocess.run(
        [sys.executable, "-c", _HELP, *(" ".join(page) for page in pages)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "--capture" in told
    heavy = {"liquid", "sqlalchemy", "yaml", "asyncio", "rich", "pydantic", "mjml", "eilbote.app"}
    assert not set(told.splitlines()[-1].split()) & heavy


_HELP = """
import sys
from typer.testing import CliRunner
before = set(sys.modules)
from eilbote.cli.application import application
for page in sys.argv[1:]:
    print(CliRunner().invoke(application, page.split()).stdout)
print(*sorted(set(sys.modules) - before))
"""
