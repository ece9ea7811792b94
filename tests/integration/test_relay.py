"""The relay over real sockets: what is offered, who is let in, and what 250 means."""

import asyncio
import base64
import smtplib
import ssl
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from tests.integration.relay_scene import PASSWORD, WITHIN, relay

from eilbote import OutboxUnavailableError
from eilbote.accounts.organization import Quota
from eilbote.model.envelope import Notify, Return
from eilbote.outbox.entry import Acceptance, NewEntry
from eilbote.outbox.frozen import checksum, thaw
from eilbote.relay.relay_options import RelayOptions
from eilbote.testing import MemoryOutbox
from eilbote.testing.own_certificate import make_certificate

HEADER = (
    b"From: Anna <a@example.org>\r\nTo: max@example.com\r\nSubject: Order\r\n"
    b"Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"
)
OCTETS = HEADER + b"\r\nHello\r\n"


@pytest.mark.asyncio
async def test_what_is_said_250_to_is_in_the_outbox_as_it_came() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        assert (await dialogue.sign_in()).startswith("235 ")
        await dialogue.begin("max@example.com", "eve@example.net")
        reply = await dialogue.content(HEADER + b"\r\n..dot\r\n")
        assert reply.startswith("250 2.0.0 Accepted as ")
        octets = await house.octets(reply)
        trace, _, rest = octets.partition(b"From: Anna")
        assert b"From: Anna" + rest == HEADER + b"\r\n.dot\r\n"
        assert trace.startswith(
            b"Received: from client.example.org ([127.0.0.1])\r\n\tby relay.example.org with ESMTPA id "
        )
        entry = (await house.eilbote.history(house.entry(reply))).entry
        assert entry.organization == "acme"
        assert entry.author == "relay:printer"
        assert [one.address for one in entry.recipients] == ["max@example.com", "eve@example.net"]
        assert (await dialogue.say("QUIT")).startswith("221 ")


@pytest.mark.asyncio
async def test_files_that_travel_along_are_counted() -> None:
    part = b"--x\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\n1\r\n"
    body = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + 2 * part + b"--x--\r\n"
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        for octets in (HEADER + body, HEADER + b"\r\nHello\r\n"):
            await dialogue.begin()
            assert (await dialogue.content(octets)).startswith("250 ")
        found = await house.eilbote.entries()
        assert sorted(each.attachments for each in found) == [0, 2]


@pytest.mark.asyncio
async def test_one_session_brings_many_messages() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        for number in range(30):
            await dialogue.begin()
            mine = OCTETS.replace(b"<1@", b"<%d@" % number)
            assert (await dialogue.content(mine)).startswith("250 ")
        await dialogue.close()
        assert len(await house.eilbote.entries()) == 30


@pytest.mark.asyncio
async def test_nothing_is_offered_that_cannot_be_kept() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        assert (await dialogue.say("EHLO x")).splitlines() == [
            "250-relay.example.org",
            "250-PIPELINING",
            "250-SIZE 67108864",
            "250-8BITMIME",
            "250-SMTPUTF8",
            "250-DSN",
            "250-ENHANCEDSTATUSCODES",
            "250 AUTH PLAIN LOGIN",
        ]
        await dialogue.close()


@pytest.mark.asyncio
async def test_a_pipelined_group_is_answered_in_order() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        dialogue.send(
            b"MAIL FROM:<a@example.org>\r\nRCPT TO:<x@example.com>\r\nRCPT TO:<no address>\r\nDATA\r\n"
        )
        assert [(await dialogue.reply())[:3] for _ in range(4)] == ["250", "250", "501", "354"]
        dialogue.send(OCTETS + b".\r\nNOOP\r\n")
        assert (await dialogue.reply()).startswith("250 2.0.0 Accepted")
        assert (await dialogue.reply()).startswith("250 ")
        await dialogue.close()


@pytest.mark.asyncio
async def test_old_programs_put_a_blank_behind_the_colon() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        assert (await dialogue.say("MAIL FROM: <a@example.org>")).startswith("250 ")
        assert (await dialogue.say("rcpt to: <max@example.com>")).startswith("250 ")
        await dialogue.close()


# -- who is let in ---------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_nobody_sends_without_signing_in() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.say("EHLO x")
        assert (await dialogue.say("MAIL FROM:<a@example.org>")).startswith("530 5.7.0")
        await dialogue.close()


