"""From nothing to a received e-mail in four steps, with a diagram that nobody changed for eilbote.

A connection, a communication route, send-message events on the diagram, publishing: then instances are started, and a mail server
that is not ours receives what they send. Every command is the program as a process of its own.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.acceptance import in_process, program
from tests.acceptance.program import Run, environment
from tests.mail_catcher import MailCatcher, running_mail_catcher

DIAGRAM = Path(__file__).parents[1] / "corpus" / "bpmn" / "camunda7-order-ready.bpmn"
ROUTE = """\
message_name: order-ready
name: Order is ready
application: shop
connection: office
attributes:
  - {name: Customer, system_name: Customer, type: account, required: true}
  - {name: Order number, system_name: Number, required: true}
  - {name: Total, system_name: Total, type: number, required: true}
  - {name: Delivery, system_name: Delivery, type: date_time}
  - {name: Drive, system_name: Drive, type: duration}
  - {name: Express, system_name: Express, type: boolean}
  - {name: Invoice, system_name: Invoice, type: document}
properties:
  from_name: Order desk
  to: "{Customer}; Stock <stock@example.org>"
  cc: boss@example.org
  cc_names: The boss
  bcc: archive@example.org
  subject: "Order {Number} is ready ({Total} EUR)"
  format: both
  message: |
    <style>p {color: #333}</style>
    <p>Dear {Customer}, order <b>{Number}</b> over {Total} is on its way: {Drive}, express: {Express}.</p>
  attachments: [Invoice]
"""
SETTINGS = """\
process: order-ready
title: Order ready
correlation: "{{ order.number }}"
elements:
  Activity_0w9t7bd: {title: "Check order {{ order.number }}"}
  Event_0kx1:
    system_name: customer_told
    state: Customer told
    description: Tells the customer that the goods are on their way.
    destination: external
    route: order-ready
    mapping:
      Customer: {name: "{{ customer.name }}", address: "{{ customer.email }}"}
      Number: "{{ order.number }}"
      Total: "{{ order.total }}"
      Delivery: "2026-12-01T10:00:00Z"
      Drive: PT1H30M
      Express: true
      Invoice: {name: invoice.txt, text: "Invoice {{ order.number }}"}
"""
FAULTY = """\
process: order-ready
elements:
  Activity_nobody: {title: Nobody has drawn this}
  Event_0kx1:
    route: order-ready
    mapping:
      Custmer: "{{ customer.name }}"
      Total: many
conditions:
  Flow_06h4d2w: order.total >
"""
INVITATION = """\
message_name: invitation
connection: office
attributes:
  - {system_name: Name, required: true}
  - {system_name: Party, required: true}
properties: {to: guest@example.net, subject: "{Party}: {Name}", message: "Dear {Name}, come to {Party}."}
"""
PARTIES = DIAGRAM.with_name("camunda7-multi-instance.bpmn")
PARTY = """\
process: party
elements:
  Activity_invite:
    system_name: guest_invited
    state: Invited
    route: invitation
    mapping: {Name: "{{ guest }}", Party: "{{ process.id }}"}
  Event_table_told:
    system_name: waiter_told
    state: Told
    route: invitation
    mapping: {Name: "table {{ table }}", Party: "{{ process.id }}"}
"""
ORDER = {
    "order": {"number": "A-17", "total": 1200},
    "customer": {"name": "Jürgen <b>Groß</b>", "email": "juergen@example.net"},
}


class House:
    """A folder with everything in it that the program keeps.

    Args:
        folder: The folder.
        runs: How commands are run: each as a process of its own, or inside of this one where there are many of them.
    """

    def __init__(self, folder: Path, runs: Callable[..., Run] = program.run) -> None:
        self.folder = folder
        self._runs = runs

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def eilbote(self, *arguments: str) -> Run:
        return self._runs(*arguments, EILBOTE_DATA_DIR=str(self.folder / "data"))

    def well(self, *arguments: str) -> Run:
        """Run a command that must end well."""
        ended = self.eilbote(*arguments)
        assert ended.code == 0, (arguments, ended.err, ended.out)
        return ended

    def shown(self, instance: str) -> dict[str, Any]:
        found: dict[str, Any] = self.well("process", "show", instance).data
        return found

    @contextmanager
    def courier(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run a courier of its own process; it is killed at the end when nobody has killed it before."""
        courier = subprocess.Popen(
            [sys.executable, "-m", "eilbote.cli", "courier", "--log", "quiet", "--json"],
            cwd=self.folder,
            env=environment(EILBOTE_DATA_DIR=str(self.folder / "data")),
            stdout=subprocess.DEVNULL,
        )
        try:
            yield courier
        finally:
            courier.kill()
            courier.wait()


@pytest.fixture(params=[program.run])
def house(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    shutil.copy(DIAGRAM, tmp_path / "order-ready.bpmn")
    house = House(tmp_path, runs=request.param)
    house.write("order-ready.yaml", SETTINGS)
    house.write("order-ready.route.yaml", ROUTE)
    house.write("order.json", json.dumps(ORDER))
    return house


@pytest.fixture
def post() -> Iterator[MailCatcher]:
    with running_mail_catcher() as catcher:
        yield catcher


def mails_of(catcher: MailCatcher) -> list[EmailMessage]:
    """Read what has come, as a program of somebody else's reads mail."""
    parser = BytesParser(EmailMessage, policy=policy.default)
    return [parser.parsebytes(each.original_content or b"") for each in catcher.envelopes]


def four_steps(house: House, catcher: MailCatcher) -> None:
    house.well("connection", "add", "office", catcher.uri, "from=Office <office@example.org>")
    house.well("route", "save", house.path("order-ready.route.yaml"))
    house.well(
        "process", "check", house.path("order-ready.bpmn"), "--route", house.path("order-ready.route.yaml")
    )
    house.well("process", "publish", house.path("order-ready.bpmn"))


def shown_once(
    house: House,
    courier: subprocess.Popen[bytes],
    instance: str,
    holds: Callable[[dict[str, Any]], bool],
) -> dict[str, Any]:
    """Look at an instance until something holds, while a courier runs."""
    for _ in range(300):
        found = house.shown(instance)
        if holds(found):
            return found
        with suppress(subprocess.TimeoutExpired):
            courier.wait(0.1)
            raise AssertionError("the courier has ended by itself")
    raise AssertionError(found)


def is_delivered(found: dict[str, Any]) -> bool:
    return found["status"] == "completed" and all(each["status"] == "accepted" for each in found["mails"])


def waits_at(element: str) -> Callable[[dict[str, Any]], bool]:
    return lambda found: [each["element"] for each in found["tasks"]] == [element]


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_four_steps_from_a_foreign_diagram_to_a_received_mail(house: House, post: MailCatcher) -> None:
    four_steps(house, post)
    assert (house.folder / "order-ready.bpmn").read_bytes() == DIAGRAM.read_bytes()
    started = house.well(
        "process", "start", "order-ready", "--id", "order-17", "--data", house.path("order.json")
    )
    assert started.data["id"] == "order-17"
    with house.courier() as courier:
        asked = shown_once(house, courier, "order-17", waits_at("Activity_0w9t7bd"))
        assert asked["tasks"][0]["title"] == "Check order A-17"
        assert not post.envelopes, "a large order is checked before its customer is told"
        house.well("process", "complete", "order-17", "Activity_0w9t7bd")
        ended = shown_once(house, courier, "order-17", is_delivered)

    (envelope,) = post.envelopes
    assert envelope.mail_from == "office@example.org"
    assert sorted(envelope.rcpt_tos) == [
        "archive@example.org",
        "boss@example.org",
        "juergen@example.net",
        "stock@example.org",
    ]
    (mail,) = mails_of(post)
    assert mail["Subject"] == "Order A-17 is ready (1200 EUR)"
    assert addresses(mail["From"]) == [("Order desk", "office@example.org")]
    assert addresses(mail["To"]) == [
        ("Jürgen <b>Groß</b>", "juergen@example.net"),
        ("Stock", "stock@example.org"),
    ]
    assert addresses(mail["Cc"]) == [("The boss", "boss@example.org")]
    assert mail["Bcc"] is None
    html, plain = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert plain is not None
    page = html.get_content()
    assert '<p style="color:#333">' in page, "braces of a style sheet are no placeholders"
    assert "Dear Jürgen &lt;b&gt;Groß&lt;/b&gt;, order <b>A-17</b> over 1200" in page
    assert "Dear Jürgen <b>Groß</b>, order A-17 over 1200" in " ".join(plain.get_content().split())
    assert "1 hour, 30 minutes, express: yes" in page
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content().strip()) == ("invoice.txt", "Invoice A-17")

    assert (ended["state"], ended["correlation"]) == ("Customer told", "A-17")
    (sent,) = ended["mails"]
    assert sent["element"] == "Event_0kx1"
    entry = house.well("outbox", "show", sent["entry"])
    assert mail["Message-ID"] == entry.data["message_id"]


def addresses(header: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - whatever the standard library makes of a header
    return [(each.display_name, each.addr_spec) for each in header.addresses]


# -- publishing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("house", [in_process.run], indirect=True)
def test_publishing_tells_every_fault_at_once_and_publishes_nothing(house: House, post: MailCatcher) -> None:
    house.well("connection", "add", "office", post.uri, "from=Office <office@example.org>")
    house.well("route", "save", house.path("order-ready.route.yaml"))
    house.write("order-ready.yaml", FAULTY)
    refused = house.eilbote("process", "publish", house.path("order-ready.bpmn"))
    assert refused.code == 3
    errors = {
        (each["element"], each["field"]) for each in refused.data["findings"] if each["severity"] == "error"
    }
    assert errors == {
        ("Event_0kx1", "system_name"),
        ("Event_0kx1", "state"),
        ("Event_0kx1", "mapping"),
        ("Event_0kx1", "mapping.Custmer"),
        ("Event_0kx1", "mapping.Total"),
        ("Flow_06h4d2w", "condition"),
        ("Activity_nobody", None),
    }
    for missing in ("Customer", "Number"):
        assert f"the required attribute '{missing}' of the route 'order-ready' is not mapped" in refused.out
    for each in refused.data["findings"]:
        assert each["remedy"], each
    begun = house.eilbote("process", "start", "order-ready", "--data", house.path("order.json"))
    assert begun.code == 3, "nothing was published"

    house.well("route", "disable", "order-ready")
    house.write("order-ready.yaml", SETTINGS)
    refused = house.eilbote("process", "publish", house.path("order-ready.bpmn"))
    assert refused.code == 3
    assert [
        (each["element"], each["field"]) for each in refused.data["findings"] if each["severity"] == "error"
    ] == [("Event_0kx1", "route")]
    assert "eilbote route enable" in refused.out

    house.well("route", "enable", "order-ready")
    house.well("process", "publish", house.path("order-ready.bpmn"))
    house.well("process", "start", "order-ready", "--data", house.path("order.json"))


# -- kill -9 ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_couriers_that_are_killed_lose_no_instance_and_double_no_message(
    tmp_path: Path, post: MailCatcher
) -> None:
    """Eight parties of five messages each; the courier is killed five times on the way."""
    house = House(tmp_path, runs=in_process.run)
    house.well("connection", "add", "office", post.uri, "from=Office <office@example.org>")
    house.write("invitation.route.yaml", INVITATION)
    house.well("route", "save", house.path("invitation.route.yaml"))
    shutil.copy(PARTIES, house.folder / "party.bpmn")
    house.write("party.yaml", PARTY)
    house.well("process", "publish", house.path("party.bpmn"))
    parties = [f"party-{number}" for number in range(8)]
    guests = json.dumps({"guests": ["Anna", "Ben", "Чарли"], "tables": ["first", "last"]})
    for party in parties:
        house.well("process", "start", "party", "--id", party, "--data", guests)
    chance = Random(9)
    for _ in range(5):
        with house.courier() as courier, suppress(subprocess.TimeoutExpired):
            courier.wait(chance.uniform(0.5, 1.2))
            raise AssertionError(f"the courier ended by itself: {courier.returncode}")
        assert courier.returncode == -signal.SIGKILL
    with house.courier() as courier:
        ended = [shown_once(house, courier, party, is_delivered) for party in parties]

    for each in ended:
        assert Counter(mail["element"] for mail in each["mails"]) == {
            "Activity_invite": 3,
            "Event_table_told": 2,
        }
    entries = [mail["entry"] for each in ended for mail in each["mails"]]
    assert len(set(entries)) == len(parties) * 5
    assert len(house.well("outbox", "list", "--limit", "1000").out.splitlines()) == len(entries)
    mails = mails_of(post)
    about = {mail["Message-ID"]: mail["Subject"] for mail in mails}
    assert sorted(about.values()) == sorted(
        f"{party}: {name}"
        for party in parties
        for name in ("Anna", "Ben", "Чарли", "table first", "table last")
    )
    # Whoever is killed between the server's answer and writing it down does not know it; such a message is sent once more as itself.
    assert len(mails) - len(about) <= 5
