"""The catcher behind TLS: programs check its certificate as they would anywhere; other implementations talk to it."""

import asyncio
import smtplib
import socket
import ssl
import tempfile
from pathlib import Path

import pytest
import uvloop

from eilbote import DeliveryError, Draft, Mailer, Receipt, Security, TLSError, TlsPolicy, send_sync
from eilbote.testing import Catcher, Fault, catching, hang_up, refuse

DRAFT = Draft(from_="a@example.org", to="b@example.org", subject="Hi", text="Hello")
MODES = ["starttls", "tls"]


async def send(mailer: Mailer) -> Receipt:
    return await mailer.send(DRAFT)


@pytest.mark.asyncio
@pytest.mark.parametrize("mode", MODES)
async def test_the_uri_works_as_it_is(mode: str) -> None:
    async with Catcher(tls=mode) as catcher, Mailer(catcher.uri) as mailer:
        receipt = await send(mailer)
        message = await catcher.next()

    assert receipt.ok
    assert receipt.tls_version == message.tls_version
    assert message.tls_version.startswith("TLSv1.")
    assert message.remarks == ()


@pytest.mark.parametrize("mode", ["none", *MODES])
def test_uvloop_makes_no_difference(mode: str) -> None:
    """Its transports are not derived from asyncio's, and it reads at other moments."""

    async def there_and_back() -> str:
        async with Catcher(tls=mode) as catcher, Mailer(catcher.uri) as mailer:
            await send(mailer)
            return (await catcher.next()).tls_version

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(there_and_back()) == ("" if mode == "none" else "TLSv1.3")


@pytest.mark.parametrize("mode", MODES)
def test_so_does_the_connection_with_more_settings(mode: str) -> None:
    with catching(tls=mode, users={"anna": "secret"}) as catcher:
        connection = catcher.connection(user="anna", password="secret")
        send_sync(DRAFT, connection)

        assert connection.security == Security(mode)
        assert connection.tls.ca_file == catcher.ca_file
        assert catcher.next().user == "anna"


@pytest.mark.parametrize("mode", MODES)
def test_whoever_does_not_trust_the_authority_does_not_send(mode: str) -> None:
    with catching(tls=mode) as catcher:
        with pytest.raises(TLSError):
            send_sync(DRAFT, catcher.connection(tls=TlsPolicy()))
        assert catcher.messages == ()
        send_sync(DRAFT, catcher.connection(tls=TlsPolicy(verify=False)))
        assert catcher.next().subject == "Hi"


def test_the_name_in_the_certificate_is_checked() -> None:
    with catching(tls="tls") as catcher:
        policy = TlsPolicy(ca_file=catcher.ca_file, server_name="mail.example.org")
        with pytest.raises(TLSError):
            send_sync(DRAFT, catcher.connection(tls=policy))
        named = TlsPolicy(ca_file=catcher.ca_file, server_name="localhost")
        assert send_sync(DRAFT, catcher.connection(tls=named)).ok


def test_a_failed_handshake_stands_in_the_dialogue() -> None:
    with catching(tls="starttls") as catcher:
        with pytest.raises(TLSError):
            send_sync(DRAFT, catcher.connection(tls=TlsPolicy()))
        with pytest.raises(TimeoutError, match="TLS handshake failed"):
            catcher.next(within=1)


def test_a_client_in_clear_is_sent_away() -> None:
    with catching(tls="starttls", users={"anna": "secret"}) as catcher:
        with smtplib.SMTP("127.0.0.1", catcher.port) as client:
            assert client.ehlo()[0] == 250
            assert client.has_extn("starttls")
            assert not client.has_extn("auth")
            assert client.docmd("MAIL", "FROM:<a@example.org>")[0] == 530
            assert client.docmd("AUTH", "PLAIN AGFubmEAc2VjcmV0")[0] == 538
        assert "c2VjcmV0" not in "\n".join(catcher.dialogue)


def test_the_standard_library_agrees() -> None:
    with catching(tls="starttls") as catcher:
        context = ssl.create_default_context(cafile=catcher.ca_file)
        with smtplib.SMTP("localhost", catcher.port) as client:
            client.starttls(context=context)
            client.sendmail("a@example.org", ["b@example.org"], "Subject: one\r\n\r\n")
        assert catcher.next().tls_version
        assert "S: [TLSv1.3 from here on]" in catcher.dialogue
    with catching(tls="tls") as catcher:
        context = ssl.create_default_context(cafile=catcher.ca_file)
        with smtplib.SMTP_SSL("127.0.0.1", catcher.port, context=context) as client:
            client.sendmail("a@example.org", ["b@example.org"], "Subject: two\r\n\r\n")
        assert catcher.next().subject == "two"


