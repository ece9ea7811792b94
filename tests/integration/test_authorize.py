"""The whole way, with other people's servers: a person consents, and mail flows on tokens that renew themselves.

The authorization server is oidc-provider, with refresh tokens that rotate and a family that is revoked when one is used twice.
Postfix takes mail from those whose token Dovecot has asked the authorization server about.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from tests.acceptance.program import Run, environment, run
from tests.integration.lab.authorization_server import DESKTOP, SCOPE, AuthorizationServer
from tests.integration.lab.certificates import Certificates
from tests.integration.lab.dovecot import DovecotSasl
from tests.integration.lab.postfix import Postfix

from eilbote import Draft, Eilbote

ANNA = "anna@lab.example"
COURIERS, MESSAGES = 3, 50
_ADDRESS = re.compile(r"https://\S+")

pytestmark = [pytest.mark.peer, pytest.mark.slow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An outbox, its provider, and its mail server."""

    data_dir: Path
    server: AuthorizationServer
    postfix: Postfix

    def run(self, *arguments: str, stdin: str = "") -> Run:
        return run(*arguments, "--data-dir", str(self.data_dir), stdin=stdin, **self.variables)

    @property
    def variables(self) -> dict[str, str]:
        return {"SSL_CERT_FILE": str(self.server.ca_file)}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "eilbote.cli", *arguments, "--data-dir", str(self.data_dir)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(**self.variables),
        )

    def renewals(self) -> list[int]:
        """Give the status of every answer to a request for another token."""
        return [answer.status for answer in self.server.answers() if answer.grant == "refresh_token"]


@pytest.fixture(scope="module")
def hourly_server(certificates: Certificates) -> Iterator[AuthorizationServer]:
    """Its tokens are valid for an hour, as those of the great providers are."""
    server = AuthorizationServer(certificates, seconds=3600)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def hourly_postfix(certificates: Certificates, hourly_server: AuthorizationServer) -> Iterator[Postfix]:
    sasl = DovecotSasl(hourly_server)
    postfix = Postfix(certificates, sasl)
    yield postfix
    postfix.stop()
    sasl.stop()


@pytest.fixture
def office(tmp_path: Path, hourly_server: AuthorizationServer, hourly_postfix: Postfix) -> Office:
    """An office whose connection a person has consented to, in a browser."""
    made = Office(data_dir=tmp_path / "data", server=hourly_server, postfix=hourly_postfix)
    authorize(made)
    return made


def authorize(office: Office, *options: str) -> str:
    """Run the command as a person does; gives what it said in the end."""
    port = office.postfix.starttls
    server = office.server
    running = office.start(
        *("connection", "authorize", "office", f"smtp://{port.host}:{port.port}", f"caFile={port.ca_file}"),
        *(
            "tlsOption=starttls",
            f"user={ANNA}",
            f"clientId={DESKTOP.client_id}",
            f"accessUrl={server.token_url}",
        ),
        *(f"scope=openid offline_access {SCOPE}", "--no-browser", *options),
        *(
            ("--device-url", server.device_url)
            if "--device" in options
            else ("--authorize-url", server.authorization_url)
        ),
    )
    assert running.stderr is not None
    said: list[str] = []
    for line in running.stderr:
        said.append(line)
        if (found := _ADDRESS.search(line)) is not None and ("user_code=" in line or "client_id=" in line):
            server.person(ANNA).agree(found[0] + ("" if "--device" in options else "&prompt=consent"))
            break
    out, rest = running.communicate(timeout=50)
    assert running.returncode == 0, "".join(said) + rest
    return out + rest


def queue(office: Office, recipient: str, count: int) -> None:
    """Hand messages to the outbox."""

    async def submit() -> None:
        drafts = [
            Draft(from_=ANNA, to=recipient, subject=f"Number {number}", text="x") for number in range(count)
        ]
        async with Eilbote(data_dir=office.data_dir) as eilbote:
            async for result in eilbote.submit_many(drafts, connections=("office",)):
                assert result.error is None

    asyncio.run(submit())