@pytest.mark.asyncio
async def test_login_asks_for_name_and_password() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.say("EHLO x")
        assert await dialogue.say("AUTH LOGIN") == "334 VXNlcm5hbWU6"
        assert await dialogue.say(base64.b64encode(b"host")) == "334 UGFzc3dvcmQ6"
        assert (await dialogue.say(base64.b64encode(PASSWORD.encode()))).startswith("235 ")
        assert (await dialogue.say("AUTH LOGIN")).startswith("503 ")
        name, origin = house.doors.asked[0]
        assert (name, origin.door, origin.address, origin.agent) == ("host", "relay", "127.0.0.1", "x")
        await dialogue.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "said, reply",
    [
        (["AUTH"], "504 "),
        (["AUTH CRAM-MD5"], "504 "),
        (["AUTH PLAIN !!!"], "501 "),
        (["AUTH PLAIN", "*"], "501 "),
        (["AUTH LOGIN", "=", "%%"], "501 "),
        (["AUTH PLAIN AGEAYg=="], "535 5.7.8 User name or password is wrong"),
        (
            ["AUTH PLAIN " + base64.b64encode(f"\0reader\0{PASSWORD}".encode()).decode()],
            "535 5.7.8 This user",
        ),
    ],
)
async def test_whoever_cannot_sign_in_hears_why(said: list[str], reply: str) -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.say("EHLO x")
        last = ""
        for line in said:
            last = await dialogue.say(line)
        assert last.startswith(reply)
        assert (await dialogue.say("MAIL FROM:<a@example.org>")).startswith("530 ")
        await dialogue.close()


@pytest.mark.asyncio
async def test_nobody_writes_in_a_name_that_is_not_theirs() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.sign_in("printer")
        await dialogue.begin(sender="chief@example.com")
        assert (await dialogue.content(OCTETS)).startswith(
            "550 5.7.1 reverse_path: chief@example.com may not send"
        )
        await dialogue.begin()
        other = OCTETS.replace(b"a@example.org", b"chief@example.com")
        assert (await dialogue.content(other)).startswith("550 5.7.1 from: chief@example.com may not send")
        await dialogue.close()
        assert await house.eilbote.entries() == []


@pytest.mark.asyncio
async def test_the_key_may_stand_in_the_file_of_the_certificate(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, ("127.0.0.1",), now=datetime.now(UTC))
    both = tmp_path / "both.pem"
    both.write_bytes(made.chain.read_bytes() + made.key.read_bytes())
    trusted = ssl.create_default_context(cafile=str(made.ca_file))
    async with relay(RelayOptions(host_name="relay.example.org", certificate=both)) as house:

        def begin_tls() -> int:
            with smtplib.SMTP("127.0.0.1", house.port, timeout=10) as client:
                return client.starttls(context=trusted)[0]

        assert await asyncio.to_thread(begin_tls) == 220


@pytest.mark.asyncio
@pytest.mark.parametrize("implicit", [False, True])
async def test_the_standard_library_sends_under_tls(tmp_path: Path, implicit: bool) -> None:
    options = RelayOptions(host_name="relay.example.org", implicit_tls=implicit)
    message = EmailMessage()
    message["From"], message["To"], message["Bcc"] = "a@example.org", "max@example.com", "eve@example.net"
    message["Subject"] = "Grüße"
    message.set_content("Übermorgen\n.\nEnde\n")
    async with relay(options, certificate_in=tmp_path) as house:
        assert house.certificate is not None
        trusted = ssl.create_default_context(cafile=str(house.certificate.ca_file))

        def send() -> None:
            made = (
                smtplib.SMTP_SSL("127.0.0.1", house.port, context=trusted, timeout=10)
                if implicit
                else smtplib.SMTP("127.0.0.1", house.port, timeout=10)
            )
            with made as client:
                if not implicit:
                    client.starttls(context=trusted)
                client.ehlo()
                # its login() takes passwords in ASCII only
                client.docmd("AUTH", "PLAIN " + base64.b64encode(f"\0printer\0{PASSWORD}".encode()).decode())
                client.send_message(message)

        await asyncio.to_thread(send)
        (entry,) = await house.eilbote.entries()
        assert {one.address for one in entry.recipients} == {"max@example.com", "eve@example.net"}
        octets = (await house.eilbote.message(entry.id)).octets()
        assert b"eve@example.net" not in octets
        assert b" with ESMTPSA id " in octets
        assert entry.subject == "Grüße"


@pytest.mark.asyncio
async def test_passwords_are_not_taken_in_clear_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eilbote.relay.session.is_loopback", lambda _host: False)
    async with relay(certificate_in=tmp_path) as house:
        dialogue = await house.dial()
        offered = await dialogue.say("EHLO x")
        assert "STARTTLS" in offered
        assert "AUTH" not in offered
        assert (await dialogue.say("AUTH PLAIN AGEAYg==")).startswith("538 5.7.11")
        assert house.doors.asked == []
        await dialogue.close()


