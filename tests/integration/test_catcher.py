"""The catcher on a real port; other implementations talk to it."""

import asyncio
import smtplib

import pytest

from eilbote.testing import Catcher, catching, refuse


def send(port: int, subject: str = "hi", to: str = "b@y.example") -> None:
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("a@x.example", [to], f"Subject: {subject}\r\n\r\ntext\r\n")


@pytest.mark.asyncio
async def test_next_gives_each_message_once_in_order() -> None:
    async with Catcher() as catcher:
        assert catcher.uri == f"smtp://127.0.0.1:{catcher.port}"
        for subject in ("one", "two"):
            await asyncio.to_thread(send, catcher.port, subject)
        assert [(await catcher.next()).subject, (await catcher.next()).subject] == ["one", "two"]
        assert [message.subject for message in catcher.messages] == ["one", "two"]
        assert catcher.connections == 2
        catcher.clear()
        assert catcher.messages == ()
        with pytest.raises(TimeoutError, match="nobody connected"):
            await catcher.next(within=0.001)


@pytest.mark.asyncio
async def test_leaving_ends_conversations_that_clients_have_left_open() -> None:
    async with Catcher() as catcher:
        reader, writer = await asyncio.open_connection("127.0.0.1", catcher.port)
        assert (await reader.readline()).startswith(b"220 ")
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    writer.close()


@pytest.mark.asyncio
async def test_two_cannot_have_one_port() -> None:
    async with Catcher() as catcher:
        with pytest.raises(OSError, match="in use"):
            async with Catcher(port=catcher.port):
                pass


def test_unknown_keywords_are_named() -> None:
    with pytest.raises(ValueError, match="TELEPATHY"):
        Catcher(without=["telepathy"])


def test_without_leaves_keywords_out() -> None:
    with catching(without=["smtputf8"]) as catcher, smtplib.SMTP("127.0.0.1", catcher.port) as client:
        client.ehlo()
        assert not client.has_extn("smtputf8")
        assert client.has_extn("pipelining")


def test_catching_works_without_asyncio() -> None:
    with catching() as catcher:
        catcher.add_fault(refuse("rcpt", "550 5.1.1 Unknown", only="max@*"))
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(catcher.port, to="max@y.example")
        catcher.clear_faults()
        send(catcher.port, to="max@y.example")
        assert catcher.next().forward_paths == ("max@y.example",)
        assert len(catcher.messages) == 1
        assert "S: 550 5.1.1 Unknown" in catcher.dialogue


def test_the_dialogue_says_why_nothing_came() -> None:
    with catching(faults=[refuse("mail", "553 5.7.1 Not you")]) as catcher:
        with pytest.raises(smtplib.SMTPSenderRefused):
            send(catcher.port)
        with pytest.raises(TimeoutError, match=r"553 5\.7\.1 Not you"):
            catcher.next(within=0.001)


def test_signing_in_is_seen_in_the_message() -> None:
    with catching(users={"anna": "secret"}) as catcher:
        with smtplib.SMTP("127.0.0.1", catcher.port) as client:
            client.login("anna", "secret")
            client.sendmail("a@x.example", ["b@y.example"], "Subject: hi\r\n\r\n")
        assert catcher.next().user == "anna"