def test_what_was_said_in_clear_does_not_count_behind_the_handshake() -> None:
    with catching(tls="starttls") as catcher:
        context = ssl.create_default_context(cafile=catcher.ca_file)
        with smtplib.SMTP("localhost", catcher.port) as client:
            client.starttls(context=context)
            assert client.docmd("MAIL", "FROM:<a@example.org>")[0] == 503
            assert client.docmd("STARTTLS")[0] == 503


def test_commands_behind_starttls_in_clear_end_the_session() -> None:
    """Somebody in between puts RSET behind STARTTLS, to have it read as if it had come encrypted."""
    with (
        catching(tls="starttls") as catcher,
        socket.create_connection(("127.0.0.1", catcher.port), timeout=5) as raw,
        raw.makefile("rb") as replies,
    ):
        raw.sendall(b"EHLO x\r\nSTARTTLS\r\nRSET\r\n")
        said = replies.read()

    assert b"\r\n503 " in said
    assert b"\r\n220 " not in said


@pytest.mark.parametrize("fault", [refuse("starttls", "454 4.7.0 Not now"), hang_up("starttls")])
def test_starttls_goes_wrong_on_purpose(fault: Fault) -> None:
    with catching(tls="starttls", faults=[fault]) as catcher:
        with pytest.raises(DeliveryError) as caught:
            send_sync(DRAFT, catcher.uri)
        assert caught.value.stage == "starttls"
        assert not any("MAIL" in line for line in catcher.dialogue)


@pytest.mark.asyncio
@pytest.mark.parametrize("mode", MODES)
async def test_the_files_go_with_the_catcher(mode: str) -> None:
    async with Catcher(tls=mode) as catcher:
        directory = Path(catcher.ca_file or "").parent
        assert directory.stat().st_mode & 0o077 == 0
        assert (directory / "server.key").stat().st_mode & 0o077 == 0
    assert not directory.exists()
    assert catcher.ca_file is None


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory for temporary files that nobody else writes to."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def directories_in(temporary: Path) -> list[Path]:
    return list(temporary.iterdir())


@pytest.mark.asyncio
async def test_the_files_go_when_the_test_fails(temporary: Path) -> None:
    async def failing() -> None:
        async with Catcher(tls="tls"):
            assert len(directories_in(temporary)) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()
    assert directories_in(temporary) == []


@pytest.mark.asyncio
@pytest.mark.parametrize("port,error", [("taken", OSError), (70_000, OverflowError)])
async def test_the_files_go_when_the_port_cannot_be_had(
    temporary: Path, port: int | str, error: type[Exception]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        wanted = other.getsockname()[1] if isinstance(port, str) else port
        catcher = Catcher(port=wanted, tls="tls")
        with pytest.raises(error):
            await catcher.__aenter__()
    assert directories_in(temporary) == []
    assert catcher.ca_file is None


@pytest.mark.asyncio
async def test_the_files_go_when_no_certificate_can_be_made(temporary: Path) -> None:
    with pytest.raises(ValueError, match="DNSName"):
        await Catcher(host="bücher.example", tls="tls").__aenter__()
    assert directories_in(temporary) == []


@pytest.mark.parametrize("mode", MODES)
def test_the_files_go_with_a_catcher_in_a_thread(temporary: Path, mode: str) -> None:
    with catching(tls=mode):
        assert len(directories_in(temporary)) == 1
    assert directories_in(temporary) == []


@pytest.mark.asyncio
async def test_leaving_in_the_middle_of_a_handshake_leaves_nothing_behind() -> None:
    async with Catcher(tls="starttls") as catcher:
        reader, writer = await asyncio.open_connection("127.0.0.1", catcher.port)
        writer.write(b"EHLO x\r\nSTARTTLS\r\n")
        await reader.readuntil(b"220 2.0.0")
    writer.close()


def test_a_mode_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="ssl"):
        Catcher(tls="ssl")


def test_in_clear_there_is_no_authority() -> None:
    with catching() as catcher:
        assert catcher.ca_file is None
        assert "ca=" not in catcher.uri
