"""Flows at work from the command line: tried, run, looked at, gone on with; and every error on the way names its remedy."""

import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.at_a_terminal import CTRL_C, at_a_terminal
from tests.acceptance.in_process import Program
from tests.acceptance.program import Run

from eilbote.testing import catching, refuse
from eilbote.testing.catcher_thread import CatcherThread

GREET = """\
name: greet
sample: {email: anna@example.org, name: Anna}
nodes:
  - id: hello
    kind: send_smtp_email
    label: Say hello
    connection: office
    to: "{{ input.email }}"
    bcc: archive@example.org
    subject: "Hello {{ input.name }}"
    content: <p>How are you, <b>{{ input.name }}</b>?</p>
    attachments: {kind: text, text: "a;b", filename: list.csv}
    store_result: context
    store_as: mail
  - id: keep
    kind: set_value
    values: {context.greeted: "{{ input.name }}", context.api_token: hunter2}
"""
WAIT = """\
name: later
nodes:
  - {id: pause, kind: wait, for: 3d}
  - {id: done, kind: end}
"""
FAIL = """\
name: failing
nodes:
  - {id: stop, kind: end, error: "{{ input.why }}"}
"""


@pytest.fixture
def eilbote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    for name in [name for name in os.environ if name.startswith("EILBOTE")]:
        monkeypatch.delenv(name)
    program = Program(tmp_path, monkeypatch)
    program.write("greet.yaml", GREET)
    program.write("later.yaml", WAIT)
    program.write("failing.yaml", FAIL)
    return program


@pytest.fixture
def office(eilbote: Program) -> Iterator[CatcherThread]:
    """Give a catcher that is the connection ``office``."""
    with catching() as catcher:
        ended = eilbote.run("connection", "add", "office", catcher.uri, "from=Office <office@example.org>")
        assert ended.code == 0, ended.err
        yield catcher


def begun(ended: Run) -> str:
    assert ended.code == 0, ended.err
    run_id: str = ended.data["id"]
    return run_id


# -- trying -----------------------------------------------------------------------------------------------------


def test_a_flow_is_tried_with_its_sample_and_nothing_is_kept(eilbote: Program) -> None:
    ended = eilbote.run("flow", "run", "greet.yaml", "--capture")
    assert ended.code == 0, ended.err
    assert ended.data["status"] == "done"
    (message,) = ended.data["captured"]
    assert (message["subject"], message["to"]) == ("Hello Anna", "anna@example.org")
    assert message["forward_paths"] == ["anna@example.org", "archive@example.org"]
    assert message["attachments"] == [{"filename": "list.csv", "type": "text/plain", "size": 3}]
    assert "sample" in ended.told
    assert not (eilbote.folder / "data").exists()


def test_what_would_have_arrived_is_shown_to_people_and_written_for_a_look(eilbote: Program) -> None:
    ended = eilbote.run(
        "flow", "run", "greet.yaml", "--capture", "--set", "name=Max", "--into", "out", "--no-json"
    )
    assert ended.code == 0, ended.err
    for told in (
        "greet",
        "done",
        "2 steps, 1 message",
        "✓  Say hello",
        "Subject:  Hello Max",
        "Bcc:      archive@",
    ):
        assert told in ended.out
    assert "attached: list.csv" in ended.out
    assert sorted(file.name for file in (eilbote.folder / "out").iterdir()) == ["1.eml", "1.html"]
    assert "<b>Max</b>" in (eilbote.folder / "out" / "1.html").read_text()


def test_waits_are_skipped(eilbote: Program) -> None:
    ended = eilbote.run("flow", "run", "later.yaml", "--capture")
    assert "pause waits 3 d; that is skipped" in ended.told
    assert (ended.code, ended.data["status"]) == (0, "done")