# -- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "line, reply",
    [
        ("MAIL FROM:<a@example.org> SIZE=999999999", "552 5.3.4"),
        ("MAIL FROM:<a@example.org> SIZE=-1", "501 "),
        ("MAIL FROM:<a@example.org> BODY=BINARYMIME", "501 "),
        ("MAIL FROM:<a@example.org> XYZ=1", "555 "),
        ("MAIL FROM:<a@example.org> SIZE=1 SIZE=2", "501 "),
        ("MAIL FROM:a@example.org", "501 "),
        ("MAIL FROM:<a@b@c>", "553 "),
        ("MAIL FROM:<jörg@example.org>", "553 5.6.7"),
        ("MAIL FROM:<a@example.org> ENVID=" + "x" * 101, "501 "),
        ("MAIL FROM:<a@example.org> RET=ALL", "501 "),
        ("MAIL", "501 "),
        ("RCPT TO:<a@example.org>", "503 "),
        ("DATA", "503 "),
        ("BDAT 5 LAST", "500 "),
    ],
)
async def test_what_cannot_be_said_is_refused(line: str, reply: str) -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        assert (await dialogue.say(line)).startswith(reply)
        await dialogue.close()


@pytest.mark.asyncio
async def test_a_message_that_is_too_large_is_refused_at_its_end_and_the_session_goes_on() -> None:
    async with relay(RelayOptions(max_size=10_000)) as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        await dialogue.begin()
        assert (await dialogue.content(OCTETS + b"x" * 70 + b"\r\n" + b"y\r\n" * 5000)).startswith(
            "552 5.3.4"
        )
        await dialogue.begin()
        assert (await dialogue.content(OCTETS)).startswith("250 ")
        await dialogue.close()
        assert len(await house.eilbote.entries()) == 1


@pytest.mark.asyncio
async def test_of_too_many_recipients_the_rest_comes_again() -> None:
    async with relay(RelayOptions(max_recipients=1000)) as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        await dialogue.say("MAIL FROM:<a@example.org>")
        dialogue.send(b"".join(b"RCPT TO:<u%d@example.com>\r\n" % number for number in range(1010)))
        replies = [await dialogue.reply() for _ in range(1010)]
        assert [reply[:9] for reply in replies] == ["250 2.1.5"] * 1000 + ["452 4.5.3"] * 10
        reply = await dialogue.content(OCTETS)
        entry = (await house.eilbote.history(house.entry(reply))).entry
        assert len(entry.recipients) == 1000
        await dialogue.close()


@pytest.mark.asyncio
async def test_a_message_that_runs_in_a_circle_is_stopped() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        await dialogue.begin()
        passed = b"Received: from a by b; Sat, 21 Nov 2026 12:00:00 +0000\r\n" * 31
        assert (await dialogue.content(passed + OCTETS)).startswith("554 5.4.6")
        await dialogue.close()


# -- what is passed on -----------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_wishes_for_notifications_are_passed_on() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        assert (await dialogue.say("MAIL FROM:<a@example.org> RET=HDRS ENVID=QQ+2B1")).startswith("250 ")
        said = await dialogue.say("RCPT TO:<x@example.com> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x@example.com")
        assert said.startswith("250 ")
        assert (await dialogue.say("RCPT TO:<y@example.com> NOTIFY=SUCCESS,NEVER")).startswith("501 ")
        octets = await house.eilbote.store.frozen(house.entry(await dialogue.content(OCTETS)))
        dsn = thaw(octets, checksum(octets)).dsn
        assert dsn is not None
        assert dsn.notify == {Notify.SUCCESS, Notify.DELAY}
        assert (dsn.ret, dsn.envelope_id) == (Return.HEADERS, "QQ+1")
        await dialogue.close()


@pytest.mark.asyncio
async def test_utf8_in_addresses_is_taken_when_it_was_said() -> None:
    async with relay() as house:
        dialogue = await house.dial()
        await dialogue.sign_in("host")
        assert (await dialogue.say("MAIL FROM:<jörg@example.org> SMTPUTF8 BODY=8BITMIME")).startswith("250 ")
        assert (await dialogue.say("RCPT TO:<用户@example.com>")).startswith("250 ")
        reply = await dialogue.content("From: jörg@example.org\r\n\r\nGrüße\r\n".encode())
        assert b" with UTF8SMTPA id " in await house.octets(reply)
        await dialogue.close()


# -- what 250 means --------------------------------------------------------------------------------------------


class FullOutbox(MemoryOutbox):
    """An outbox that takes nothing until it is told to."""

    is_full = True

    async def accept(self, entries: Sequence[NewEntry]) -> list[Acceptance]:
        if self.is_full:
            raise OutboxUnavailableError("the disk is full", remedy="Make room")
        return await super().accept(entries)


