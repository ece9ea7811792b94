"""Processes at work from the command line: published, begun, looked at, decided; and every error on the way names its remedy."""

import json
import os
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.in_process import Program
from tests.acceptance.program import Run

from eilbote.testing import catching, hang_up, refuse
from eilbote.testing.catcher_thread import CatcherThread

SMALL = (
    "--data", "order.number=4711", "--data", "order.total=70",
    "--data", "customer.name=Anna", "--data", "customer.email=anna@example.org",
)  # fmt: skip
LARGE = tuple("order.total=7000" if each == "order.total=70" else each for each in SMALL)
WAITING = """\
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
  <message id="m1" name="ordered" />
  <message id="m2" name="payment" />
  <process id="waiting" isExecutable="true">
    <startEvent id="begin" name="Ordered"><messageEventDefinition messageRef="m1" /></startEvent>
    <sequenceFlow id="f1" sourceRef="begin" targetRef="pay" />
    <receiveTask id="pay" name="Wait for payment" messageRef="m2" />
    <sequenceFlow id="f2" sourceRef="pay" targetRef="end" />
    <endEvent id="end" name="Paid" />
  </process>
</definitions>
"""
WAITING_SETTINGS = """\
correlation: "{{ number }}"
elements:
  pay: {result: payment}
"""


@pytest.fixture
def eilbote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    for name in [name for name in os.environ if name.startswith("EILBOTE")]:
        monkeypatch.delenv(name)
    program = Program(tmp_path, monkeypatch)
    assert program.run("process", "new", "order").code == 0
    return program


@pytest.fixture
def office(eilbote: Program) -> Iterator[CatcherThread]:
    """Give a catcher that is the default connection, a kept route, and a published process."""
    with catching() as catcher:
        for command in (
            ("connection", "add", "office", catcher.uri),
            ("connection", "default", "office"),
            ("route", "save", "order.route.yaml"),
            ("process", "publish", "order.bpmn"),
        ):
            ended = eilbote.run(*command)
            assert ended.code == 0, ended.err
        yield catcher


def start(eilbote: Program, *arguments: str) -> Run:
    ended = eilbote.run("process", "start", "order", *arguments, "--wait", "--json")
    assert ended.out, ended.err
    return ended


# -- keeping -------------------------------------------------------------------------------------------------------


def test_publishing_tells_every_fault_and_publishes_nothing(eilbote: Program) -> None:
    settings = eilbote.folder / "order.yaml"
    settings.write_text(settings.read_text().replace("state: ", "stat: "))
    refused = eilbote.run("process", "publish", "order.bpmn", "--no-json")
    assert refused.code == 3
    assert "Tell_customer (Customer told).stat" in refused.out
    assert "it cannot be published" in refused.out
    assert eilbote.run("process", "list", "--json").data == []


def test_publishing_compares_with_the_routes_that_are_kept(eilbote: Program) -> None:
    refused = eilbote.run("process", "publish", "order.bpmn", "--json")
    assert refused.code == 3
    assert [(each["element"], each["field"]) for each in refused.data["findings"]] == [
        ("Tell_customer", "route")
    ]
    assert refused.data["published"] == []


def test_a_draft_is_kept_beside_what_is_published(eilbote: Program, office: CatcherThread) -> None:
    assert eilbote.run("process", "save", "order.bpmn", "--json").data == {
        "process": "order",
        "published": 1,
        "organization": None,
    }
    assert eilbote.run("process", "list", "--json").data[0]["has_draft"] is True
    assert eilbote.run("process", "publish", "order", "--json").data["version"] == 2
    assert [each["version"] for each in eilbote.run("process", "versions", "order", "--json").data] == [2, 1]
    nothing = eilbote.run("process", "publish", "order")
    assert nothing.code == 3
    assert "has no draft" in nothing.err