def test_what_is_tried_reaches_nobody(eilbote: Program) -> None:
    """A flow that is tried must not order anything, whatever its author has written and the operator allows."""
    with socket.create_server(("127.0.0.1", 0)) as there:
        there.setblocking(False)
        port = there.getsockname()[1]
        eilbote.write(
            "out.yaml",
            "name: out\nnodes:\n"
            f"  - {{id: mail, kind: send_smtp_email, connection: 'smtp://127.0.0.1:{port}', from: c@d.example, to: a@b.example, subject: x}}\n"
            f"  - {{id: order, kind: http_request, method: POST, url: 'http://127.0.0.1:{port}/', stop_on_error: true}}\n",
        )
        allowed = {"EILBOTE_EGRESS__ALLOW": "127.0.0.0/8", "EILBOTE_EGRESS__PORTS": str(port)}
        ended = eilbote.run("flow", "run", "out.yaml", "--capture", **allowed)
        with pytest.raises(BlockingIOError):
            there.accept()
    assert (ended.code, ended.data["error"]["node"]) == (1, "order")
    assert [message["subject"] for message in ended.data["captured"]] == ["x"]


@pytest.mark.parametrize(
    "answers, subjects",
    [
        ([], ["May we order: Standing desk?"]),
        (["approve"], ["May we order: Standing desk?", "Standing desk is ordered"]),
        (["decline"], ["May we order: Standing desk?", "Standing desk is not ordered"]),
        (["expired"], ["May we order: Standing desk?", "Standing desk is not ordered"]),
    ],
)
def test_people_are_not_asked_and_each_answer_is_tried(
    eilbote: Program, answers: list[str], subjects: list[str]
) -> None:
    eilbote.run("flow", "new", "approval", "--template", "approval")
    said = [word for answer in answers for word in ("--answer", answer)]
    ended = eilbote.run("flow", "run", "approval.yaml", "--capture", *said)
    assert ended.code == 0, ended.err
    assert [message["subject"] for message in ended.data["captured"]] == subjects
    assert ended.data["status"] == ("done" if answers else "waiting")


def test_an_answer_that_cannot_be_chosen_names_those_that_can(eilbote: Program) -> None:
    eilbote.run("flow", "new", "approval", "--template", "approval")
    ended = eilbote.run("flow", "run", "approval.yaml", "--capture", "--answer", "perhaps", "--no-json")
    assert ended.code == 3
    assert "approve" in ended.told


# -- running ----------------------------------------------------------------------------------------------------


def test_a_flow_runs_and_everything_is_told_of_it(eilbote: Program, office: CatcherThread) -> None:
    ended = eilbote.run("flow", "run", "greet.yaml", "--set", "email=max@example.net", "--set", "name=Max")
    run_id = begun(ended)
    assert office.next().subject == "Hello Max"

    shown = eilbote.run("flow", "show", run_id)
    assert shown.data["steps"][0]["entries"] == ended.data["steps"][0]["entries"]
    assert shown.data["context"]["greeted"] == "Max"
    assert shown.data["context"]["api_token"] == "***"
    assert "hunter2" not in shown.out + eilbote.run("flow", "show", run_id, "--no-json").out

    (entry,) = shown.data["steps"][0]["entries"]
    page = eilbote.run("flow", "show", run_id, "--no-json").out
    for told in (
        "done",
        "✓  Say hello",
        "accepted  max@example.net",
        f"eilbote outbox show {entry}",
        "CONTEXT",
    ):
        assert told in page
    listed = [json.loads(line) for line in eilbote.run("flow", "runs", "--status", "done").out.splitlines()]
    assert [each["id"] for each in listed] == [run_id]