@pytest.mark.asyncio
async def test_while_nothing_can_be_stored_clients_are_told_to_come_again() -> None:
    store = FullOutbox()
    async with relay(store=store) as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        await dialogue.begin()
        assert (await dialogue.content(OCTETS)).startswith("451 4.3.1 the disk is full")
        store.is_full = False
        await dialogue.begin()
        assert (await dialogue.content(OCTETS)).startswith("250 ")
        await dialogue.close()


@pytest.mark.asyncio
async def test_who_has_handed_in_enough_comes_again_later() -> None:
    async with relay() as house:
        await house.eilbote.accounts.organizations.create("acme", quota=Quota(messages_per_hour=2))
        dialogue = await house.dial()
        await dialogue.sign_in()
        for number in range(2):
            await dialogue.begin()
            assert (await dialogue.content(OCTETS + b"%d\r\n" % number)).startswith("250 ")
        await dialogue.begin()
        assert (await dialogue.content(OCTETS)).startswith("452 4.2.1 ")
        assert len(await house.eilbote.entries()) == 2
        host = await house.dial()  # whom no quota concerns
        await host.sign_in("host")
        await host.begin()
        assert (await host.content(OCTETS)).startswith("250 ")


@pytest.mark.asyncio
async def test_what_a_client_sends_again_after_a_lost_250_is_accepted_once() -> None:
    async with relay() as house:
        replies: list[str] = []
        for _ in range(2):
            dialogue = await house.dial()
            await dialogue.sign_in()
            await dialogue.begin()
            replies.append(await dialogue.content(OCTETS))
            await dialogue.close()
        assert replies[1] == f"{replies[0]}, as before"
        dialogue = await house.dial()
        await dialogue.sign_in()
        for _ in range(2):  # nobody can tell these from two that are meant
            await dialogue.begin()
            assert "as before" not in await dialogue.content(b"From: a@example.org\r\n\r\nPaper jam\r\n")
        await dialogue.close()
        assert len(await house.eilbote.entries()) == 3


class SlowOutbox(MemoryOutbox):
    """An outbox that takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.accepted = asyncio.Event()

    async def accept(self, entries: Sequence[NewEntry]) -> list[Acceptance]:
        self.asked.set()
        await self.may_go_on.wait()
        accepted = await super().accept(entries)
        self.accepted.set()
        return accepted


@pytest.mark.asyncio
async def test_a_message_is_stored_to_its_end_when_its_client_hangs_up() -> None:
    store = SlowOutbox()
    async with relay(store=store) as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        await dialogue.begin()
        await dialogue.say("DATA")
        dialogue.send(OCTETS + b".\r\n")
        await store.asked.wait()
        await dialogue.close()
        store.may_go_on.set()
        async with asyncio.timeout(WITHIN):
            await store.accepted.wait()
        assert len(await house.eilbote.entries()) == 1


@pytest.mark.asyncio
async def test_large_content_is_kept_apart_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A machine's folder for temporary files is small, or in memory; what comes has its place on the disk for mail.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    body = b"".join(b"%09d " % number * 6 + b"\r\n" for number in range(20_000))
    async with relay(data_dir=tmp_path) as house:
        dialogue = await house.dial()
        await dialogue.sign_in()
        await dialogue.begin()
        reply = await dialogue.content(HEADER + b"\r\n" + body)
        assert (await house.octets(reply)).endswith(HEADER + b"\r\n" + body)
        await dialogue.close()


# -- returned mail ---------------------------------------------------------------------------------------------


@pytest.mark.asyncio
async def test_returned_mail_is_taken_from_everybody_for_our_own_addresses() -> None:
    heard: list[tuple[bytes, Sequence[str]]] = []

    async def hear(octets: bytes, to: Sequence[str]) -> None:
        heard.append((octets, to))

    options = RelayOptions(bounces="bounces@mail.example.org", max_bounce_size=1000)
    async with relay(options, bounced=hear) as house:
        dialogue = await house.dial()
        await dialogue.say("EHLO mx.example.com")
        assert (await dialogue.say("MAIL FROM:<>")).startswith("250 ")
        assert (await dialogue.say("RCPT TO:<somebody@example.com>")).startswith("530 ")
        assert (await dialogue.say("RCPT TO:<bounces+x@example.com>")).startswith("530 ")
        assert (await dialogue.say("RCPT TO:<Bounces+abc.DEF-1@MAIL.example.org>")).startswith("250 ")
        assert (await dialogue.content(b"From: x\r\n\r\nundeliverable\r\n")).startswith("250 ")
        await dialogue.begin("bounces@mail.example.org", sender="x@example.com")
        assert (await dialogue.content(b"From: x\r\n\r\n" + b"y\r\n" * 500)).startswith("552 ")
        assert heard == [(b"From: x\r\n\r\nundeliverable\r\n", ("Bounces+abc.DEF-1@MAIL.example.org",))]
        assert await house.eilbote.entries() == []
