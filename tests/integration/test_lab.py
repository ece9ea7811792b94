"""The laboratory itself, checked without eilbote: what fails here is no fault of eilbote."""

from __future__ import annotations

import smtplib
from collections.abc import Callable

import pytest
from tests.integration.lab.aiosmtpd_server import AiosmtpdServer
from tests.integration.lab.dovecot import DovecotSubmission
from tests.integration.lab.endpoint import Endpoint
from tests.integration.lab.exim import Exim
from tests.integration.lab.mailbox import NotReceivedError
from tests.integration.lab.opensmtpd import OpenSmtpd
from tests.integration.lab.postfix import FEW_RECIPIENTS, SMALL_SIZE, Postfix
from tests.integration.lab.smtp_sink import SmtpSink
from tests.integration.lab.stdlib_client import MESSAGE, SENDER, extensions, open_session, send
from tests.integration.lab.tap import Speaker, Tap

# ── what the ports announce ─────────────────────────────────────────────────────────────────────────────────────


def test_postfix_announces_everything(postfix: Postfix) -> None:
    expected = {"PIPELINING", "SIZE", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN", "SMTPUTF8", "CHUNKING"}
    assert extensions(postfix.plain) >= expected
    assert extensions(postfix.starttls) >= expected | {"AUTH"}
    assert "AUTH" in extensions(postfix.plain_with_login)


@pytest.mark.parametrize(
    "port, missing",
    [
        ("plain", {"AUTH", "STARTTLS"}),
        ("starttls_anonymous", {"AUTH"}),
        ("without_chunking", {"CHUNKING"}),
        ("without_pipelining", {"PIPELINING"}),
        ("without_extensions", {"CHUNKING", "PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "DSN"}),
    ],
)
def test_postfix_ports_leave_out_what_they_say(postfix: Postfix, port: str, missing: set[str]) -> None:
    assert not extensions(getattr(postfix, port)) & missing


def test_the_others_announce_what_they_can(
    dovecot: DovecotSubmission, exim: Exim, opensmtpd: OpenSmtpd, aiosmtpd_server: AiosmtpdServer
) -> None:
    assert extensions(dovecot.starttls) >= {"AUTH", "CHUNKING", "PIPELINING", "8BITMIME"}
    assert extensions(exim.plain) >= {"CHUNKING", "PIPELINING", "DSN", "SMTPUTF8", "8BITMIME", "SIZE"}
    assert extensions(exim.tls) >= {"AUTH"}
    assert extensions(opensmtpd.plain) >= {"DSN", "SIZE", "8BITMIME"}
    assert not extensions(opensmtpd.plain) & {"PIPELINING", "CHUNKING", "SMTPUTF8"}
    assert extensions(aiosmtpd_server.starttls) >= {"AUTH", "SMTPUTF8"}
    assert not extensions(aiosmtpd_server.plain) & {"PIPELINING", "CHUNKING"}


# ── what is received ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("port", ["plain", "starttls", "starttls_anonymous", "tls", "tls_anonymous", "cyrus"])
def test_postfix_stores_the_octets_it_got(postfix: Postfix, recipient: str, port: str) -> None:
    send(getattr(postfix, port), recipient)
    assert postfix.received(recipient) == [MESSAGE]


@pytest.mark.parametrize("port", ["plain", "plain_with_login", "starttls", "starttls_anonymous", "tls"])
def test_exim_stores_the_octets_it_got(exim: Exim, recipient: str, port: str) -> None:
    send(getattr(exim, port), recipient)
    assert exim.received(recipient) == [MESSAGE]


@pytest.mark.parametrize("port", ["plain", "starttls", "tls"])
def test_aiosmtpd_keeps_the_octets_it_got(aiosmtpd_server: AiosmtpdServer, recipient: str, port: str) -> None:
    send(getattr(aiosmtpd_server, port), recipient)
    assert aiosmtpd_server.received(recipient) == [MESSAGE]


@pytest.mark.parametrize("port", ["starttls", "tls"])
def test_dovecot_hands_the_octets_to_postfix(
    dovecot: DovecotSubmission, postfix: Postfix, recipient: str, port: str
) -> None:
    send(getattr(dovecot, port), recipient)
    assert postfix.received(recipient) == [MESSAGE]


def test_opensmtpd_stores_all_but_bcc(opensmtpd: OpenSmtpd, recipient: str) -> None:
    send(opensmtpd.plain, recipient)
    assert opensmtpd.received(recipient) == [MESSAGE.replace(b"Bcc: kept@lab.example\r\n", b"")]


def test_several_recipients_get_one_each_and_nobody_gets_anothers(postfix: Postfix, recipient: str) -> None:
    other = f"other-{recipient}"
    with open_session(postfix.plain) as session:
        session.sendmail(SENDER, [recipient, other], MESSAGE)
    assert postfix.received(recipient) == [MESSAGE]
    assert postfix.received(other) == [MESSAGE]
    with pytest.raises(NotReceivedError, match="1 of 2"):
        postfix.received(recipient, at_least=2, within=0)


@pytest.mark.parametrize("server", ["postfix", "exim"])
def test_an_international_address_is_found_by_its_name(
    request: pytest.FixtureRequest, server: str, recipient: str
) -> None:
    peer = request.getfixturevalue(server)
    with open_session(peer.plain) as session:
        session.sendmail(SENDER, [f"größe-{recipient}"], MESSAGE, ["SMTPUTF8", "BODY=8BITMIME"])
    assert peer.received(f"größe-{recipient}") == [MESSAGE]


# ── where servers say no ────────────────────────────────────────────────────────────────────────────────────────


def test_postfix_refuses_recipients_by_name(postfix: Postfix, recipient: str) -> None:
    with open_session(postfix.plain) as session:
        session.mail(SENDER)
        codes = {
            name: session.rcpt(f"{name}@lab.example")[0]
            for name in ("refused", "greylisted", "overquota", "policy")
        }
        assert codes == {"refused": 550, "greylisted": 450, "overquota": 452, "policy": 554}
        assert session.rcpt("somebody@elsewhere.example")[0] == 554
        assert session.rcpt(recipient)[0] == 250


def test_exim_refuses_recipients_by_name(exim: Exim, recipient: str) -> None:
    with open_session(exim.plain) as session:
        session.mail(SENDER)
        assert session.rcpt("refused@lab.example")[0] == 550
        assert session.rcpt("greylisted@lab.example")[0] == 450
        assert session.rcpt(recipient)[0] == 250


def test_the_small_port_refuses_by_size(postfix: Postfix) -> None:
    with open_session(postfix.small) as session:
        assert session.esmtp_features["size"] == str(SMALL_SIZE)
        assert session.mail(SENDER, [f"SIZE={SMALL_SIZE + 1}"])[0] == 552


def test_few_recipients_are_taken_in_one_transaction(postfix: Postfix, recipient: str) -> None:
    with open_session(postfix.few_recipients) as session:
        session.mail(SENDER)
        codes = [session.rcpt(f"{number}-{recipient}")[0] for number in range(FEW_RECIPIENTS + 2)]
        assert codes == [250] * FEW_RECIPIENTS + [452] * 2


def test_postfix_refuses_a_bare_line_feed(postfix: Postfix, recipient: str) -> None:
    with open_session(postfix.plain) as session:
        session.mail(SENDER)
        session.rcpt(recipient)
        session.docmd("DATA")
        session.send(b"Subject: x\r\n\r\nbare\nline feed\r\n.\r\n")
        assert session.getreply()[0] == 550


def test_postfix_refuses_content_that_runs_ahead(postfix: Postfix, recipient: str) -> None:
    with open_session(postfix.plain) as session:
        session.mail(SENDER)
        session.rcpt(recipient)
        session.send(b"DATA\r\nSubject: x\r\n")
        assert session.getreply()[0] in {503, 554}
        session.close()


# ── smtp-sink ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_smtp_sink_captures_a_transaction(smtp_sink: Callable[..., SmtpSink]) -> None:
    sink = smtp_sink()
    with open_session(sink.plain) as session:
        session.sendmail(SENDER, ["a@lab.example", "b@lab.example"], MESSAGE, ["BODY=8BITMIME"])
    (capture,) = sink.captured()
    assert capture.mail == "<sender@lab.example> BODY=8BITMIME"
    assert capture.rcpt == ("<a@lab.example>", "<b@lab.example>")
    assert capture.content == MESSAGE


@pytest.mark.parametrize(
    "switches, error",
    [
        (("-f", "mail"), smtplib.SMTPSenderRefused),
        (("-r", "rcpt"), smtplib.SMTPRecipientsRefused),
        (("-f", "."), smtplib.SMTPDataError),
        (("-q", "data"), smtplib.SMTPServerDisconnected),
        (("-Q", "mail"), smtplib.SMTPSenderRefused),
        (("-q", "."), smtplib.SMTPServerDisconnected),
    ],
)
def test_smtp_sink_fails_where_it_is_told_to(
    smtp_sink: Callable[..., SmtpSink], switches: tuple[str, ...], error: type[Exception]
) -> None:
    sink = smtp_sink(*switches)
    with open_session(sink.plain) as session, pytest.raises(error):
        session.sendmail(SENDER, ["a@lab.example"], MESSAGE)


# ── the tap ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tap_counts_what_smtplib_waits_for(
    postfix: Postfix, recipient: str, tap: Callable[[Endpoint], Tap]
) -> None:
    line = tap(postfix.plain)
    with open_session(line.endpoint) as session:
        session.sendmail(SENDER, [recipient], MESSAGE)
    assert postfix.received(recipient) == [MESSAGE]
    # smtplib waits for everything: greeting, EHLO, MAIL, RCPT, DATA, and its content; then it says QUIT.
    assert [breath.split()[0].upper() for breath in line.breaths(Speaker.CLIENT)] == [
        b"EHLO", b"MAIL", b"RCPT", b"DATA", b"FROM:", b"QUIT",
    ]  # fmt: skip
    assert line.round_trips == 6


def test_a_tap_hears_one_breath_as_one(
    postfix: Postfix, recipient: str, tap: Callable[[Endpoint], Tap]
) -> None:
    line = tap(postfix.plain)
    with open_session(line.endpoint) as session:
        session.send(f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n")
        assert [session.getreply()[0] for _ in range(3)] == [250, 250, 354]
        session.send(MESSAGE.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        assert session.getreply()[0] == 250
    assert line.round_trips == 4