def test_a_run_is_found_by_the_report_id_in_its_mail(eilbote: Program) -> None:
    """Somebody who got a notification quotes what stands in its footer."""
    eilbote.run("flow", "new", "first")
    with catching() as catcher:
        eilbote.run(
            "settings", "set", f"uri={catcher.uri}", "from=me@example.org", "brand_contact=help@example.org"
        )
        given = '{"email": "a@example.org", "name": "A", "order": {"number": 1, "total": 2}}'
        run_id = begun(eilbote.run("flow", "run", "first.yaml", "--input", given))
        eilbote.run("flow", "run", "later.yaml")
        found = re.search(r"[0-9a-f]{24}-[0-9a-f]{24}", catcher.next().text)
    assert found
    listed = eilbote.run("flow", "runs", "--report", found[0]).out.splitlines()
    assert [json.loads(line)["id"] for line in listed] == [run_id]
    none = eilbote.run("flow", "runs", "--report", "0" * 24 + "-" + "0" * 24, "--no-json")
    assert "no run is like this" in none.err


def test_a_published_flow_runs_by_its_name_and_keeps_its_version(
    eilbote: Program, office: CatcherThread
) -> None:
    assert eilbote.run("flow", "publish", "greet.yaml").data["version"] == 1
    eilbote.write("greet.yaml", GREET.replace("Hello {{", "Good morning {{"))
    assert eilbote.run("flow", "save", "greet.yaml").data["published"] == 1
    begun(eilbote.run("flow", "run", "greet", "--input", '{"email": "a@example.org", "name": "Anna"}'))
    assert office.next().subject == "Hello Anna"

    assert eilbote.run("flow", "publish", "greet").data["version"] == 2
    begun(eilbote.run("flow", "run", "greet", "--input", '{"email": "a@example.org", "name": "Anna"}'))
    assert office.next().subject == "Good morning Anna"
    assert [each["version"] for each in eilbote.run("flow", "versions", "greet").data] == [2, 1]
    assert eilbote.run("flow", "export", "greet", "--version", "1").out == GREET
    assert eilbote.run("flow", "list").data[0] | {"changed_at": ""} == {
        "flow": "greet",
        "organization": None,
        "published": 2,
        "has_draft": False,
        "changed_at": "",
    }
    assert eilbote.run("flow", "remove", "greet").code == 0
    assert eilbote.run("flow", "list").data == []


def test_a_flow_of_an_organization_is_found_where_it_is(eilbote: Program) -> None:
    assert eilbote.run("flow", "publish", "later.yaml", "--org", "acme").data["organization"] == "acme"
    lost = eilbote.run("flow", "run", "later", "--no-json")
    assert (lost.code, "There is one of acme: --org acme" in lost.told) == (3, True)
    assert eilbote.run("flow", "run", "later", "--org", "acme").data["organization"] == "acme"
    assert "acme/later" in eilbote.run("flow", "runs", "--org", "acme", "--no-json").out


def test_under_one_id_a_flow_runs_once(eilbote: Program, office: CatcherThread) -> None:
    again = (
        "flow",
        "run",
        "greet.yaml",
        "--set",
        "name=Max",
        "--set",
        "email=max@example.net",
        "--run-id",
        "o-17",
    )
    assert begun(eilbote.run(*again)) == "o-17"
    second = eilbote.run(*again)
    assert begun(second) == "o-17"
    assert "was begun before; no other one was begun. For one more give another --run-id" in second.told
    assert len(office.messages) == 1

    other = eilbote.run("flow", "run", "later.yaml", "--run-id", "o-17", "--no-json")
    assert other.code == 3
    assert "was used before" in other.told
    assert "--run-id" in other.err


def test_a_run_waits_outside_of_the_program_and_is_called_back(eilbote: Program) -> None:
    ended = eilbote.run("flow", "run", "later.yaml")
    run_id = begun(ended)
    assert (ended.data["status"], ended.data["awaits"], ended.data["node"]) == ("waiting", "time", "pause")
    assert "waits until" in eilbote.run("flow", "show", run_id, "--no-json").out
    assert "goes on in 2 d 23 h" in eilbote.run("flow", "runs", "--no-json").out

    assert eilbote.run("flow", "cancel", run_id).data == [{"id": run_id, "cancelled": True}]
    eilbote.run("flow", "resume")
    assert eilbote.run("flow", "show", run_id).data["status"] == "cancelled"
    late = eilbote.run("flow", "cancel", run_id, "--no-json")
    assert (late.code, late.out) == (1, f"{run_id}: had ended already\n")