def test_a_process_is_given_back_as_it_was_written(eilbote: Program, office: CatcherThread) -> None:
    assert eilbote.run("process", "export", "order", "-o", "copy.bpmn").code == 0
    assert (eilbote.folder / "copy.bpmn").read_text() == (eilbote.folder / "order.bpmn").read_text()
    assert (eilbote.folder / "copy.yaml").read_text() == (eilbote.folder / "order.yaml").read_text()
    again = eilbote.run("process", "export", "order", "-o", "copy.bpmn")
    assert (again.code, "is there already" in again.err) == (1, True)


@pytest.mark.parametrize(
    "command",
    [("versions", "ordr"), ("publish", "ordr"), ("drop", "ordr"), ("export", "ordr"), ("start", "ordr")],
)
def test_a_name_that_is_misspelt_is_told_the_right_one(
    eilbote: Program, office: CatcherThread, command: tuple[str, ...]
) -> None:
    refused = eilbote.run("process", *command)
    assert refused.code == 3
    assert "Did you mean 'order'?" in refused.err


def test_a_process_that_is_dropped_begins_no_more(eilbote: Program, office: CatcherThread) -> None:
    assert eilbote.run("process", "drop", "order", "--json").data == {"dropped": ["order"]}
    assert eilbote.run("process", "start", "order", *SMALL).code == 3


# -- instances -----------------------------------------------------------------------------------------------------


def test_an_instance_sends_its_message_and_everything_is_told(
    eilbote: Program, office: CatcherThread
) -> None:
    ended = start(eilbote, *SMALL, "--id", "one")
    assert ended.code == 0, ended.err
    assert (ended.data["status"], ended.data["state"], ended.data["correlation"]) == (
        "completed", "Customer told", "4711",
    )  # fmt: skip
    (mail,) = ended.data["mails"]
    assert (mail["element"], mail["status"]) == ("Tell_customer", "accepted")
    assert [message.subject for message in office.messages] == ["Order 4711 is ready"]
    shown = eilbote.run("process", "show", "one", "--no-json").out
    for told in ("E-MAILS", "accepted  anna@example.org", "✓", "Order received  Begin", 'order = {"number"'):
        assert told in shown
    assert "Is_large" in json.dumps(eilbote.run("process", "show", "one", "--json").data["passages"])


def test_begun_twice_under_one_name_it_runs_once(eilbote: Program, office: CatcherThread) -> None:
    start(eilbote, *SMALL, "--id", "one")
    again = start(eilbote, *SMALL, "--id", "one")
    assert "was begun before" in again.told
    assert len(office.messages) == 1


def test_without_waiting_only_the_id_is_told(eilbote: Program, office: CatcherThread) -> None:
    begun = eilbote.run("process", "start", "order", *SMALL, "--id", "later", "--no-json")
    assert begun.out == "later\n"
    assert "A courier works it" in begun.told
    assert office.messages == ()
    assert eilbote.run("process", "resume", "later", "--json").data["status"] == "completed"
    assert len(office.messages) == 1


def test_data_is_given_as_a_file_as_json_and_value_by_value(eilbote: Program, office: CatcherThread) -> None:
    eilbote.write(
        "order.json",
        '{"order": {"number": 1, "total": 2}, "customer": {"name": "A", "email": "a@example.org"}}',
    )
    ended = start(eilbote, "--data", "order.json", "--data", "order.number=5", "--set", "order.total=6.50")
    assert ended.data["data"]["order"] == {"number": 5, "total": 6.5}
    twice = eilbote.run("process", "start", "order", "--data", "order.json", "--data", "{}")
    assert (twice.code, "given twice" in twice.err) == (2, True)
    broken = eilbote.run("process", "start", "order", "--data", "{'a': 1}")
    assert (broken.code, "--data is no JSON" in broken.err) == (3, True)


def test_a_file_is_no_process_to_start(eilbote: Program) -> None:
    refused = eilbote.run("process", "start", "order.bpmn")
    assert refused.code == 2
    assert "eilbote process publish order.bpmn" in refused.err


