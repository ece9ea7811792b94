"""Communication routes from the command line: checked, kept, tried with a real message, carried elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.in_process import Program

from eilbote.testing import catching, refuse
from eilbote.testing.catcher_thread import CatcherThread

ROUTE = """\
message_name: order-ready   # mine
name: Order is ready
connection: office
attributes:
  - {system_name: Customer, type: account, required: true}
  - {system_name: Total, type: number}
  - {system_name: Invoice, type: document}
properties:
  to: "{Customer}"
  cc: boss@example.org
  subject: "Order over {Total}"
  format: html
  message: "<style>p { color: red }</style><p>Dear {Customer}</p>"
  attachments: [Invoice]
"""
OTHER = ROUTE.replace("order-ready", "order-late").replace("Order is ready", "Order is late")


@pytest.fixture
def eilbote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    for name in [name for name in os.environ if name.startswith("EILBOTE")]:
        monkeypatch.delenv(name)
    program = Program(tmp_path, monkeypatch)
    program.write("ready.yaml", ROUTE)
    program.write("both.yaml", f"{ROUTE}---\n{OTHER}")
    return program


@pytest.fixture
def catcher() -> Iterator[CatcherThread]:
    with catching() as running:
        yield running


def office(catcher: CatcherThread) -> dict[str, str]:
    return {"EILBOTE_CONNECTION_OFFICE": f"{catcher.uri}?from=shop@example.org"}


# -- checking ---------------------------------------------------------------------------------------------------


def test_a_sound_route_is_nothing_to_object_to(eilbote: Program) -> None:
    checked = eilbote.run("route", "check", "ready.yaml", "--strict", "--no-json")
    assert (checked.code, checked.out) == (
        0,
        "ready.yaml: order-ready, 3 attributes, nothing to object to\n",
    )
    assert eilbote.run("route", "check", "both.yaml").data == {
        "ok": True,
        "routes": [
            {"file": "both.yaml", "route": name, "attributes": 3, "findings": []}
            for name in ("order-ready", "order-late")
        ],
    }


def test_a_fault_is_shown_in_its_line_of_the_whole_file(eilbote: Program) -> None:
    eilbote.write("bad.yaml", f"{ROUTE}---\n{OTHER.replace('{Total}', '{Totl}')}")
    checked = eilbote.run("route", "check", "bad.yaml", "--no-json")
    assert checked.code == 3
    assert checked.out == (
        "bad.yaml: order-ready, 3 attributes, nothing to object to\n"
        "bad.yaml:26:24  error  subject: no attribute is called 'Totl'\n"
        '  26 |   subject: "Order over {Totl}"\n'
        "     |                        ^\n"
        "  do   Did you mean {Total}?\n"
        "bad.yaml: 1 error; nothing can go over it\n"
    )
    (found,) = eilbote.run("route", "check", "bad.yaml").data["routes"][1]["findings"]
    assert (found["line"], found["column"], found["field"]) == (26, 24, "subject")


def test_connections_are_looked_for_when_that_is_wanted(eilbote: Program) -> None:
    assert eilbote.run("route", "check", "ready.yaml", "--strict").code == 0
    checked = eilbote.run("route", "check", "ready.yaml", "--strict", "--connections")
    assert checked.code == 3
    assert checked.data["routes"][0]["findings"][0]["field"] == "connection"


@pytest.mark.parametrize("command", ["check", "save", "import", "test"])
@pytest.mark.parametrize(
    "text, told",
    [
        ("", "the route is empty"),
        ("message_name: a\nproperties: {to: {Customer}}\n", "has no quotes"),
        (ROUTE.replace("{Total}", "{Totl}"), "no attribute is called 'Totl'"),
        ("a: [", "neither YAML nor JSON"),
    ],
)
def test_no_command_takes_an_unsound_route(eilbote: Program, command: str, text: str, told: str) -> None:
    ended = eilbote.run("route", command, "-", "--no-json", stdin=text)
    assert ended.code == 3
    assert told in ended.out
    assert eilbote.run("route", "list").data == []


# -- keeping ----------------------------------------------------------------------------------------------------


def test_routes_are_kept_listed_shown_and_dropped(eilbote: Program) -> None:
    saved = eilbote.run("route", "save", "both.yaml", "--no-json")
    assert (saved.code, saved.out) == (0, "order-ready: kept\norder-late: kept\n")
    assert eilbote.run("route", "save", "ready.yaml").data == {
        "route": "order-ready",
        "organization": None,
        "is_new": False,
        "disabled": False,
    }
    listed = eilbote.run("route", "list", "--no-json").out.splitlines()
    assert listed[0].split() == ["ROUTE", "NAME", "CONNECTION", "STATE", "CHANGED"]
    assert listed[1].split()[:6] == ["order-late", "Order", "is", "late", "office", "enabled"]
    shown = eilbote.run("route", "show", "order-ready").data
    assert shown["properties"]["subject"] == "Order over {Total}"
    assert shown["used_by"] == []
    page = eilbote.run("route", "show", "order-ready", "--no-json").out
    assert "{Customer}  account   required" in page
    assert "used by       no published process" in page
    dropped = eilbote.run("route", "drop", "order-late", "--no-json")
    assert (dropped.code, dropped.out) == (0, "order-late: forgotten\n")
    assert [each["route"] for each in eilbote.run("route", "list").data] == ["order-ready"]


def test_two_routes_of_one_name_are_none(eilbote: Program) -> None:
    refused = eilbote.run("route", "save", "ready.yaml", "both.yaml")
    assert refused.code == 3
    assert "two routes are called 'order-ready'" in refused.out
    assert eilbote.run("route", "list").data == []


def test_a_route_is_disabled_and_enabled_and_keeps_its_comments(eilbote: Program) -> None:
    eilbote.run("route", "save", "ready.yaml")
    assert eilbote.run("route", "disable", "order-ready", "--no-json").out == "order-ready: disabled\n"
    assert eilbote.run("route", "list").data[0]["disabled"] is True
    assert eilbote.run("route", "enable", "order-ready", "--no-json").out == "order-ready: enabled\n"
    text = eilbote.run("route", "export", "order-ready").out
    assert text == ROUTE.replace("# mine\n", "# mine\ndisabled: false\n")


@pytest.mark.parametrize("command", ["show", "disable", "enable", "drop", "export", "test"])
def test_a_route_that_is_not_there_is_told_with_the_nearest(eilbote: Program, command: str) -> None:
    eilbote.run("route", "save", "ready.yaml")
    refused = eilbote.run("route", command, "order-redy")
    assert refused.code == 3
    assert "Did you mean 'order-ready'?" in refused.told


def test_organizations_have_routes_of_their_own(eilbote: Program) -> None:
    eilbote.run("route", "save", "ready.yaml", "--org", "acme")
    assert eilbote.run("route", "show", "order-ready").code == 3
    assert eilbote.run("route", "show", "order-ready", "--org", "acme").data["organization"] == "acme"
    assert "acme/order-ready" in eilbote.run("route", "list", "--no-json").out


def test_routes_are_carried_elsewhere(eilbote: Program) -> None:
    eilbote.run("route", "save", "both.yaml")
    assert eilbote.run("route", "export", "-o", "all.yaml").code == 0
    assert "is there already" in eilbote.run("route", "export", "-o", "all.yaml").err
    assert (eilbote.folder / "all.yaml").read_text() == f"{OTHER}---\n{ROUTE}"

    def imported(*arguments: str) -> dict[str, str]:
        ended = eilbote.run("route", "import", "all.yaml", "--data-dir", "other", *arguments)
        assert ended.code == 0, ended.err
        return {each["route"]: each["done"] for each in ended.data}

    assert imported() == {"order-late": "imported", "order-ready": "imported"}
    eilbote.write("all.yaml", f"{OTHER}---\n{ROUTE.replace('Order over', 'Order of')}")
    assert imported() == {"order-late": "unchanged", "order-ready": "left"}
    assert "Order over" in eilbote.run("route", "export", "--data-dir", "other").out
    assert imported("--replace") == {"order-late": "unchanged", "order-ready": "replaced"}
    assert "Order of" in eilbote.run("route", "export", "order-ready", "--data-dir", "other").out


def test_an_empty_list_says_what_to_do(eilbote: Program) -> None:
    assert "route save FILE" in eilbote.run("route", "list", "--no-json").err


# -- trying -----------------------------------------------------------------------------------------------------


def test_a_route_is_tried_with_a_real_message(eilbote: Program, catcher: CatcherThread) -> None:
    eilbote.run("route", "save", "ready.yaml")
    eilbote.write("invoice.txt", "12.50\n")
    tried = eilbote.run(
        "route",
        "test",
        "order-ready",
        *("--to", "me@example.org", "--set", "Total=12.50", "--document", "Invoice=invoice.txt"),
        "--no-json",
        **office(catcher),
    )
    assert tried.code == 0, tried.err
    assert tried.out.splitlines()[0] == "done  Order over 12.50  (accepted)"
    assert "accepted   me@example.org" in tried.out
    assert "eilbote outbox show" in tried.err
    (message,) = catcher.messages
    assert message.forward_paths == ("me@example.org",)
    assert message.subject == "Order over 12.50"
    assert 'style="color:red">Dear Customer</p>' in (message.html or "")
    assert message.reverse_path == "shop@example.org"
    (attached,) = message.attachments
    assert (attached.filename, attached.octets) == ("invoice.txt", b"12.50\n")


def test_a_route_in_a_file_is_tried_before_it_is_kept(eilbote: Program, catcher: CatcherThread) -> None:
    tried = eilbote.run(
        "route",
        "test",
        "ready.yaml",
        *("--values", '{"customer": {"address": "anna@example.org", "name": "Anna"}}', "--set", "TOTAL=1"),
        **office(catcher),
    )
    assert tried.code == 0, tried.err
    assert tried.data["state"] == "done"
    assert tried.data["waits_for"] is None
    (message,) = catcher.messages
    assert message.forward_paths == ("anna@example.org", "boss@example.org")
    assert message.attachments == ()
    assert eilbote.run("route", "list").data == []


def test_a_refusal_is_told(eilbote: Program) -> None:
    with catching(faults=[refuse("rcpt", "550 5.1.1 no such person")]) as catcher:
        tried = eilbote.run(
            "route", "test", "ready.yaml", "--to", "me@example.org", "--no-json", **office(catcher)
        )
    assert tried.code == 1
    assert "550 5.1.1 no such person" in tried.out


def test_a_server_that_is_away_is_told_and_the_message_waits(eilbote: Program) -> None:
    connection = {"EILBOTE_CONNECTION_OFFICE": "smtp://127.0.0.1:1?from=shop@example.org"}
    tried = eilbote.run("route", "test", "ready.yaml", "--to", "me@example.org", "--no-json", **connection)
    assert tried.code == 4
    assert "waiting" in tried.out or "deferred" in tried.out


@pytest.mark.parametrize(
    "arguments, code, told",
    [
        ((), 3, "'Customer' has no value"),
        (("--to", "me@"), 3, "no domain"),
        (("--to", "me@example.org", "--set", "Totl=1"), 3, "Did you mean 'Total'?"),
        (("--to", "me@example.org", "--set", "Total=a lot"), 3, "is no number"),
        (("--to", "me@example.org", "--set", "Total"), 2, "sets nothing"),
        (("--to", "me@example.org", "--document", "Invoice"), 2, "names no document"),
        (("--to", "me@example.org", "--document", "Invoice=nowhere.pdf"), 3, "cannot be read"),
        (("--to", "me@example.org", "--values", "[1]"), 3, "no table"),
    ],
)
def test_what_makes_no_message_is_told_and_nothing_sent(
    eilbote: Program, arguments: tuple[str, ...], code: int, told: str, catcher: CatcherThread
) -> None:
    refused = eilbote.run("route", "test", "ready.yaml", *arguments, "--no-json", **office(catcher))
    assert refused.code == code, refused.err
    assert told in refused.told
    assert not catcher.messages


def test_a_file_with_several_routes_is_not_tried(eilbote: Program) -> None:
    refused = eilbote.run("route", "test", "both.yaml", "--to", "me@example.org", "--no-json")
    assert refused.code == 2
    assert "holds 2 routes" in refused.told