def test_a_run_that_is_only_begun_is_gone_on_with(eilbote: Program, office: CatcherThread) -> None:
    ended = eilbote.run("flow", "run", "greet.yaml", "--set", "email=max@example.net", "--no-wait")
    run_id = ended.out.strip()
    assert eilbote.run("flow", "runs", "--status", "running", "--no-json").out.count(run_id) == 1
    assert begun(eilbote.run("flow", "resume", run_id)) == run_id
    assert office.next().forward_paths[0] == "max@example.net"


def test_a_conversation_keeps_and_forgets(eilbote: Program, office: CatcherThread) -> None:
    begun(
        eilbote.run(
            "flow", "run", "greet.yaml", "--set", "name=Max", "--set", "email=a@b.example", "--session", "s1"
        )
    )
    kept = eilbote.run("flow", "context", "s1").data["context"]
    assert (kept["greeted"], kept["api_token"]) == ("Max", "***")
    assert eilbote.run("flow", "context", "s1", "--forget").data["forgotten"]
    assert eilbote.run("flow", "context", "s1").data["context"] == {}


def test_a_run_that_asks_is_answered_at_the_desk(eilbote: Program) -> None:
    eilbote.run("flow", "new", "approval", "--template", "approval")
    with catching() as catcher:
        eilbote.run("settings", "set", f"uri={catcher.uri}", "from=me@example.org")
        given = '{"manager": "m@example.org", "email": "a@example.org", "item": "Desk", "total": 2000}'
        public = {"EILBOTE_PUBLIC_URL": "https://eilbote.example.org"}
        ended = eilbote.run("flow", "run", "approval.yaml", "--input", given, "--run-id", "r1", **public)
        assert (begun(ended), ended.data["awaits"]) == ("r1", "answer")
        assert "https://eilbote.example.org/" in catcher.next().text

        answered = eilbote.run("flow", "answer", "r1", "approve", "--by", "Maria", "--text", "Fine")
        assert answered.data == {"run": "r1", "question": "May we order: Desk?", "answer": "approve"}
        resumed = eilbote.run("flow", "resume", "r1", **public)
        assert resumed.data["status"] == "done"
        assert resumed.data["context"]["approval"]["by"] == "Maria"
        assert catcher.next().subject == "Desk is ordered"
        again = eilbote.run("flow", "answer", "r1", "approve", "--no-json")
        assert again.code == 3
        assert "  do   " in again.err


# -- what goes wrong --------------------------------------------------------------------------------------------


def test_a_run_that_fails_says_where_and_why(eilbote: Program) -> None:
    ended = eilbote.run("flow", "run", "failing.yaml", "--set", "why=It is Sunday", "--no-json")
    assert ended.code == 1
    assert "✗  stop" in ended.out
    assert "It is Sunday" in ended.out


def test_a_mail_that_cannot_be_sent_is_told_though_the_run_goes_on(eilbote: Program) -> None:
    """Without 'stop_on_error' the run is done; that nobody got anything must be seen all the same."""
    ended = eilbote.run("flow", "run", "greet.yaml", "--set", "email=a@b.example", "--no-json")
    assert ended.code == 0
    assert "!  Say hello" in ended.out
    assert "office" in ended.out
    assert "the run went on" in ended.out


def test_a_server_that_refuses_is_quoted(eilbote: Program, office: CatcherThread) -> None:
    office.add_fault(refuse("rcpt", "550 5.1.1 No such user"))
    ended = eilbote.run("flow", "run", "greet.yaml", "--set", "email=nobody@example.org", "--no-json")
    assert "550 5.1.1 No such user" in ended.out
    assert "failed    nobody@example.org" in ended.out