def test_people_do_what_they_have_to(eilbote: Program, office: CatcherThread) -> None:
    waiting = start(eilbote, *LARGE, "--id", "big")
    assert (waiting.data["status"], waiting.data["tokens"]) == ("running", ["Check_order"])
    listed = eilbote.run("process", "tasks", "--json")
    assert json.loads(listed.out)["element"] == "Check_order"
    assert (
        "eilbote process complete big Check_order" in eilbote.run("process", "show", "big", "--no-json").out
    )
    wrong = eilbote.run("process", "complete", "big", "Check_ordr")
    assert (wrong.code, "Check_order" in wrong.err) == (3, True)
    done = eilbote.run("process", "complete", "big", "--text", "fine", "--by", "Eva", "--data", "rating=5")
    assert done.code == 0, done.err
    twice = eilbote.run("process", "complete", "big")
    assert twice.code == 3
    ended = eilbote.run("process", "resume", "big", "--json")
    assert ended.data["status"] == "completed"
    assert ended.data["data"]["check"] == {"answer": "", "text": "fine", "by": "Eva", "rating": 5}
    assert "no task is open" in eilbote.run("process", "tasks", "--no-json").told


def test_a_message_begins_an_instance_and_another_one_lets_it_go_on(eilbote: Program) -> None:
    eilbote.write("waiting.bpmn", WAITING)
    eilbote.write("waiting.yaml", WAITING_SETTINGS)
    assert eilbote.run("process", "publish", "waiting.bpmn").code == 0
    begun = eilbote.run("process", "message", "ordered", "--data", "number=7", "--json")
    assert begun.data["begun"] is True
    instance = begun.data["instance"]
    resumed = eilbote.run("process", "resume", instance, "--json")
    assert [(each["message"], each["correlation"]) for each in resumed.data["messages"]] == [("payment", "7")]
    lost = eilbote.run("process", "message", "payment", "--correlation", "8")
    assert lost.code == 3
    assert "nobody waits for the message 'payment'" in lost.err
    given = eilbote.run("process", "message", "payment", "--correlation", "7", "--data", "amount=3", "--json")
    assert given.data == {"instance": instance, "begun": False, "is_new": True}
    assert eilbote.run("process", "resume", instance, "--json").data["data"]["payment"] == {"amount": 3}


def test_an_incident_is_told_mended_and_tried_again(eilbote: Program, office: CatcherThread) -> None:
    assert eilbote.run("route", "disable", "order").code == 0
    stopped = start(eilbote, *SMALL, "--id", "one")
    (incident,) = stopped.data["incidents"]
    assert incident["element"] == "Tell_customer"
    assert incident["error"]["remedy"]
    shown = eilbote.run("process", "show", "one", "--no-json").out
    assert "INCIDENTS" in shown
    assert "eilbote process retry one Tell_customer" in " ".join(shown.split())
    assert "1 incident" in eilbote.run("process", "instances", "--incidents", "--no-json").out
    assert eilbote.run("route", "enable", "order").code == 0
    assert eilbote.run("process", "retry", "one", "Tell_customer", "--json").data["decided"] == 1
    assert eilbote.run("process", "resume", "one", "--json").data["status"] == "completed"
    assert len(office.messages) == 1
    none = eilbote.run("process", "skip", "one")
    assert (none.code, "no open incident" in none.err) == (3, True)


def test_an_incident_can_be_passed_over(eilbote: Program, office: CatcherThread) -> None:
    eilbote.run("route", "disable", "order")
    start(eilbote, *SMALL, "--id", "one")
    assert eilbote.run("process", "skip", "one", "--json").data["decided"] == 1
    assert eilbote.run("process", "resume", "one", "--json").data["status"] == "completed"
    assert office.messages == ()


