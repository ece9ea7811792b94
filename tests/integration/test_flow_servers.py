"""Flows through real servers: both mail nodes, from the text of a flow to the maildir of Postfix, Exim, OpenSMTPD and Dovecot."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.integration.lab.accounts import USERS, Account
from tests.integration.lab.dovecot import DovecotSubmission
from tests.integration.lab.endpoint import Endpoint
from tests.integration.lab.exim import Exim
from tests.integration.lab.mailbox import Maildir
from tests.integration.lab.opensmtpd import OpenSmtpd
from tests.integration.lab.postfix import Postfix
from tests.integration.sending import SENDER, connection_to

from eilbote import Eilbote

pytestmark = pytest.mark.asyncio

TEXT = """
name: through-real-servers
nodes:
  - id: begin
    kind: start
    needs: [to, hidden]
  - id: order
    kind: send_smtp_email
    connection: office
    from: Orders <sender@lab.example>
    to: "{{ input.to }}"
    bcc: "{{ input.hidden }}"
    subject: "Grüße {{ input.number }}"
    content: <p>Order <b>{{ input.number }}</b> is ready.</p>
    priority: high
    attachments:
      - {kind: text, text: "{{ input.number }};ready", filename: order.csv}
      - {kind: base64, base64: "JVBERi0xLjcKJSVFT0YK", filename: order.pdf}
      - {kind: custom, text: "BEGIN:VCARD", media_type: text/vcard, filename: anna.vcf}
      - {kind: url, url: "data:image/png;base64,iVBORw0KGgo=", filename: logo.png}
    store_result: context
    store_as: mail
    stop_on_error: true
  - id: tell
    kind: email_notification
    to: "{{ input.to }}"
    subject: "Told: {{ context.mail.status }}"
    content: <p>Accepted by {{ context.mail.accepted | size }}.</p>
    store_result: context
    store_as: notice
    stop_on_error: true
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server, its port for this, and where its mail ends up."""

    endpoint: Endpoint
    account: Account | None
    mail: Maildir


@pytest.fixture(params=["postfix", "exim", "opensmtpd", "dovecot"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the laboratory's in turn, by login in TLS where it has that."""
    match request.param, request.getfixturevalue(request.param):
        case _, Postfix() as postfix:
            return Server(endpoint=postfix.starttls, account=USERS["ordinary"], mail=postfix)
        case _, Exim() as exim:
            return Server(endpoint=exim.tls, account=USERS["ordinary"], mail=exim)
        case _, OpenSmtpd() as opensmtpd:
            return Server(endpoint=opensmtpd.plain, account=None, mail=opensmtpd)
        case _, DovecotSubmission() as dovecot:
            behind: Postfix = request.getfixturevalue("postfix")
            return Server(endpoint=dovecot.tls, account=USERS["ordinary"], mail=behind)
    raise AssertionError(request.param)


async def test_both_nodes_reach_the_maildir(server: Server, tmp_path: Path, recipient: str) -> None:
    connection = connection_to(server.endpoint, server.account, default_from=SENDER)
    given = {"to": recipient, "hidden": f"hidden-{recipient}", "number": 4711}
    async with (
        Eilbote(data_dir=tmp_path, connections={"office": connection, "notification": connection}) as eilbote,
        eilbote.courier(),
    ):
        run = await eilbote.flows.run(TEXT, given, wait_seconds=40)

    assert run.status == "done", run.error
    mail, notice = run.context["mail"], run.context["notice"]
    assert isinstance(mail, dict)
    assert isinstance(notice, dict)
    assert (mail["status"], mail["accepted"], mail["undisclosed"]) == ("accepted", [recipient], 1)
    assert notice["status"] == "accepted"
    arrived = [
        email.message_from_bytes(octets, policy=email.policy.default)
        for octets in server.mail.received(recipient, at_least=2)
    ]
    assert sorted(str(message["Subject"]) for message in arrived) == ["Grüße 4711", "Told: accepted"]
    order = next(message for message in arrived if message["Message-ID"] == mail["messageId"])
    assert [part.get_filename() for part in order.iter_attachments()] == [
        "order.csv", "order.pdf", "anna.vcf", "logo.png",
    ]  # fmt: skip
    assert order["Bcc"] is None
    (hidden,) = server.mail.received(f"hidden-{recipient}")
    assert email.message_from_bytes(hidden)["Message-ID"] == mail["messageId"]