def test_ctrl_c_loses_nothing(eilbote: Program) -> None:
    """The person watches the message wait for a server that is down; what they leave behind is kept for a courier."""
    eilbote.run("connection", "add", "office", "smtp://127.0.0.1:1", "from=Office <office@example.org>")
    run = ("flow", "run", str(eilbote.folder / "greet.yaml"), "--set", "email=a@b.example", "--run-id", "r1")
    with at_a_terminal(*run, TERM="xterm", EILBOTE_DATA_DIR=str(eilbote.folder / "data")) as terminal:
        terminal.until("hello: the message is queued")
        terminal.type(CTRL_C)
        assert terminal.end() == 130
        assert "The run is kept" in terminal.shown
    shown = eilbote.run("flow", "show", "r1")
    assert (shown.data["status"], shown.data["awaits"]) == ("waiting", "mail")
    page = eilbote.run("flow", "show", "r1", "--no-json").out
    assert "…  hello  waits for its message" in page
    assert "queued    a@b.example" in page


@pytest.mark.parametrize(
    "arguments, code, told",
    [
        pytest.param(("run", "none.yaml"), 3, "No such file", id="missing file"),
        pytest.param(("run", "gret"), 3, "'eilbote flow list'", id="unknown name"),
        pytest.param(("run", "greet.yaml"), 2, "--set email=", id="no input"),
        pytest.param(("run", "greet.yaml", "--input", "{'email': 1}"), 3, "double quotes", id="wrong JSON"),
        pytest.param(("run", "greet.yaml", "--input", "greet.json"), 3, "No such file", id="missing input"),
        pytest.param(("run", "greet.yaml", "--input", "[]"), 3, "is no table", id="input that is a list"),
        pytest.param(("run", "greet.yaml", "--set", "x"), 2, "key=value", id="nothing set"),
        pytest.param(("run", "greet.yaml", "--into", "d"), 2, "Give --capture", id="into without capture"),
        pytest.param(
            ("run", "greet.yaml", "--answer", "yes"), 2, "Give --capture", id="answer without capture"
        ),
        pytest.param(
            ("run", "greet.yaml", "--capture", "--no-wait"), 2, "Leave --no-wait", id="capture, no wait"
        ),
        pytest.param(("run", "greet.yaml", "--version", "1"), 2, "no version", id="version of a file"),
        pytest.param(("run", "later.yaml", "--run-id", "a b"), 3, "visible ASCII", id="an id that is none"),
        pytest.param(("answer", "r-17", "yes"), 3, "eilbote flow runs", id="unknown run to answer"),
        pytest.param(("show", "r-17"), 3, "eilbote flow runs", id="unknown run"),
        pytest.param(("cancel", "r-17"), 3, "eilbote flow runs", id="unknown run to cancel"),
        pytest.param(("resume", "r-17"), 3, "eilbote flow runs", id="unknown run to resume"),
        pytest.param(("publish", "none"), 3, "eilbote flow", id="unknown flow to publish"),
        pytest.param(("export", "none"), 3, "eilbote flow", id="unknown flow to export"),
        pytest.param(("versions", "none"), 3, "eilbote flow", id="versions of nothing"),
        pytest.param(("remove", "none"), 3, "eilbote flow", id="unknown flow to remove"),
    ],
)
def test_what_cannot_be_done_says_what_and_how_to_do_it(
    eilbote: Program, arguments: tuple[str, ...], code: int, told: str
) -> None:
    ended = eilbote.run("flow", *arguments, "--no-json" if arguments[0] != "export" else "-o-")
    assert ended.code == code, ended.out + ended.err
    assert told in ended.told
    assert "  do   " in ended.err


def test_a_flow_with_a_fault_is_neither_run_nor_kept(eilbote: Program) -> None:
    eilbote.write("bad.yaml", GREET.replace("subject:", "subjekt:"))
    for command in ("run", "save", "publish"):
        ended = eilbote.run("flow", command, "bad.yaml", "--no-json")
        assert ended.code == 3
        assert "bad.yaml:10:5" in ended.out
    assert eilbote.run("flow", "list").data == []