def test_a_message_that_is_refused_is_seen(eilbote: Program) -> None:
    with catching(faults=[refuse("rcpt", "550 5.1.1 No such user")]) as catcher:
        for command in (
            ("connection", "add", "office", catcher.uri),
            ("connection", "default", "office"),
            ("route", "save", "order.route.yaml"),
            ("process", "publish", "order.bpmn"),
        ):
            assert eilbote.run(*command).code == 0
        ended = start(eilbote, *SMALL, "--id", "one")
    assert [(mail["status"], mail["recipients"][0]["status"]) for mail in ended.data["mails"]] == [
        ("failed", "failed")
    ]
    assert "1 e-mail failed" in eilbote.run("process", "diagram", "one").out


def test_a_message_in_doubt_is_an_incident_that_shows_it(eilbote: Program) -> None:
    settings = eilbote.folder / "order.yaml"
    settings.write_text(settings.read_text().replace("on_failure: record", "on_failure: incident"))
    with catching(faults=[hang_up("content")]) as catcher:
        for command in (
            ("connection", "add", "office", catcher.uri),
            ("connection", "default", "office"),
            ("route", "save", "order.route.yaml"),
            ("process", "publish", "order.bpmn"),
        ):
            assert eilbote.run(*command).code == 0
        ended = start(eilbote, *SMALL, "--id", "one")
    assert ended.data["incidents"][0]["in_doubt"] is True
    assert [mail["status"] for mail in ended.data["mails"]] == ["in doubt"]
    assert "send it twice" in eilbote.run("process", "show", "one", "--no-json").out
    assert "1 e-mail in doubt" in eilbote.run("process", "diagram", "one").out


def test_an_instance_is_called_back_once(eilbote: Program, office: CatcherThread) -> None:
    start(eilbote, *LARGE, "--id", "big")
    assert eilbote.run("process", "cancel", "big", "--json").data == [{"id": "big", "cancelled": True}]
    assert eilbote.run("process", "resume", "big", "--json").code == 1
    assert eilbote.run("process", "cancel", "big").code == 1
    assert [
        json.loads(line)["status"] for line in eilbote.run("process", "instances", "--json").out.splitlines()
    ] == ["cancelled"]


def test_the_picture_of_an_instance_says_where_it_stands(eilbote: Program, office: CatcherThread) -> None:
    start(eilbote, *LARGE, "--id", "big")
    drawn = eilbote.run("process", "diagram", "big")
    assert drawn.code == 0, drawn.err
    description = ET.fromstring(drawn.out)[1].text or ""  # noqa: S314 - a picture of ours
    assert "Check the order (user task): 1 here" in description
    assert "Order received (start event): 1 done" in description
    published = eilbote.run("process", "diagram", "order", "--version", "1").out
    assert "1 here" not in published


@pytest.mark.parametrize(
    "command",
    [
        ("show", "nix"),
        ("cancel", "nix"),
        ("resume", "nix"),
        ("retry", "nix"),
        ("complete", "nix"),
        ("diagram", "nix"),
    ],
)
def test_what_is_not_there_is_told(eilbote: Program, office: CatcherThread, command: tuple[str, ...]) -> None:
    refused = eilbote.run("process", *command)
    assert refused.code == 3
    assert "nix" in refused.err
    assert "  do   " in refused.err


def test_a_mail_that_answers_nothing_is_said_to(eilbote: Program, office: CatcherThread) -> None:
    eilbote.write("mail.eml", "From: a@example.org\nTo: b@example.org\nSubject: Hello\n\nHow are you?\n")
    handed = eilbote.run("process", "reply", "mail.eml", "--json")
    assert (handed.code, handed.data["state"]) == (1, "unknown")


def test_one_organization_sees_nothing_of_another(eilbote: Program, office: CatcherThread) -> None:
    refused = eilbote.run("process", "start", "order", "--org", "acme", *SMALL)
    assert refused.code == 3
    assert "leave --org out" in refused.err
    assert eilbote.run("process", "list", "--org", "acme", "--json").data == []