def revoke(office: Office) -> None:
    """Use the refresh token twice, as a thief beside the owner would."""

    async def stolen() -> str:
        async with Eilbote(data_dir=office.data_dir) as eilbote:
            kept = await eilbote.records.connections.find("", "office")
            assert kept is not None
            return kept.secrets["refresh_token"].reveal()

    trusted = ssl.create_default_context(cafile=str(office.server.ca_file))
    form = {
        "grant_type": "refresh_token",
        "refresh_token": asyncio.run(stolen()),
        "client_id": DESKTOP.client_id,
    }
    for status in (200, 400):
        answer = httpx2.post(office.server.token_url, data=form, verify=trusted, trust_env=False)
        assert answer.status_code == status


def test_consent_in_the_browser_then_mail(office: Office, recipient: str) -> None:
    tested = office.run("connection", "test", "office", "--json")
    assert tested.code == 0, tested.err
    assert tested.data["ok"]
    assert {"token", "auth"} <= {step["name"] for step in tested.data["steps"]}
    sent = office.run(
        "send", "--queue", "--connection", "office", "-f", ANNA, "-t", recipient, "-s", "Hello", "--text", "x"
    )
    assert sent.code == 0, sent.err
    assert office.run("courier", "--once").code == 0
    assert len(office.postfix.received(recipient)) == 1
    for mechanism in ("XOAUTH2", "OAUTHBEARER"):
        assert office.run("connection", "update", "office", f"mechanism={mechanism}").code == 0
        by_it = office.run("connection", "test", "office", "--dialogue", "--no-json")
        assert by_it.code == 0, by_it.err
        assert f"AUTH {mechanism} ***" in by_it.out + by_it.err
    before = len(office.renewals())
    refreshed = office.run("connection", "refresh", "office", "--json")
    assert refreshed.code == 0, refreshed.err
    assert refreshed.data["refreshed"]
    assert office.renewals()[before:] == [200]
    assert office.run("connection", "test", "office").code == 0


def test_consent_on_another_machine(
    tmp_path: Path, hourly_server: AuthorizationServer, hourly_postfix: Postfix
) -> None:
    made = Office(data_dir=tmp_path, server=hourly_server, postfix=hourly_postfix)
    assert "renew themselves" in authorize(made, "--device", "--no-json")
    assert made.run("connection", "test", "office").code == 0


def test_couriers_that_find_an_expired_token_renew_it_once(office: Office, recipient: str) -> None:
    """Two renewals at once would be two uses of one refresh token, and the end of the consent."""
    expired = office.run("connection", "update", "office", "expiryDate=1700000000000")
    assert expired.code == 0, expired.err
    accepted = COURIERS * MESSAGES
    queue(office, recipient, accepted)
    before = len(office.renewals())
    couriers = [office.start("courier", "--once") for _ in range(COURIERS)]
    readers = [threading.Thread(target=courier.communicate) for courier in couriers]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(timeout=50)
    assert [courier.returncode for courier in couriers] == [0] * COURIERS
    assert office.renewals()[before:] == [200]
    assert len(office.postfix.received(recipient, at_least=accepted)) == accepted
    again = office.run("connection", "test", "office")
    assert again.code == 0, again.err
    assert office.renewals()[before:] == [200], "the token that was fetched is everybody's"


def test_a_consent_that_was_revoked_keeps_the_mail_and_says_what_to_do(
    office: Office, recipient: str
) -> None:
    """Somebody uses the refresh token beside eilbote: the provider revokes what came of the consent."""
    office.run("connection", "update", "office", "expiryDate=1700000000000")
    revoke(office)
    queue(office, recipient, 3)
    delivered = office.run("courier", "--once")
    assert delivered.code != 0
    listed = office.run("outbox", "list", "--json")
    states = {json.loads(line)["state"] for line in listed.out.splitlines()}
    assert states <= {"queued", "deferred"}, listed.out
    shown = office.run("connection", "test", "office")
    assert shown.code == 5
    assert "consent" in shown.told
    authorize(office)
    office.run("connection", "resume", "office")
    assert office.run("courier", "--once").code == 0
    assert len(office.postfix.received(recipient, at_least=3)) == 3
